import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, element } from '../support/dicom-builder.ts';
import { joinMultipart, splitMultipart, stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server?.close());

const root = '1.2.826.0.1.3680043.10.998';

function instance(study: number, series: number, number: number, pixelBytes = 512): Buffer {
  return buildPart10({
    elements: [
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'),
      element('00080018', 'UI', `${root}.${study}.${series}.${number}`),
      element('00080060', 'CS', 'OT'),
      element('00100010', 'PN', `Door^Number${study}`),
      element('00100020', 'LO', `P${study}`),
      element('0020000D', 'UI', `${root}.${study}`),
      element('0020000E', 'UI', `${root}.${study}.${series}`),
      element('00200013', 'IS', String(number)),
      element('00280002', 'US', [1]),
      element('00280004', 'CS', 'MONOCHROME2'),
      element('00280010', 'US', [16]),
      element('00280011', 'US', [pixelBytes / 16]),
      element('00280100', 'US', [8]),
      element('00280101', 'US', [8]),
      element('00280102', 'US', [7]),
      element('00280103', 'US', [0]),
      // Line breaks and what looks like a boundary are pixels like any others.
      element('7FE00010', 'OB', Buffer.alloc(pixelBytes, `\r\n\r\n--causeway-test-boundar\r\n--${number}\r\n`)),
    ],
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function itemsOf(response: Response) {
  const dataSet = (await response.json()) as DicomJson;
  const uids = (tag: string) =>
    ((dataSet[tag]?.Value ?? []) as DicomJson[]).map((item) => item['00081155']?.Value?.[0] as string | undefined);
  return { stored: uids('00081199'), failed: uids('00081198') };
}

async function storedHashes(study: number): Promise<string[]> {
  const response = await fetch(`${server.web}/studies/${root}.${study}`, {
    headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
  });
  if (response.status === 404) return [];
  const parts = splitMultipart(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
  return parts.map(({ body }) => sha256(body)).sort();
}

describe('the HTTP door of a whole house', () => {
  it('gives back every instance of four clients that store at once, byte for byte', async () => {
    const files = Array.from({ length: 100 }, (_, number) =>
      instance(1, number % 3, number, 512 * (1 + (number % 40))),
    );
    const answers = await Promise.all(
      [0, 1, 2, 3].map((client) => stow(server.web, files.slice(client * 25, client * 25 + 25))),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(await itemsOf(answer)).toMatchObject({ failed: [], stored: expect.objectContaining({ length: 25 }) });
    }
    expect(await storedHashes(1)).toEqual(files.map(sha256).sort());
  });

  it('keeps of a body that breaks off what it acknowledges, and nothing else', async () => {
    const files = [1, 2, 3].map((number) => instance(2, 1, number));
    const whole = joinMultipart(files);
    let study = 10;
    for (let length = 0; length < whole.length; length += 97) {
      study += 1;
      const own = files.map((_, index) => instance(study, 1, index + 1));
      const body = joinMultipart(own).subarray(0, length);
      const answer = await fetch(`${server.web}/studies`, {
        method: 'POST',
        headers: { 'Content-Type': 'multipart/related; type="application/dicom"; boundary=causeway-test-boundary' },
        body,
      });
      const problem = answer.headers.get('content-type') === 'application/problem+json';
      const { stored } = problem ? { stored: [] } : await itemsOf(answer);
      expect([202, 400]).toContain(answer.status);
      expect(await storedHashes(study)).toEqual(own.slice(0, stored.length).map(sha256).sort());
    }
  });

  it('changes the ETag of metadata with the content and with nothing else', async () => {
    await stow(server.web, [instance(3, 1, 1)]);
    const etag = async () => (await fetch(`${server.web}/studies/${root}.3/metadata`)).headers.get('etag');
    const before = await etag();
    expect((await stow(server.web, [instance(3, 1, 1)])).status).toBe(200);
    expect(await etag()).toBe(before);
    await stow(server.web, [instance(3, 1, 2)]);
    expect(await etag()).not.toBe(before);
  });

  it('refuses other content under a known UID and keeps the first', async () => {
    await stow(server.web, [instance(4, 1, 1)]);
    const answer = await stow(server.web, [instance(4, 1, 1, 1024)]);
    expect(answer.status).toBe(409);
    expect(await itemsOf(answer)).toEqual({ stored: [], failed: [`${root}.4.1.1`] });
    expect(await storedHashes(4)).toEqual([sha256(instance(4, 1, 1))]);
  });

  it('knows what is unknown and what is gone at each level', async () => {
    await stow(server.web, [instance(5, 1, 1), instance(5, 1, 2), instance(5, 2, 1)]);
    const study = `${server.web}/studies/${root}.5`;
    const statusOf = async (url: string) => (await fetch(url)).status;
    expect(await statusOf(`${study}/series/${root}.5.9`)).toBe(404);
    for (const path of [`/series/${root}.5.1/instances/${root}.5.1.1`, `/series/${root}.5.1`, '']) {
      expect((await fetch(study + path, { method: 'DELETE' })).status).toBe(204);
      expect(await statusOf(study + path)).toBe(410);
      expect(await statusOf(`${study + path}/metadata`)).toBe(410);
      expect((await fetch(study + path, { method: 'DELETE' })).status).toBe(410);
    }
    expect((await stow(server.web, [instance(5, 1, 1)])).status).toBe(200);
    expect(await statusOf(study)).toBe(200);
  });

  it('finds what it stored and says where to get it', async () => {
    await stow(server.web, [instance(6, 1, 1), instance(6, 1, 2)]);
    const response = await fetch(
      `${server.web}/studies?limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060&PatientName=number6`,
    );
    const [match, ...others] = (await response.json()) as DicomJson[];
    expect(others).toEqual([]);
    expect(match?.['00201208']?.Value).toEqual([2]);
    const url = String(match?.['00081190']?.Value?.[0]);
    const series = (await (await fetch(`${url}/series`)).json()) as DicomJson[];
    const seriesUrl = String(series[0]?.['00081190']?.Value?.[0]);
    const metadata = (await (await fetch(`${seriesUrl}/metadata`)).json()) as DicomJson[];
    expect(metadata).toHaveLength(2);
    const frame = await fetch(`${seriesUrl}/instances/${metadata[0]?.['00080018']?.Value?.[0]}/frames/1`, {
      headers: { Accept: 'multipart/related; type=application/octet-stream; transfer-syntax=*' },
    });
    const [part] = splitMultipart(Buffer.from(await frame.arrayBuffer()), frame.headers.get('content-type') ?? '');
    expect(part?.headers['Content-Type']).toBe('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1');
    expect(part?.body).toHaveLength(512);
  });

  it('is ready', async () => {
    const response = await fetch(new URL('/health/ready', server.web));
    expect(await response.json()).toEqual({ status: 'ok', checks: { database: { ok: true }, blobs: { ok: true } } });
  });
});
