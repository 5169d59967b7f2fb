import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HttpAuth } from '../../src/publisher/configuration.ts';
import type { Destination } from '../../src/publisher/destination.ts';
import { createStowDestination } from '../../src/publisher/destinations/stow.ts';
import { createCertificates } from '../support/certificates.ts';
import { createMemoryLog } from '../support/dimse-server.ts';
import {
  type Answering,
  answerAGiB,
  answerDrop,
  answerJson,
  type HttpReceiver,
  startHttpReceiver,
} from '../support/http-receiver.ts';
import { splitMultipart } from '../support/multipart-bodies.ts';
import {
  damaged,
  outcomesOf,
  outgoingInstance,
  outgoingSeries,
  sending,
  unitOf,
} from '../support/outgoing-instances.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const secret = 'S3cret-of-nobody';
const limits = { connectMs: 2_000, answerMs: 500, stallMs: 500 };

let receiver: HttpReceiver;
let now = new Date('2026-05-01T12:00:00Z');
const opened: Destination[] = [];

beforeAll(async () => {
  receiver = await startHttpReceiver(() => {});
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((destination) => destination.close()));
  receiver.requests.length = 0;
});

afterAll(() => receiver.close());

function stow(
  auth: HttpAuth = { kind: 'none' },
  over: Partial<Parameters<typeof createStowDestination>[0]> = {},
  answerMs = limits.answerMs,
): Destination {
  const url = `${receiver.origin}/dicom-web`;
  const destination = createStowDestination(
    { kind: 'stow', url, auth, ...over },
    { now: () => now, limits: { ...limits, answerMs } },
  );
  opened.push(destination);
  return destination;
}

/** A Store Instances Response to what came: each stored, or failed for the reason given for its UID. */
function storeResponse(body: Buffer, contentType: string, reasons: ReadonlyMap<string, number> = new Map()) {
  const uids = splitMultipart(body, contentType).map(({ body: file }) => uidOf(file));
  const items = (failed: boolean) =>
    uids
      .filter((uid) => reasons.has(uid) === failed)
      .map((uid) => ({
        '00081155': { vr: 'UI', Value: [uid] },
        ...(failed ? { '00081197': { vr: 'US', Value: [reasons.get(uid)] } } : {}),
      }));
  return {
    '00081198': { vr: 'SQ', Value: items(true) },
    '00081199': { vr: 'SQ', Value: items(false) },
  };
}

function uidOf(file: Buffer): string {
  return /2\.25\.\d+/.exec(file.subarray(132).toString('latin1'))?.[0] ?? '';
}

const stores: Answering = ({ body, headers }, response) =>
  answerJson(response, 200, storeResponse(body, headers['content-type'] ?? ''), 'application/dicom+json');

