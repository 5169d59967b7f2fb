import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DicomJson, DicomJsonElement } from '../../../src/dicom/json-model.ts';
import { fakeFile } from './fake-house.ts';
import { type FakeServer, fakeServers } from './serve-fakes.ts';

let server: FakeServer;

const servers = fakeServers();

async function serve(...options: Parameters<typeof servers>): Promise<FakeServer> {
  server = await servers(...options);
  return server;
}

const uids = (number: number) => ({ study: '1.2.3', series: '1.2.3.4', instance: `1.2.3.4.${number}` });

function body(...files: readonly (Buffer | { type: string; file: Buffer })[]): Buffer {
  const parts = files.map((file) => (Buffer.isBuffer(file) ? { type: 'application/dicom', file } : file));
  return Buffer.concat([
    ...parts.flatMap(({ type, file }) => [
      Buffer.from(`--edge\r\nContent-Type: ${type}\r\n\r\n`),
      file,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--edge--\r\n'),
  ]);
}

const contentType = 'multipart/related; type="application/dicom"; boundary=edge';

function post(
  sent: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  path = '/studies',
): Promise<Response> {
  return fetch(server.web + path, {
    method: 'POST',
    headers: { 'Content-Type': contentType, Accept: 'application/dicom+json', ...headers },
    body: sent,
    duplex: 'half',
  } as RequestInit);
}

function items(element: DicomJsonElement | undefined): DicomJson[] {
  return (element?.Value ?? []) as DicomJson[];
}

async function answer(response: Response) {
  const dataSet = (await response.json()) as DicomJson;
  const uidsOf = (tag: string) => items(dataSet[tag]).map((item) => item['00081155']?.Value?.[0]);
  return {
    dataSet,
    stored: uidsOf('00081199'),
    failed: uidsOf('00081198'),
    reasons: items(dataSet['00081198']).map((item) => item['00081197']?.Value?.[0]),
  };
}

describe('storing by STOW-RS', () => {
  it('stores each part byte for byte and answers 200 with where to find it', async () => {
    const { house, web } = await serve();
    const files = [1, 2, 3].map((number) => fakeFile(uids(number), Buffer.from('\r\n\r\n--edge-\r\n--edgy\r\n\0\r\n')));
    const response = await post(body(...files));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/dicom+json');
    expect(await response.json()).toEqual({
      '00081190': { vr: 'UR', Value: [`${web}/studies/1.2.3`] },
      '00081199': {
        vr: 'SQ',
        Value: [1, 2, 3].map((number) => ({
          '00081150': { vr: 'UI', Value: ['1.2.9'] },
          '00081155': { vr: 'UI', Value: [`1.2.3.4.${number}`] },
          '00081190': { vr: 'UR', Value: [`${web}/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.${number}`] },
        })),
      },
    });
    expect([...house.stored.values()].map(({ bytes }) => bytes)).toEqual(files);
    expect(house.sources[0]).toMatchObject({ door: 'stow', address: '127.0.0.1' });
  });

  it('answers the same again where the same is sent again', async () => {
    await serve();
    expect((await post(body(fakeFile(uids(1))))).status).toBe(200);
    const { stored, failed } = await answer(await post(body(fakeFile(uids(1)))));
    expect({ stored, failed }).toEqual({ stored: ['1.2.3.4.1'], failed: [] });
  });

  it.each([
    'multipart/related; type="application/dicom"; boundary="edge"',
    'multipart/related; type=application/dicom; boundary=edge',
    'Multipart/Related;boundary=edge;TYPE=application/dicom',
    'multipart/related; boundary=edge',
    'multipart/related; type="application/dicom"; boundary=edge; start="<1>"; charset=utf-8',
  ])('takes Content-Type %s', async (type) => {
    await serve();
    expect((await post(body(fakeFile(uids(1))), { 'Content-Type': type })).status).toBe(200);
  });

  it('takes a body that starts with a line break and ends in NULs', async () => {
    await serve();
    const sent = Buffer.concat([Buffer.from('\r\n'), body(fakeFile(uids(1))), Buffer.alloc(512)]);
    expect((await post(sent)).status).toBe(200);
  });

  it('takes a single instance as application/dicom', async () => {
    const { house } = await serve();
    const file = fakeFile(uids(1), Buffer.alloc(100_000, 7));
    expect((await post(file, { 'Content-Type': 'application/dicom' })).status).toBe(200);
    expect(house.stored.get('1.2.3.4.1')?.bytes.equals(file)).toBe(true);
  });

  it('answers 202 with reason and words where some are refused', async () => {
    await serve();
    const sent = body(
      fakeFile(uids(1)),
      fakeFile(uids(2), undefined, { refuse: 'attribute-missing' }),
      Buffer.from('no'),
    );
    const response = await post(sent);
    expect(response.status).toBe(202);
    const { stored, reasons, dataSet } = await answer(response);
    expect(stored).toEqual(['1.2.3.4.1']);
    expect(reasons).toEqual([0xa900, 0xc000]);
    expect(items(dataSet['00081198'])).toEqual([
      {
        '00000902': { vr: 'LO', Value: ['Refused (0010,0020).'] },
        '00081150': { vr: 'UI', Value: ['1.2.9'] },
        '00081155': { vr: 'UI', Value: ['1.2.3.4.2'] },
        '00081197': { vr: 'US', Value: [0xa900] },
        '00741048': { vr: 'SQ', Value: [{ '00720026': { vr: 'AT', Value: ['00100020'] } }] },
      },
      { '00000902': { vr: 'LO', Value: ['No DICOM at byte offset 0.'] }, '00081197': { vr: 'US', Value: [0xc000] } },
    ]);
  });

  it('answers 202 with the warning where one is stored with a warning', async () => {
    await serve();
    const response = await post(body(fakeFile(uids(1), undefined, { warn: true })));
    expect(response.status).toBe(202);
    const { dataSet } = await answer(response);
    expect(items(dataSet['00081199'])[0]).toMatchObject({
      '00081196': { vr: 'US', Value: [0xb007] },
      '00741048': { Value: [{ '00720026': { vr: 'AT', Value: ['00100020'] } }] },
    });
    expect(dataSet['00081198']).toBeUndefined();
  });

  it.each([
    ['duplicate-differs', 409, 0x0111],
    ['sop-class-unsupported', 409, 0x0122],
    ['transfer-syntax-unsupported', 409, 0xc122],
    ['malformed', 409, 0xc000],
    ['storage-full', 507, 0xa700],
    ['limit-exceeded', 413, 0xa700],
    ['unavailable', 503, 0xa700],
  ] as const)('answers %s of everything with %i', async (refuse, status, reason) => {
    await serve();
    const response = await post(body(fakeFile(uids(1), undefined, { refuse })));
    expect(response.status).toBe(status);
    const { reasons, dataSet } = await answer(response);
    expect(reasons).toEqual([reason]);
    expect(Object.keys(dataSet)).toEqual(['00081198']);
  });

  it('refuses instances of another study than that of the URL with A901', async () => {
    await serve();
    const response = await post(body(fakeFile(uids(1))), {}, '/studies/1.9');
    expect(response.status).toBe(409);
    expect((await answer(response)).reasons).toEqual([0xa901]);
    expect((await post(body(fakeFile(uids(1))), {}, '/studies/1.2.3')).status).toBe(200);
  });

  it('refuses a part of another type without harm to the others', async () => {
    await serve();
    const response = await post(body({ type: 'text/plain', file: Buffer.from('x') }, fakeFile(uids(1))));
    expect(response.status).toBe(202);
    const { stored, reasons } = await answer(response);
    expect({ stored, reasons }).toEqual({ stored: ['1.2.3.4.1'], reasons: [0xc000] });
  });

  it('takes in the next instance while those before are being committed, within a bound', async () => {
    const { house } = await serve({ limits: { maxFinishing: 4 } });
    house.state.finishDelayMs = 20;
    const response = await post(body(...Array.from({ length: 20 }, (_, number) => fakeFile(uids(number)))));
    expect((await answer(response)).stored).toHaveLength(20);
    expect(house.state.maxFinishing).toBeGreaterThan(1);
    expect(house.state.maxFinishing).toBeLessThanOrEqual(4);
  });

  it('acknowledges every instance of several clients at once', async () => {
    const { house } = await serve();
    house.state.finishDelayMs = 2;
    const responses = await Promise.all(
      [0, 1, 2, 3].map((client) =>
        post(
          body(...Array.from({ length: 50 }, (_, number) => fakeFile(uids(client * 100 + number), Buffer.alloc(9000)))),
        ),
      ),
    );
    for (const response of responses) expect((await answer(response)).stored).toHaveLength(50);
    expect(house.stored.size).toBe(200);
  });
});

describe('a STOW-RS body that breaks off', () => {
  it('keeps and reports what was stored before, and reports the instance that is not whole', async () => {
    const { house } = await serve();
    const whole = body(fakeFile(uids(1)), fakeFile(uids(2), Buffer.alloc(1000)));
    const response = await post(whole.subarray(0, whole.length - 400));
    expect(response.status).toBe(202);
    expect(response.headers.get('warning')).toMatch(/^299 127\.0\.0\.1:\d+: "The body ends after \d+ bytes in part 2/);
    const { stored, reasons } = await answer(response);
    expect({ stored, reasons }).toEqual({ stored: ['1.2.3.4.1'], reasons: [0xc000] });
    expect(house.state.aborted).toBe(1);
    expect([...house.stored.keys()]).toEqual(['1.2.3.4.1']);
  });

  it('is answered 400 where nothing was stored', async () => {
    await serve();
    const response = await post(body(fakeFile(uids(1), Buffer.alloc(1000))).subarray(0, 500));
    expect(response.status).toBe(400);
    expect((await answer(response)).reasons).toEqual([0xc000]);
  });

  it.each([
    ['no boundary line', Buffer.from('nothing')],
    ['no part', Buffer.from('--edge--\r\n')],
    ['no byte', Buffer.alloc(0)],
  ])('or has %s is a problem', async (_what, sent) => {
    await serve();
    const response = await post(sent);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ type: 'urn:causeway:problem:bad-request', status: 400 });
  });

  it('leaves nothing of the broken instance when the client goes away', async () => {
    const { house, port } = await serve();
    const sent = body(fakeFile(uids(1)), fakeFile(uids(2), Buffer.alloc(100_000)));
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `POST /dicom-web/studies HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: ${sent.length}\r\n\r\n`,
        );
        socket.write(sent.subarray(0, 60_000), () => setImmediate(() => socket.destroy()));
      });
      socket.on('close', () => resolve());
    });
    await expect.poll(() => house.state.aborted).toBe(1);
    await expect.poll(() => [...house.stored.keys()]).toEqual(['1.2.3.4.1']);
  });
});

