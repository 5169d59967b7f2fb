import { get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { splitMultipart } from '../../support/multipart-bodies.ts';
import { fakeFile } from './fake-house.ts';
import { type FakeServer, fakeServers } from './serve-fakes.ts';

const explicit = '1.2.840.10008.1.2.1';
const baseline = '1.2.840.10008.1.2.4.50';
const uids = (number: number) => ({ study: '1.2.3', series: '1.2.3.4', instance: `1.2.3.4.${number}` });

let server: FakeServer;

const servers = fakeServers();

beforeEach(async () => {
  server = await servers();
  for (const number of [1, 2, 3]) put(number, explicit);
});

function put(number: number, transferSyntaxUid: string, content = Buffer.alloc(5000, number)): Buffer {
  const bytes = fakeFile(uids(number), content);
  server.house.stored.set(uids(number).instance, { ...uids(number), bytes, transferSyntaxUid });
  return bytes;
}

function ask(path: string, accept = '*/*', headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.web + path, { headers: { Accept: accept, ...headers } });
}

async function unzipped(archive: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

async function partsOf(response: Response) {
  return splitMultipart(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
}

const one = '/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.1';

describe('retrieving instances', () => {
  it('sends a study as one part an instance, byte for byte, labelled as viewers read it', async () => {
    const response = await ask('/studies/1.2.3', 'multipart/related; type="application/dicom"; transfer-syntax=*');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(
      /^multipart\/related; type="application\/dicom"; boundary=\S+$/,
    );
    const parts = await partsOf(response);
    expect(parts.map(({ headers }) => headers)).toEqual(
      [1, 2, 3].map((number) => ({
        'Content-Type': `application/dicom; transfer-syntax=${explicit}`,
        'Content-Location': `${server.web}/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.${number}`,
      })),
    );
    expect(parts.map(({ body }) => body)).toEqual([...server.house.stored.values()].map(({ bytes }) => bytes));
  });

  it('sends a study, a series or an instance as a file-set in a ZIP archive', async () => {
    for (const [path, numbers] of [
      ['/studies/1.2.3', [1, 2, 3]],
      ['/studies/1.2.3/series/1.2.3.4', [1, 2, 3]],
      [one, [1]],
    ] as const) {
      const response = await ask(path, 'application/zip');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/zip');
      const files = await unzipped(Buffer.from(await response.arrayBuffer()));
      expect([...files.keys()]).toEqual([...numbers.map((number) => `DICOM/SE000001/IM00000${number}`), 'DICOMDIR']);
      for (const number of numbers) {
        const { bytes } = server.house.stored.get(`1.2.3.4.${number}`)!;
        expect(files.get(`DICOM/SE000001/IM00000${number}`)?.equals(bytes)).toBe(true);
      }
      expect(files.get('DICOMDIR')?.toString('latin1')).toContain('DICOM\\SE000001\\IM000001');
    }
  });

  it('leaves out of a ZIP archive what is not in the transfer syntax asked for, and says so', async () => {
    put(2, baseline);
    const response = await ask('/studies/1.2.3', `application/zip; transfer-syntax=${explicit}`);
    expect(response.status).toBe(206);
    expect(response.headers.get('warning')).toContain(baseline);
    const files = await unzipped(Buffer.from(await response.arrayBuffer()));
    expect([...files.keys()]).toEqual(['DICOM/SE000001/IM000001', 'DICOM/SE000001/IM000002', 'DICOMDIR']);
    expect((await ask('/studies/1.2.3', 'application/zip; transfer-syntax=1.2.3')).status).toBe(406);
  });

  it('breaks a ZIP archive off where a file cannot be read to its end, and stops where the client goes away', async () => {
    server.house.state.breakFilesAfter = 3000;
    const broken = await ask('/studies/1.2.3', 'application/zip');
    await expect(broken.arrayBuffer()).rejects.toThrow();
    server.house.state.breakFilesAfter = Number.POSITIVE_INFINITY;
    server.house.state.endless = true;
    const endless = await ask('/studies/1.2.3', 'application/zip');
    await endless.body?.cancel();
    await expect.poll(() => server.house.state.openFiles).toBe(0);
  });

  it('answers 404 before a ZIP archive begins', async () => {
    expect((await ask('/studies/1.9', 'application/zip')).status).toBe(404);
  });

  it('sends one instance without packaging where that is asked for', async () => {
    const response = await ask(one, 'application/dicom');
    expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicit}`);
    const { bytes } = server.house.stored.get('1.2.3.4.1')!;
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('content-location')).toBe(server.web + one);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('sends a study of one instance without packaging, too, but no larger one', async () => {
    expect((await ask('/studies/1.2.3', 'application/dicom')).status).toBe(406);
    server.house.stored.delete('1.2.3.4.2');
    server.house.stored.delete('1.2.3.4.3');
    expect((await ask('/studies/1.2.3', 'application/dicom')).status).toBe(200);
  });

  it('says with 206 what is stored in another transfer syntax than those asked for', async () => {
    put(2, baseline);
    const response = await ask(
      '/studies/1.2.3',
      `multipart/related; type="application/dicom"; transfer-syntax=${explicit}`,
    );
    expect(response.status).toBe(206);
    expect(response.headers.get('warning')).toContain(`1 instances are not part of this answer`);
    expect(await partsOf(response)).toHaveLength(2);
  });

  it('says with 406 which transfer syntax could be had where none is', async () => {
    const response = await ask(one, `application/dicom; transfer-syntax=${baseline}`);
    expect(response.status).toBe(406);
    const problem = (await response.json()) as { detail: string };
    expect(problem.detail).toContain(explicit);
  });

  describe('in a transfer syntax', () => {
    const implicit = '1.2.840.10008.1.2';
    const jpegLossless = '1.2.840.10008.1.2.4.70';
    const jpegExtended = '1.2.840.10008.1.2.4.51';
    const multipart = 'multipart/related; type="application/dicom"';

    async function syntaxesOf(accept: string, path = '/studies/1.2.3'): Promise<(string | undefined)[]> {
      const parts = await partsOf(await ask(path, accept));
      return parts.map(({ headers }) => /transfer-syntax=([0-9.]+)$/.exec(headers['Content-Type'] ?? '')?.[1]);
    }

    it('that nobody named sends Explicit VR Little Endian, but what is lossy or cannot be converted as it is stored', async () => {
      put(1, implicit);
      put(2, jpegLossless);
      put(3, jpegExtended);
      const put4 = put(4, baseline);
      for (const accept of ['*/*', multipart]) {
        expect(await syntaxesOf(accept)).toEqual([explicit, explicit, jpegExtended, baseline]);
      }
      const parts = await partsOf(await ask('/studies/1.2.3'));
      expect(parts[0]!.body.toString()).toBe(`1.2.3.4.1 in ${explicit}`);
      expect(parts[3]!.body).toEqual(put4);
    });

    it('that may be any sends what is stored, unless that is not for the web', async () => {
      put(1, implicit);
      put(2, jpegLossless);
      expect(await syntaxesOf(`${multipart}; transfer-syntax=*`)).toEqual([explicit, jpegLossless, explicit]);
    });

    it('that is named sends that one, lossy or not', async () => {
      put(1, jpegExtended);
      expect(await syntaxesOf(`${multipart}; transfer-syntax=${explicit}`)).toEqual([explicit, explicit, explicit]);
      expect(await syntaxesOf(`${multipart}; transfer-syntax=${jpegExtended}`, one)).toEqual([jpegExtended]);
    });

    it('takes the one that is liked best where several are named', async () => {
      put(1, jpegLossless);
      const range = (uid: string, q: number) => `${multipart}; transfer-syntax=${uid}; q=${q}`;
      expect(await syntaxesOf(`${range(explicit, 0.5)}, ${range(jpegLossless, 0.9)}`, one)).toEqual([jpegLossless]);
      expect(await syntaxesOf(`${range(explicit, 0.9)}, ${range(jpegLossless, 0.5)}`, one)).toEqual([explicit]);
    });

    it.each(['1.2.840.10008.1.2', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.4.80'])(
      '%s is refused with what could be had instead',
      async (uid) => {
        put(1, implicit);
        const response = await ask(one, `${multipart}; transfer-syntax=${uid}`);
        expect(response.status).toBe(406);
        const { acceptable } = (await response.json()) as { acceptable: string[] };
        expect(acceptable).toContain(`${multipart}; transfer-syntax=${explicit}`);
      },
    );

    it('as it is stored where it cannot be converted and that is acceptable', async () => {
      put(2, jpegLossless);
      server.house.state.unconvertible = ['1.2.3.4.2'];
      expect(await syntaxesOf('*/*')).toEqual([explicit, jpegLossless, explicit]);
      const response = await ask(`/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.2`, 'application/dicom');
      expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${jpegLossless}`);
    });

    it('not at all where it cannot be converted and nothing else is acceptable: 206, or 406 with the reason', async () => {
      put(2, jpegLossless);
      server.house.state.unconvertible = ['1.2.3.4.2'];
      const named = `${multipart}; transfer-syntax=${explicit}`;
      const response = await ask('/studies/1.2.3', named);
      expect(response.status).toBe(206);
      expect(response.headers.get('warning')).toMatch(/1 instances are not part of this answer.*codestream is broken/);
      expect((await partsOf(response)).map(({ headers }) => headers['Content-Location']?.slice(-1))).toEqual([
        '1',
        '3',
      ]);
      const single = await ask('/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.2', named);
      expect(single.status).toBe(406);
      expect(await single.json()).toMatchObject({ detail: expect.stringContaining('codestream is broken') });
    });

    describe('that is named, of a study that is too large to be tried as a whole before it is sent', () => {
      const named = `${multipart}; transfer-syntax=${explicit}`;
      const sent = async (response: Response) =>
        (await partsOf(response)).map(({ headers }) => headers['Content-Location']?.slice(-1));

      beforeEach(async () => {
        server = await servers({ limits: { conversionTrialMs: -1 } });
        for (const number of [1, 2, 3]) put(number, jpegLossless);
      });

      it('makes each instance once', async () => {
        const response = await ask('/studies/1.2.3', named);
        expect(response.status).toBe(200);
        expect(await sent(response)).toEqual(['1', '2', '3']);
        expect(server.house.state.conversions).toEqual(['1.2.3.4.1', '1.2.3.4.2', '1.2.3.4.3']);
      });

      it('tries those that are unlike the others, and says with 206 that they are missing', async () => {
        put(3, jpegExtended);
        server.house.state.unconvertible = ['1.2.3.4.3'];
        const response = await ask('/studies/1.2.3', named);
        expect(response.status).toBe(206);
        expect(await sent(response)).toEqual(['1', '2']);
      });

      it('tries three of a kind that cannot be made, not all, and says of how many more that follows', async () => {
        const numbers = [4, 5, 6, 7, 8];
        for (const number of numbers) put(number, jpegExtended);
        server.house.state.unconvertible = numbers.map((number) => `1.2.3.4.${number}`);
        const response = await ask('/studies/1.2.3', named);
        expect(response.status).toBe(206);
        expect(response.headers.get('warning')).toMatch(
          /5 instances are not part of .*codestream is broken.*not tried/,
        );
        expect(await sent(response)).toEqual(['1', '2', '3']);
        const tried = server.house.state.conversions.filter((uid) => /[4-8]$/.test(uid));
        // One more may have begun before the third failed.
        expect(tried.length - 3).toBeLessThanOrEqual(1);
        for (const number of [1, 2, 3]) put(number, jpegExtended);
        server.house.state.unconvertible.push('1.2.3.4.1', '1.2.3.4.2', '1.2.3.4.3');
        expect((await ask('/studies/1.2.3', named)).status).toBe(406);
      });

      it.each([
        ['', 'unconvertible'],
        [' behind its first frame', 'unconvertibleLater'],
      ] as const)('breaks off at one that is damaged%s, and knows of it from then on', async (_where, damaged) => {
        server.house.state[damaged] = ['1.2.3.4.3'];
        await expect((await ask('/studies/1.2.3', named)).text()).rejects.toThrow();
        const response = await ask('/studies/1.2.3', named);
        expect(response.status).toBe(206);
        expect(response.headers.get('warning')).toMatch(/1 instances are not part.*codestream is broken/);
        expect(await sent(response)).toEqual(['1', '2']);
      });
    });

    it('without packaging has no length, as it is made while it is read', async () => {
      put(1, implicit);
      const response = await ask(one, 'application/dicom');
      expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicit}`);
      expect(response.headers.get('content-length')).toBeNull();
      expect(await response.text()).toBe(`1.2.3.4.1 in ${explicit}`);
    });
  });

  it.each([
    ['/studies/1.0.404', 404],
    ['/studies/1.0.410', 410],
    ['/studies/1.2.3/series/9', 404],
    [`${one}9/metadata`, 404],
    [`${one}9/frames/1`, 404],
    [`${one}9/rendered`, 404],
    [`${one}9/bulkdata/7FE00010`, 404],
    ['/studies/..%2F..%2Fetc', 400],
    [`/studies/${'1'.repeat(65)}`, 400],
  ])('answers %s with %i', async (path, status) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status });
  });

  it('answers with the reason where the first instance cannot be read', async () => {
    server.house.state.breakFilesAfter = 0;
    const response = await ask('/studies/1.2.3');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: 'The store is away.' });
  });

  it('breaks off where an instance cannot be read to its end, so that nothing incomplete looks whole', async () => {
    server.house.state.breakFilesAfter = 3000;
    for (const path of ['/studies/1.2.3', one]) {
      const response = await ask(path);
      expect(response.status).toBe(200);
      await expect(response.arrayBuffer()).rejects.toThrow();
    }
    await expect.poll(() => server.house.state.openFiles).toBe(0);
  });

  it('stops reading when the client goes away', async () => {
    server.house.state.endless = true;
    await new Promise<void>((resolve) => {
      const request = get(`${server.web}/studies/1.2.3`, (response) => {
        response.once('data', () => request.destroy());
        response.once('close', resolve);
        response.on('error', () => {});
      });
    });
    await expect.poll(() => server.house.state.openFiles).toBe(0);
  });

  it('answers HEAD like GET without the body', async () => {
    const response = await fetch(server.web + one, { method: 'HEAD', headers: { Accept: 'application/dicom' } });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(5000);
    expect(await response.text()).toBe('');
    await expect.poll(() => server.house.state.openFiles).toBe(0);
  });
});

describe('retrieving metadata', () => {
  it('sends one data set an instance with absolute BulkDataURIs, values that look like one untouched', async () => {
    const response = await ask('/studies/1.2.3/metadata', 'application/dicom+json');
    expect(response.headers.get('content-type')).toBe('application/dicom+json');
    const dataSets = (await response.json()) as Record<string, { BulkDataURI?: string; Value?: unknown[] }>[];
    expect(dataSets.map((dataSet) => dataSet['7FE00010']?.BulkDataURI)).toEqual(
      [1, 2, 3].map(
        (number) => `${server.web}/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.${number}/bulkdata/7FE00010`,
      ),
    );
    expect(dataSets[0]?.['00104000']?.Value).toEqual(['He wrote "BulkDataURI":"x" here']);
  });

  it.each(['/studies/1.2.3', '/studies/1.2.3/series/1.2.3.4', one])('answers at %s', async (path) => {
    expect(await (await ask(`${path}/metadata`)).json()).toHaveLength(path === one ? 1 : 3);
  });

  it('answers 304 where the client has it, encoded or not', async () => {
    const first = await ask('/studies/1.2.3/metadata');
    const etag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    for (const known of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
      const response = await ask('/studies/1.2.3/metadata', '*/*', { 'If-None-Match': known });
      expect(response.status).toBe(304);
      expect(response.headers.get('etag')).toBe(etag);
    }
    expect((await ask('/studies/1.2.3/metadata', '*/*', { 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('compresses where that is accepted', async () => {
    const fetchRaw = (acceptEncoding: string) =>
      new Promise<{ encoding: string | undefined; body: Buffer }>((resolve) => {
        get(`${server.web}/studies/1.2.3/metadata`, { headers: { 'Accept-Encoding': acceptEncoding } }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) });
          });
        });
      });
    const plain = await fetchRaw('gzip;q=0');
    expect((await fetchRaw('gzip;q=0, *;q=0.5')).encoding).toBeUndefined();
    expect((await fetchRaw('identity;q=0.5, *')).encoding).toBe('gzip');
    const packed = await fetchRaw('deflate, gzip;q=0.5');
    expect(plain.encoding).toBeUndefined();
    expect(packed.encoding).toBe('gzip');
    expect(gunzipSync(packed.body)).toEqual(plain.body);
  });

  it('sends XML where XML is asked for', async () => {
    const parts = await partsOf(
      await ask('/studies/1.2.3/metadata', 'multipart/related; type="application/dicom+xml"'),
    );
    expect(parts).toHaveLength(3);
    expect(parts[0]?.headers['Content-Type']).toBe('application/dicom+xml');
    expect(parts[0]?.body.toString()).toContain('<NativeDicomModel');
  });
});

describe('retrieving frames', () => {
  const ohif = 'multipart/related; type=application/octet-stream; transfer-syntax=*';

  it('sends them in the order asked', async () => {
    const response = await ask(`${one}/frames/3,1,2`, ohif);
    const parts = await partsOf(response);
    expect(parts.map(({ body }) => body.toString())).toEqual(['native 3', 'native 1', 'native 2']);
    expect(parts[0]?.headers).toEqual({
      'Content-Type': `application/octet-stream; transfer-syntax=${explicit}`,
      'Content-Location': `${server.web}${one}/frames/3`,
    });
  });

  it('sends compressed ones as they are stored to OHIF', async () => {
    put(1, baseline);
    const [part] = await partsOf(await ask(`${one}/frames/1`, ohif));
    expect(part?.headers['Content-Type']).toBe(`image/jpeg; transfer-syntax=${baseline}`);
    expect(part?.body.toString()).toBe('stored 1');
  });

  it('decompresses where uncompressed ones are asked for', async () => {
    put(1, baseline);
    const [part] = await partsOf(await ask(`${one}/frames/1`, `multipart/related; type="application/octet-stream"`));
    expect(part?.headers['Content-Type']).toBe(`application/octet-stream; transfer-syntax=${explicit}`);
    expect(part?.body.toString()).toBe('native 1');
  });

  it('sends a single part where one is asked for', async () => {
    put(1, baseline);
    const response = await ask(`${one}/frames/2`, 'image/jpeg');
    expect(response.headers.get('content-type')).toBe(`image/jpeg; transfer-syntax=${baseline}`);
    expect(response.headers.get('content-location')).toBe(`${server.web}${one}/frames/2`);
    expect(await response.text()).toBe('stored 2');
    expect((await ask(`${one}/frames/1,2`, 'image/jpeg')).status).toBe(406);
  });

  it('falls back to what is stored where it cannot be decoded and the client takes both', async () => {
    put(1, '1.2.840.10008.1.2.4.80');
    server.house.state.undecodable = true;
    const [part] = await partsOf(await ask(`${one}/frames/1`));
    expect(part?.headers['Content-Type']).toBe('image/jls; transfer-syntax=1.2.840.10008.1.2.4.80');
    expect((await ask(`${one}/frames/1`, 'application/octet-stream')).status).toBe(406);
  });

  it('says of frames what they are, and not what the instance was a moment ago', async () => {
    put(1, baseline);
    server.house.state.framesAreIn = '1.2.840.10008.1.2.4.80';
    const [part] = await partsOf(await ask(`${one}/frames/1`, ohif));
    expect(part?.headers['Content-Type']).toBe('image/jls; transfer-syntax=1.2.840.10008.1.2.4.80');
    expect((await ask(`${one}/frames/1`, 'image/jpeg')).status).toBe(406);
    server.house.state.framesAreIn = explicit;
    expect((await partsOf(await ask(`${one}/frames/1`, ohif)))[0]?.body.toString()).toBe('native 1');
    expect((await ask(`${one}/frames/1`, 'image/jpeg')).status).toBe(406);
  });

  it('gives big endian pixels out as little endian', async () => {
    put(1, '1.2.840.10008.1.2.2');
    const [part] = await partsOf(await ask(`${one}/frames/1`, ohif));
    expect(part?.body.toString()).toBe('native 1');
  });

  it.each([
    ['4', 404],
    ['1,9', 404],
    ['0', 400],
    ['x', 400],
    ['1,,2', 400],
    ['-1', 400],
  ])('answers frame list %s with %i', async (list, status) => {
    const response = await ask(`${one}/frames/${list}`, 'application/octet-stream, multipart/related');
    if (list !== '1,9') expect(response.status).toBe(status);
    else await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it('takes an encoded comma', async () => {
    expect(await partsOf(await ask(`${one}/frames/1%2C2`, ohif))).toHaveLength(2);
  });
});

describe('retrieving bulk data', () => {
  const bulk = `${one}/bulkdata/7FE00010`;

  it('sends the value as what it is', async () => {
    const response = await ask(bulk);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(await response.arrayBuffer()).toHaveProperty(
      'byteLength',
      server.house.stored.get('1.2.3.4.1')?.bytes.length,
    );
  });

  it.each(['multipart/related; type="application/octet-stream"', 'multipart/related; type="*/*"'])(
    'sends it in a part to %s',
    async (accept) => {
      const [part] = await partsOf(await ask(bulk, accept));
      expect(part?.headers['Content-Location']).toBe(server.web + bulk);
      expect(part?.body.equals(server.house.stored.get('1.2.3.4.1')!.bytes)).toBe(true);
    },
  );

  it.each([
    ['bytes=0-9', 206, 'bytes 0-9/', 0, 10],
    ['bytes=5-', 206, 'bytes 5-', 5, undefined],
    ['bytes=0-', 206, 'bytes 0-', 0, undefined],
    ['bytes=-7', 206, 'bytes ', -7, undefined],
    ['bytes=9-99999999', 206, 'bytes 9-', 9, undefined],
    ['bytes=0-1,4-5', 200, '', 0, undefined],
    ['lines=0-1', 200, '', 0, undefined],
  ])('answers Range %s with %i', async (range, status, contentRange, from, to) => {
    const { bytes } = server.house.stored.get('1.2.3.4.1')!;
    const response = await ask(bulk, '*/*', { Range: range });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range') ?? '').toContain(contentRange);
    const expected = bytes.subarray(from < 0 ? bytes.length + from : from, to);
    expect(response.headers.get('content-length')).toBe(String(expected.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
  });

  it.each([
    ['text/html', 'sandbox'],
    ['image/svg+xml', 'sandbox'],
    ['application/pdf', null],
    ['video/mp4', null],
  ])('does not let %s act as a page of ours', async (mediaType, policy) => {
    server.house.state.bulkMediaType = mediaType;
    const response = await ask(bulk);
    expect(response.headers.get('content-type')).toBe(mediaType);
    expect(response.headers.get('content-security-policy')).toBe(policy);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('answers a range beyond the value with 416 and its size', async () => {
    const response = await ask(bulk, '*/*', { Range: 'bytes=99999999-' });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${server.house.stored.get('1.2.3.4.1')?.bytes.length}`);
  });

  it('has an address within sequences', async () => {
    const response = await ask(`${one}/bulkdata/54000100/0/54001010`);
    expect(await response.json()).toMatchObject({ detail: 'There is no such value.' });
    expect((await ask(`${one}/bulkdata/../x`)).status).not.toBe(200);
    expect((await ask(`${one}/bulkdata/7FE0`)).status).toBe(400);
  });
});