describe('sending by STOW-RS', () => {
  it('sends a batch in one request of known length, byte for byte', async () => {
    receiver.answer = stores;
    const batch = outgoingSeries(5);
    const outcomes = await outcomesOf(stow().send(batch, sending()));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('accepted'));
    expect(outcomes.map(({ sopInstanceUid }) => sopInstanceUid).sort()).toEqual(
      batch.map(({ sopInstanceUid }) => sopInstanceUid).sort(),
    );
    const [request, ...more] = receiver.requests;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', path: '/dicom-web/studies' });
    expect(request!.headers['content-length']).toBe(String(request!.body.length));
    const parts = splitMultipart(request!.body, request!.headers['content-type']!);
    expect(parts.map((part) => batch.some(({ file }) => file.equals(part.body)))).toEqual(Array(5).fill(true));
  });

  it.each([
    [0x0110, 'failed', 'The receiver did not manage to store it (0110)'],
    [0x0122, 'refused', 'The receiver does not take instances of this SOP Class (0122)'],
    [0xa700, 'failed', 'The receiver is short of resources (A700)'],
    [0xa900, 'refused', 'The data set does not match its SOP Class, says the receiver (A900)'],
    [0xc000, 'refused', 'The receiver cannot understand the data set (C000)'],
    [0xc122, 'refused', 'The receiver does not take this transfer syntax (C122)'],
  ])('tells what Failure Reason %i means for one instance of a batch', async (reason, status, answer) => {
    const batch = outgoingSeries(3);
    const poisoned = batch[1]!.sopInstanceUid;
    receiver.answer = ({ body, headers }, response) =>
      answerJson(
        response,
        202,
        storeResponse(body, headers['content-type']!, new Map([[poisoned, reason]])),
        'application/dicom+json',
      );
    const outcomes = await outcomesOf(stow().send(batch, sending()));
    expect(outcomes.filter((one) => one.status === 'accepted')).toHaveLength(2);
    expect(outcomes.find((one) => one.sopInstanceUid === poisoned)).toEqual({
      sopInstanceUid: poisoned,
      status,
      answer,
    });
  });

  it('takes an instance that an answer does not name for not stored', async () => {
    const batch = outgoingSeries(2);
    receiver.answer = (_request, response) =>
      answerJson(response, 200, {
        '00081199': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: [batch[0]!.sopInstanceUid] } }] },
      });
    const outcomes = await outcomesOf(stow().send(batch, sending()));
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'failed']);
  });

  it('takes an instance that an answer names as both stored and failed for not stored', async () => {
    const [one] = outgoingSeries(1);
    const item = { '00081155': { vr: 'UI', Value: [one!.sopInstanceUid] } };
    receiver.answer = (_request, response) =>
      answerJson(response, 200, {
        '00081199': { vr: 'SQ', Value: [item] },
        '00081198': { vr: 'SQ', Value: [{ ...item, '00081197': { vr: 'US', Value: [0xa700] } }] },
      });
    expect(await outcomesOf(stow().send([one!], sending()))).toMatchObject([{ status: 'failed' }]);
  });

  it('takes nothing for stored where an answer names other instances', async () => {
    receiver.answer = (_request, response) =>
      answerJson(response, 200, {
        '00081199': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['2.25.1'] } }] },
      });
    expect(await outcomesOf(stow().send(outgoingSeries(2), sending()))).toMatchObject([
      { status: 'failed', answer: 'The receiver does not say what became of it' },
      { status: 'failed' },
    ]);
  });

  it.each([200, 201, 202, 204])('asks a receiver that says yes (%i) and names nothing what it has', async (status) => {
    const batch = outgoingSeries(2);
    const there = batch[0]!.sopInstanceUid;
    receiver.answer = ({ method, path }, response) => {
      if (method === 'POST') response.writeHead(status).end();
      // The second page of the series is empty.
      else if (path.endsWith('offset=1')) response.writeHead(204).end();
      else answerJson(response, 200, [{ '00080018': { vr: 'UI', Value: [there] } }], 'application/dicom+json');
    };
    expect(await outcomesOf(stow().send(batch, sending()))).toEqual([
      {
        sopInstanceUid: there,
        status: 'accepted',
        answer: `The answer (${status}) names nothing; QIDO-RS finds it, or something else under its UID`,
        inDoubt: true,
      },
      {
        sopInstanceUid: batch[1]!.sopInstanceUid,
        status: 'failed',
        answer: `The answer (${status}) names nothing, and QIDO-RS does not find it`,
      },
    ]);
  });

  it('believes nobody who says yes to everything, names nothing and cannot be asked', async () => {
    receiver.answer = (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end();
    await expect(outcomesOf(stow().send(outgoingSeries(1), sending()))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('says yes (200) and names no instance, and cannot be asked for them'),
    });
  });

  it('finds the one instance that a receiver answers 400 to, and sends the others', async () => {
    const batch = outgoingSeries(8);
    const poisoned = batch[5]!;
    receiver.answer = (request, response) => {
      if (request.body.includes(poisoned.sopInstanceUid)) response.writeHead(400).end('no such VR');
      else void stores(request, response);
    };
    const outcomes = await outcomesOf(stow().send(batch, sending()));
    expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(7);
    expect(outcomes.find(({ status }) => status === 'refused')).toEqual({
      sopInstanceUid: poisoned.sopInstanceUid,
      status: 'refused',
      answer: 'It is not taken by the receiver (400): no such VR',
    });
  });

  it('sends in smaller pieces what is too much at once (413)', async () => {
    receiver.answer = (request, response) => {
      if (request.body.length > 3_000) response.writeHead(413).end();
      else void stores(request, response);
    };
    const outcomes = await outcomesOf(stow().send(outgoingSeries(8), sending()));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill('accepted'));
  });

  it('finds the one instance at which a receiver fails (500), and does not ask on where it fails at all', async () => {
    const batch = outgoingSeries(4);
    receiver.answer = (request, response) => {
      if (request.body.includes(batch[0]!.sopInstanceUid)) response.writeHead(500).end();
      else void stores(request, response);
    };
    const outcomes = await outcomesOf(stow().send(batch, sending()));
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'accepted', 'accepted', 'accepted']);

    receiver.requests.length = 0;
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    await expect(outcomesOf(stow().send(batch, sending()))).rejects.toMatchObject({ code: 'unavailable' });
    expect(receiver.requests).toHaveLength(4);
  });

  it('leaves out a file that is damaged here, and sends the others', async () => {
    receiver.answer = stores;
    const [first, second, third] = outgoingSeries(3);
    const outcomes = await outcomesOf(stow().send([first!, damaged(second!), third!], sending()));
    expect(outcomes.filter(({ status }) => status === 'accepted').map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([
      first!.sopInstanceUid,
      third!.sopInstanceUid,
    ]);
    expect(outcomes.find(({ status }) => status === 'refused')).toEqual({
      sopInstanceUid: second!.sopInstanceUid,
      status: 'refused',
      answer: 'The file to be sent is not what it was when it was prepared.',
    });
    // Of the damaged one, no whole part has ever left.
    for (const { body } of receiver.requests) expect(body.includes(second!.sopInstanceUid)).toBe(false);
  });

  it.each([
    [401, 'forbidden', 'does not accept the token (401)'],
    [403, 'forbidden', 'does not allow it with the token that it was shown (403)'],
    [404, 'unavailable', 'is the address right?'],
    [429, 'unavailable', 'is asked too often (429)'],
    [503, 'unavailable', 'what is behind it is not available (503)'],
    [507, 'unavailable', 'has no room left (507)'],
    [308, 'bad-request', 'sends us elsewhere (308), to http://other.example/dicom: set the address to what it is'],
  ])('tells what status %i says', async (status, code, words) => {
    receiver.answer = (_request, response) =>
      void response
        .writeHead(status, { 'retry-after': '17', location: 'http://other.example/dicom?token=x' })
        .end(`Bearer ${secret}`);
    const auth = { kind: 'token', scheme: 'Bearer', token: secret } as const;
    const failure = await outcomesOf(stow(auth).send(outgoingSeries(2), sending())).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code, details: { retryAfterSeconds: 17 } });
    expect((failure as Error).message).toContain(words);
    expect(receiver.requests[0]!.headers['authorization']).toBe(`Bearer ${secret}`);
  });

  it.each<[string, Answering, string]>([
    ['hangs', () => {}, 'took the request and does not answer'],
    ['resets', (_request, response) => void response.socket!.resetAndDestroy(), 'it closed the connection'],
    [
      'breaks off its answer',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/dicom+json', 'content-length': '1000' });
        response.write('{"00081199":');
        setImmediate(() => response.destroy());
      },
      'it closed the connection',
    ],
    [
      'does not end its answer',
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{'),
      'has not come to its end within',
    ],
    ['gives a byte now and then', (_request, response) => answerDrop(response, 100), 'has not come to its end within'],
    [
      'answers with a GiB',
      (_request, response) => void answerAGiB(response, 200, 'application/dicom+json'),
      'answers with more than 8388608 bytes',
    ],
    ['fails with a GiB', (_request, response) => void answerAGiB(response, 503), 'is not available (503)'],
    [
      'answers with a head that never ends',
      (_request, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end(),
      'the head of its answer does not come to an end',
    ],
    [
      'answers before it has read, and hangs up',
      (_request, response) => void response.writeHead(200, { connection: 'close' }).end('{}'),
      'what is no STOW-RS response',
    ],
    [
      'answers with a page',
      (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'what is no STOW-RS response',
    ],
  ])('fails for now where a receiver %s', async (_what, answer, words) => {
    receiver.answer = answer;
    const failure = await outcomesOf(stow().send(outgoingSeries(2), sending())).catch((thrown: unknown) => thrown);
    expect((failure as { code: string }).code).toMatch(/^(unavailable|timed-out)$/);
    expect((failure as Error).message).toContain(words);
  });

  it('leaves a receiver that takes nothing any more, but not one that is slow', async () => {
    const sockets: Socket[] = [];
    const deaf = createServer((socket) => void sockets.push(socket.pause()));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(deaf.address() as { port: number }).port}`;
    const large = outgoingInstance();
    const huge = {
      ...large,
      size: 2 ** 28,
      async *open() {
        for (let at = 0; at < 2 ** 28; at += 2 ** 20) yield Buffer.alloc(2 ** 20);
      },
    };
    const failure = outcomesOf(stow({ kind: 'none' }, { url }, 10_000).send([huge], sending()));
    await expect(failure).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('took nothing'),
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));

    receiver.answer = stores;
    const slow = sending({ throttle: () => delay(50) });
    expect(await outcomesOf(stow().send(outgoingSeries(3), slow))).toHaveLength(3);
  });

  it('tells an address at which nothing listens, and a name that nobody knows', async () => {
    const nowhere = stow({ kind: 'none' }, { url: 'http://127.0.0.1:1/dicom-web' });
    await expect(outcomesOf(nowhere.send(outgoingSeries(1), sending()))).rejects.toMatchObject({
      code: 'unavailable',
      message: '127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED).',
    });
    const unknown = stow({ kind: 'none' }, { url: 'http://no-such-host.invalid/dicom-web' });
    await expect(outcomesOf(unknown.send(outgoingSeries(1), sending()))).rejects.toMatchObject({
      message: expect.stringMatching(/no-such-host\.invalid cannot be reached: (nobody knows|the host name cannot)/),
    });
  });

  it('ends at once when it is told to', async () => {
    const ending = new AbortController();
    receiver.answer = () => ending.abort();
    await expect(outcomesOf(stow().send(outgoingSeries(1), sending({ signal: ending.signal })))).rejects.toMatchObject({
      code: 'aborted',
    });
  });

  it('shows a client certificate and looks at that of the receiver', async () => {
    const certificates = createCertificates();
    const pem = (path: string) => readFileSync(path, 'utf8');
    const own = {
      key: pem(certificates.server.key),
      cert: pem(certificates.server.certificate),
      ca: pem(certificates.ca),
    };
    const secure = await startHttpReceiver(stores, { ...own, requestCert: true });
    const url = `${secure.origin}/dicom-web`;
    const tls = {
      ca: pem(certificates.ca),
      certificate: pem(certificates.client.certificate),
      key: pem(certificates.client.key),
    };
    try {
      expect(await outcomesOf(stow({ kind: 'none' }, { url, tls }).send(outgoingSeries(1), sending()))).toMatchObject([
        { status: 'accepted' },
      ]);
      await expect(
        outcomesOf(stow({ kind: 'none' }, { url }).send(outgoingSeries(1), sending())),
      ).rejects.toMatchObject({ message: expect.stringContaining('its certificate is not accepted, its authority') });
      const { steps } = await stow({ kind: 'none' }, { url, tls: { ca: pem(certificates.otherCa) } }).test(sending());
      expect(steps.map(({ what, ok }) => [what, ok])).toEqual([
        ['connected', true],
        ['certificate trusted', false],
      ]);
    } finally {
      await secure.close();
    }
  });
});

describe('OAuth2 client credentials', () => {
  const auth = (): HttpAuth => ({
    kind: 'oauth2-client-credentials',
    tokenUrl: `${receiver.origin}/token`,
    clientId: 'site a',
    clientSecret: secret,
    scope: 'store',
  });

  it('asks for a token once, uses it until it expires, and renews one that is refused', async () => {
    let issued = 0;
    let valid = '';
    receiver.answer = (request, response) => {
      if (request.path === '/token') {
        valid = `token-${++issued}`;
        answerJson(response, 200, { access_token: valid, token_type: 'Bearer', expires_in: 600 });
      } else if (request.headers['authorization'] === `Bearer ${valid}`) void stores(request, response);
      else response.writeHead(401).end();
    };
    const destination = stow(auth());
    const send = () => outcomesOf(destination.send(outgoingSeries(1), sending()));
    expect(await send()).toMatchObject([{ status: 'accepted' }]);
    expect(await send()).toMatchObject([{ status: 'accepted' }]);
    expect(issued).toBe(1);
    const [asked] = receiver.requests;
    expect(asked!.headers['authorization']).toBe(`Basic ${Buffer.from(`site%20a:${secret}`).toString('base64')}`);
    expect(asked!.body.toString()).toBe('grant_type=client_credentials&scope=store');

    valid = 'revoked by the receiver';
    expect(await send()).toMatchObject([{ status: 'accepted' }]);
    expect(issued).toBe(2);

    now = new Date(now.getTime() + 560_000);
    expect(await send()).toMatchObject([{ status: 'accepted' }]);
    expect(issued).toBe(3);
  });

  it.each<[string, number, object, string, string]>([
    ['a wrong secret', 401, { error: 'invalid_client' }, 'forbidden', 'does not accept the client id or its secret'],
    [
      'a scope that is not allowed',
      400,
      { error: 'invalid_scope' },
      'forbidden',
      'gives no token (400, invalid_scope)',
    ],
    ['a wrong address', 404, {}, 'unavailable', 'gives no token (404): is the address right?'],
    ['a page instead', 200, {}, 'unavailable', 'answers, but with no token: is the address right?'],
  ])('tells %s', async (_what, status, body, code, words) => {
    receiver.answer = (_request, response) => answerJson(response, status, body);
    const failure = await outcomesOf(stow(auth()).send(outgoingSeries(1), sending())).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toMatchObject({ code });
    expect((failure as Error).message).toContain(words);
    expect(JSON.stringify([failure, (failure as Error).message, (failure as Error).stack])).not.toContain(secret);
  });

  it('does not ask for ever where a fresh token is refused as well', async () => {
    receiver.answer = (request, response) =>
      request.path === '/token'
        ? answerJson(response, 200, { access_token: 'x', expires_in: 600 })
        : void response.writeHead(401).end();
    await expect(outcomesOf(stow(auth()).send(outgoingSeries(1), sending()))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('does not accept the token that the token address gave (401)'),
    });
    expect(receiver.requests.filter(({ path }) => path === '/token')).toHaveLength(2);
  });
});

describe('results of a STOW-RS receiver', () => {
  const [sent] = outgoingSeries(1);
  const matches = (uids: readonly string[]) =>
    uids.map((uid) => ({ '00080018': { vr: 'UI', Value: [uid] }, '0020000E': { vr: 'UI', Value: [`${uid}.1`] } }));
  const numbered = (count: number) => Array.from({ length: count }, (_, n) => `1.2.${n + 1}`);
  /** Answers a search with so many of these from the offset on, if it knows what that is. */
  const has = (uids: readonly string[], knowsOffset = true) => {
    receiver.answer = ({ path }, response) => {
      const offset = knowsOffset ? Number(new URL(path, 'http://x').searchParams.get('offset')) : 0;
      answerJson(response, 200, matches(uids.slice(offset, offset + 500)), 'application/dicom+json');
    };
  };

  it('are none of what was ever sent there, and each is named once, though it knows no offset', async () => {
    has([sent!.sopInstanceUid, '1.2.1', '1.2.2', '1.2.2', '1.2.3'], false);
    const unit = unitOf(sent!, { everSent: async () => new Set([sent!.sopInstanceUid, '1.2.1']) });
    const { results } = await stow().results!(unit, sending());
    expect(results.map(({ id }) => id)).toEqual(['1.2.2', '1.2.3']);
    expect(receiver.requests).toHaveLength(2);
  });

  it('that are too many at once are told, and the rest of them comes when those are known', async () => {
    const all = numbered(1_700);
    has(all);
    const first = await stow().results!(unitOf(sent!), sending());
    expect(first.results.map(({ id }) => id)).toEqual(all.slice(0, 1_000));
    expect(first.troubles).toEqual([{ words: expect.stringContaining('more than 1000 results'), mayPass: true }]);
    const known = async (ids: readonly string[]) => new Set(ids.filter((id) => Number(id.split('.')[2]) <= 1_000));
    const rest = await stow().results!(unitOf(sent!, { known }), sending());
    expect(rest.results.map(({ id }) => id)).toEqual(all.slice(1_000));
    expect(rest.troubles).toEqual([]);
  });
});

describe('Causeway as the receiver', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  const toServer = () => stow({ kind: 'none' }, { url: server.web });

  it('stores what is sent, confirms it, sends it twice and has it once', async () => {
    const batch = [...outgoingSeries(3), ...outgoingSeries(2)];
    const destination = toServer();
    for (const _time of [1, 2]) {
      const outcomes = await outcomesOf(destination.send(batch, sending()));
      expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('accepted'));
    }
    const never = outgoingInstance();
    const confirmed = await destination.confirm!([...batch, never], sending());
    expect(confirmed.filter(({ status }) => status === 'confirmed')).toHaveLength(5);
    expect(confirmed.find(({ sopInstanceUid }) => sopInstanceUid === never.sopInstanceUid)).toMatchObject({
      status: 'missing',
    });
    for (const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, file } of batch) {
      const stored = await fetch(
        `${server.web}/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`,
        { headers: { accept: 'application/dicom; transfer-syntax=*' } },
      );
      expect(Buffer.from(await stored.arrayBuffer()).equals(file)).toBe(true);
    }
  });

  it('tells of an instance that the receiver has with other content', async () => {
    const instance = outgoingInstance();
    const destination = toServer();
    await outcomesOf(destination.send([instance], sending()));
    const other = { ...outgoingInstance(), ...instance };
    const file = Buffer.from(instance.file);
    file[file.indexOf('Doe')] = 'R'.charCodeAt(0);
    const { createHash } = await import('node:crypto');
    const changed = {
      ...other,
      sha256: createHash('sha256').update(file).digest('hex'),
      async *open() {
        yield file;
      },
    };
    expect(await outcomesOf(destination.send([changed], sending()))).toMatchObject([
      { status: 'refused', answer: expect.stringContaining('has an instance under this SOP Instance UID already') },
    ]);
  });

  it('takes what the receiver has thrown away for refused, and what it has stored in part for no proof', async () => {
    const [kept, partly] = outgoingSeries(2);
    const destination = stow();
    receiver.answer = (_request, response) => {
      const item = ({ sopInstanceUid }: typeof kept & object, comment?: string) => ({
        ...(comment === undefined ? {} : { '00000902': { vr: 'LO', Value: [comment] } }),
        '00081155': { vr: 'UI', Value: [sopInstanceUid] },
        '00081196': { vr: 'US', Value: [0xb006] },
      });
      const Value = [item(kept!, 'Not stored: another one stays.'), item(partly!)];
      answerJson(response, 202, { '00081199': { vr: 'SQ', Value } }, 'application/dicom+json');
    };
    expect(await outcomesOf(destination.send([kept!, partly!], sending()))).toEqual([
      {
        sopInstanceUid: kept!.sopInstanceUid,
        status: 'refused',
        answer: 'The receiver has not stored it (B006): Not stored: another one stays.',
      },
      {
        sopInstanceUid: partly!.sopInstanceUid,
        status: 'accepted',
        answer: 'Stored, without elements that the receiver has discarded (B006)',
        inDoubt: true,
      },
    ]);
  });

  it('finds what the receiver has made of a study, and fetches it', async () => {
    const [sent] = outgoingSeries(1);
    const made = outgoingInstance({ study: sent!.studyInstanceUid });
    const destination = toServer();
    await outcomesOf(destination.send([sent!, made], sending()));
    const { complete, results } = await destination.results!(unitOf(sent!), sending());
    expect(complete).toBe(false);
    expect(results.map(({ id }) => id)).toEqual([made.sopInstanceUid]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of results[0]!.open()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(made.file)).toBe(true);
  });

  it('passes a test step by step, and tells a wrong path from a wrong token', async () => {
    expect(await toServer().test(sending())).toMatchObject({
      ok: true,
      steps: [{ what: 'connected' }, { what: 'lets us in' }, { what: 'speaks DICOMweb' }],
    });
    const elsewhere = await stow({ kind: 'none' }, { url: `${server.local}/nowhere` }).test(sending());
    expect(elsewhere.ok).toBe(false);
    expect(elsewhere.steps.at(-1)).toMatchObject({ what: 'speaks DICOMweb', ok: false });

    receiver.answer = (_request, response) => void response.writeHead(401).end();
    const log = createMemoryLog();
    const wrongToken = await stow({ kind: 'token', scheme: 'Bearer', token: secret }).test(sending({ log }));
    expect(wrongToken.steps.at(-1)).toMatchObject({ what: 'credentials accepted', ok: false });
    expect(JSON.stringify([wrongToken, log.lines])).not.toContain(secret);
  });
});