describe('what STOW-RS refuses before it reads', () => {
  it.each([
    ['application/json', 415],
    ['multipart/form-data; boundary=edge', 415],
    ['multipart/related; type="application/pdf"; boundary=edge', 415],
    ['multipart/related; type="application/dicom"', 400],
  ])('Content-Type %s with %i', async (type, status) => {
    const { house } = await serve();
    const response = await post(body(fakeFile(uids(1))), { 'Content-Type': type });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, parameter: 'Content-Type' });
    expect(house.stored.size).toBe(0);
  });

  it('a compressed body with 415', async () => {
    const { house } = await serve();
    const response = await post(body(fakeFile(uids(1))), { 'Content-Encoding': 'gzip' });
    expect(response.status).toBe(415);
    expect(house.sources).toHaveLength(0);
  });

  it('an Accept that cannot be met with 406 and what could be', async () => {
    await serve();
    const response = await post(body(fakeFile(uids(1))), { Accept: 'text/html' });
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({
      acceptable: ['application/dicom+json', 'application/json', 'application/dicom+xml'],
    });
  });

  it('a body over the limit with 413, announced or not', async () => {
    const { house } = await serve({ limits: { maxUploadBytes: 5000 } });
    const sent = body(fakeFile(uids(1), Buffer.alloc(9000)));
    const announced = await post(sent);
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ limit: 'maxUploadBytes' });
    const streamed = await post(
      new ReadableStream({
        start(controller) {
          for (let at = 0; at < sent.length; at += 1000) controller.enqueue(sent.subarray(at, at + 1000));
          controller.close();
        },
      }),
    );
    expect(streamed.status).toBe(413);
    expect(house.stored.size).toBe(0);
  });

  it('more uploads than allowed at the same time with 503', async () => {
    const { house } = await serve({ limits: { maxUploads: 1 } });
    house.state.finishDelayMs = 200;
    const responses = await Promise.all([1, 2].map((number) => post(body(fakeFile(uids(number))))));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 503]);
    expect(responses.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('5');
    expect((await post(body(fakeFile(uids(3))))).status).toBe(200);
  });
});