describe('retrieving pictures', () => {
  it.each([
    ['/studies/1.2.3/rendered', '*/*', 'image/jpeg'],
    ['/studies/1.2.3/series/1.2.3.4/rendered', 'image/png', 'image/png'],
    [`${one}/rendered`, 'image/png;q=0.5, image/jpeg', 'image/jpeg'],
    [`${one}/frames/2/rendered`, '*/*', 'image/jpeg'],
    ['/studies/1.2.3/thumbnail', '*/*', 'image/jpeg'],
    ['/studies/1.2.3/series/1.2.3.4/thumbnail', 'image/*', 'image/jpeg'],
    [`${one}/thumbnail`, 'image/png', 'image/png'],
    [`${one}/frames/2/thumbnail`, '*/*', 'image/jpeg'],
  ])('at %s for %s sends %s', async (path, accept, expected) => {
    const response = await ask(path, accept);
    expect(response.headers.get('content-type')).toBe(expected);
    expect(await response.text()).toBe(`picture ${expected}`);
    expect(server.house.renderings[0]?.frame).toBe(path.includes('frames') ? 2 : undefined);
  });

  it('passes window, viewport and quality on', async () => {
    await ask(`${one}/rendered?window=-600.5,1500,linear-exact&viewport=256,128,10,,-100,50&quality=80`);
    expect(server.house.renderings[0]?.parameters).toEqual({
      mediaType: 'image/jpeg',
      quality: 80,
      window: { center: -600.5, width: 1500, function: 'linear-exact' },
      viewport: { width: 256, height: 128, source: { x: 10, y: 0, width: -100, height: 50 } },
    });
  });

  it('makes thumbnails small unless told otherwise', async () => {
    await ask(`${one}/thumbnail`);
    await ask(`${one}/thumbnail?viewport=64,64`);
    expect(server.house.renderings.map(({ parameters }) => parameters.viewport)).toEqual([
      { width: 128, height: 128 },
      { width: 64, height: 64 },
    ]);
  });

  it.each([
    ['window=1e400,2,linear', 'window'],
    ['window=1', 'window'],
    ['window=1,0,linear', 'window'],
    ['window=1,0.5,linear', 'window'],
    ['window=1,2,cubic', 'window'],
    ['window=1,2,linear,4', 'window'],
    ['viewport=1', 'viewport'],
    ['viewport=0,10', 'viewport'],
    ['viewport=9999999,10', 'viewport'],
    ['viewport=10,10,1,1,0,5', 'viewport'],
    ['viewport=10,10,1', 'viewport'],
    ['quality=0', 'quality'],
    ['quality=101', 'quality'],
    ['quality=x', 'quality'],
    ['annotation=doctor', 'annotation'],
    ['iccprofile=cmyk', 'iccprofile'],
  ])('refuses %s and names the parameter', async (query, parameter) => {
    const response = await ask(`${one}/rendered?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ parameter });
  });

  it.each([
    ['annotation=patient', undefined, 200],
    ['iccprofile=srgb', undefined, 200],
    ['iccprofile=srgb&accept=image/gif', 'iccprofile', 406],
    ['iccprofile=no', undefined, 200],
  ])('says in words what it cannot do: %s', async (query, parameter, status) => {
    const response = await ask(`${one}/rendered?${query}`);
    expect(response.status).toBe(status);
    if (status !== 200) expect(await response.json()).toMatchObject({ parameter });
  });

  it('sends several frames in several parts', async () => {
    const parts = await partsOf(await ask(`${one}/frames/1,3/rendered`, 'multipart/related; type="image/png"'));
    expect(parts.map(({ headers }) => headers['Content-Location'])).toEqual([
      `${server.web}${one}/frames/1/rendered`,
      `${server.web}${one}/frames/3/rendered`,
    ]);
  });

  it('answers 406 where there is nothing to see', async () => {
    server.house.state.undecodable = true;
    expect((await ask(`${one}/rendered`)).status).toBe(406);
    expect((await ask(`${one}/rendered`, 'image/tiff')).status).toBe(406);
  });

  it('lets the accept parameter win over the header', async () => {
    const response = await ask(`${one}/rendered?accept=image/png`, 'image/jpeg');
    expect(response.headers.get('content-type')).toBe('image/png');
  });
});

describe('retrieving what is shown as it is stored', () => {
  const rendered = `${one}/rendered`;
  const stored = () => server.house.stored.get('1.2.3.4.1')!.bytes;

  it.each([
    ['application/pdf', '*/*'],
    ['application/pdf', 'text/html,application/xhtml+xml,*/*;q=0.8'],
    ['application/pdf', 'application/pdf'],
    ['video/mp4', 'video/*'],
    ['video/mpeg', '*/*'],
  ])('sends %s to %s', async (mediaType, accept) => {
    server.house.state.mediaType = mediaType;
    const response = await ask(`${rendered}?viewport=100,100`, accept);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(mediaType);
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-location')).toBe(server.web + rendered);
    expect(response.headers.get('content-security-policy')).toBeNull();
    expect(Buffer.from(await response.arrayBuffer()).equals(stored())).toBe(true);
  });

  it('sends ranges of it, as OHIF asks for videos', async () => {
    server.house.state.mediaType = 'video/mp4';
    const whole = await ask(rendered, 'video/mp4', { Range: 'bytes=0-' });
    expect(whole.status).toBe(206);
    expect(whole.headers.get('content-range')).toBe(`bytes 0-${stored().length - 1}/${stored().length}`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(stored())).toBe(true);
    const tail = await ask(rendered, '*/*', { Range: 'bytes=-9' });
    expect(Buffer.from(await tail.arrayBuffer()).equals(stored().subarray(-9))).toBe(true);
    const beyond = await ask(rendered, '*/*', { Range: 'bytes=99999999-' });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${stored().length}`);
  });

  it.each([rendered, `${one}/bulkdata/7FE00010`])('tells HEAD of the whole of %s, whatever the range', async (path) => {
    server.house.state.mediaType = 'video/mp4';
    const headers = { Range: 'bytes=0-9' };
    const response = await fetch(server.web + path, { method: 'HEAD', headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(stored().length));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it('sends it in a part where that is asked for', async () => {
    server.house.state.mediaType = 'application/pdf';
    const [part] = await partsOf(await ask(rendered, 'multipart/related; type="application/pdf"'));
    expect(part?.headers).toEqual({ 'Content-Type': 'application/pdf', 'Content-Location': server.web + rendered });
    expect(part?.body.equals(stored())).toBe(true);
  });

  it('makes no picture of it, and says what can be had', async () => {
    server.house.state.mediaType = 'application/pdf';
    const response = await ask(rendered, 'image/jpeg');
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({
      acceptable: ['application/pdf', 'multipart/related; type="application/pdf"'],
    });
  });

  it.each([
    ['window=1', 400],
    ['annotation=doctor', 400],
  ])('looks at the parameters all the same: %s', async (query, status) => {
    server.house.state.mediaType = 'application/pdf';
    expect((await ask(`${rendered}?${query}`)).status).toBe(status);
  });

  it('does not let a document act as a page of ours', async () => {
    server.house.state.mediaType = 'text/xml';
    expect((await ask(rendered)).headers.get('content-security-policy')).toBe('sandbox');
  });
});

describe('deleting', () => {
  it.each(['/studies/1.2.3', '/studies/1.2.3/series/1.2.3.4', one])('%s answers 204, then 404', async (path) => {
    expect((await fetch(server.web + path, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(server.web + path, { method: 'DELETE' })).status).toBe(404);
  });

  it('answers 410 for what was deleted before', async () => {
    expect((await fetch(`${server.web}/studies/1.0.410`, { method: 'DELETE' })).status).toBe(410);
  });
});