describe('the answer of STOW-RS', () => {
  it('is XML where XML is asked for', async () => {
    await serve();
    const response = await post(body(fakeFile(uids(1))), { Accept: 'application/dicom+xml' });
    expect(response.headers.get('content-type')).toBe('application/dicom+xml');
    const text = await response.text();
    expect(text).toContain('<NativeDicomModel');
    expect(text).toContain('<DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID">');
  });

  it.each([
    ['*/*', 'application/dicom+json'],
    ['application/json', 'application/json'],
  ])('to Accept %s is %s', async (accept, expected) => {
    await serve();
    const response = await post(body(fakeFile(uids(1))), { Accept: accept });
    expect(response.headers.get('content-type')).toBe(expected);
  });
});

describe('Expect', () => {
  function sendExpecting(expected: string): Promise<{ status: number | undefined; continued: boolean }> {
    return new Promise((resolve, reject) => {
      const sent = body(fakeFile(uids(1)));
      let continued = false;
      const request = httpRequest(`${server.web}/studies`, {
        method: 'POST',
        headers: { 'Content-Type': contentType, 'Content-Length': sent.length, Expect: expected },
      });
      request.on('continue', () => {
        continued = true;
        request.end(sent);
      });
      request.on('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode, continued });
      });
      request.on('error', reject);
      if (expected === '100-continue') request.flushHeaders();
      else request.end(sent);
    });
  }

  it('100-continue is answered before the body is sent', async () => {
    await serve();
    expect(await sendExpecting('100-continue')).toEqual({ status: 200, continued: true });
  });

  it('100-continue is refused before the body is sent where it would be in vain', async () => {
    await serve({ limits: { maxUploadBytes: 10 } });
    expect(await sendExpecting('100-continue')).toEqual({ status: 413, continued: false });
  });

  it.each(['', 'something else'])('"%s" is no reason to refuse', async (expected) => {
    await serve();
    expect(await sendExpecting(expected)).toEqual({ status: 200, continued: false });
  });
});
