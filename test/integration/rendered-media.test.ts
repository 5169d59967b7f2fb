import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltElement, buildPart10, element, encapsulated } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const pdfStorage = '1.2.840.10008.5.1.4.1.1.104.1';
const cdaStorage = '1.2.840.10008.5.1.4.1.1.104.2';
const endoscopicVideo = '1.2.840.10008.5.1.4.1.1.77.1.1.1';
const mpeg2 = '1.2.840.10008.1.2.4.100';
const h264 = '1.2.840.10008.1.2.4.102';
const hevc = '1.2.840.10008.1.2.4.107';

let server: TestServer;
let count = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

/** @returns its URL */
async function store(sopClass: string, elements: readonly BuiltElement[], transferSyntaxUid?: string): Promise<string> {
  count += 1;
  const [study, series, instance] = [`2.25.7.${count}`, `2.25.8.${count}`, `2.25.9.${count}`];
  const all = [
    element('00080016', 'UI', sopClass),
    element('00080018', 'UI', instance),
    element('00100010', 'PN', 'Doe^Jane'),
    element('00100020', 'LO', 'P1'),
    element('0020000D', 'UI', study),
    element('0020000E', 'UI', series),
    ...elements,
  ];
  const file = buildPart10({ elements: all, ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }) });
  expect((await stow(server.web, [file])).status).toBe(200);
  return `${server.web}/studies/${study}/series/${series}/instances/${instance}`;
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers });
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function document(bytes: Buffer, mimeType?: string): BuiltElement[] {
  return [
    element('00420011', 'OB', bytes),
    ...(mimeType === undefined ? [] : [element('00420012', 'LO', mimeType)]),
    element('00420015', 'UL', [bytes.length]),
  ];
}

function video(fragments: readonly Buffer[]): BuiltElement[] {
  return [
    element('00280002', 'US', [3]),
    element('00280004', 'CS', 'YBR_PARTIAL_420'),
    element('00280008', 'IS', '25'),
    element('00280010', 'US', [64]),
    element('00280011', 'US', [64]),
    element('00280100', 'US', [8]),
    element('00280101', 'US', [8]),
    element('00280102', 'US', [7]),
    element('00280103', 'US', [0]),
    encapsulated(fragments),
  ];
}

describe('an encapsulated document', () => {
  it.each([
    ['long', 4001],
    ['short enough to lie among the attributes', 101],
  ])('goes out as it is, without the byte that pads it: %s', async (_, length) => {
    const pdf = Buffer.concat([Buffer.from('%PDF-1.4'), randomBytes(length - 8)]);
    const url = await store(pdfStorage, document(pdf, 'application/pdf'));
    const whole = await ask(`${url}/rendered`);
    expect(whole.headers.get('content-type')).toBe('application/pdf');
    expect(whole.headers.get('content-length')).toBe(String(pdf.length));
    expect((await bytesOf(whole)).equals(pdf)).toBe(true);
    const part = await ask(`${url}/rendered`, { Range: `bytes=${length - 5}-` });
    expect(part.status).toBe(206);
    expect((await bytesOf(part)).equals(pdf.subarray(-5))).toBe(true);
    expect((await ask(`${url}/rendered`, { Range: `bytes=${length}-` })).status).toBe(416);
  });

  it.each([
    [pdfStorage, undefined, 'application/pdf', null],
    [cdaStorage, undefined, 'text/xml', 'sandbox'],
    [cdaStorage, 'text/html', 'text/html', 'sandbox'],
    [pdfStorage, 'not a media type', 'application/pdf', null],
  ])('of SOP Class %s that says it is %s goes out as %s', async (sopClass, mimeType, expected, policy) => {
    const response = await ask(`${await store(sopClass, document(randomBytes(2000), mimeType))}/rendered`);
    expect(response.headers.get('content-type')).toBe(expected);
    expect(response.headers.get('content-security-policy')).toBe(policy);
  });

  it('that is empty or missing cannot be rendered', async () => {
    const empty = await store(pdfStorage, [element('00420011', 'OB', Buffer.alloc(0))]);
    const missing = await store(pdfStorage, []);
    for (const url of [empty, missing]) expect((await ask(`${url}/rendered`)).status).toBe(406);
  });

  it('is no picture, nor has frames', async () => {
    const url = await store(pdfStorage, document(randomBytes(2000), 'application/pdf'));
    expect((await ask(`${url}/rendered`, { Accept: 'image/jpeg' })).status).toBe(406);
    expect((await ask(`${url}/thumbnail`)).status).toBe(406);
    expect((await ask(`${url}/frames/1/rendered`)).status).toBe(406);
  });
});

describe('a video', () => {
  it.each([
    ['MPEG-2', mpeg2, 'video/mpeg'],
    ['H.264', h264, 'video/mp4'],
    ['HEVC', hevc, 'video/mp4'],
  ])('in %s goes out as its stream, whole or in ranges across fragments', async (_, transferSyntaxUid, mediaType) => {
    const stream = randomBytes(5000);
    const fragments = [stream.subarray(0, 2000), stream.subarray(2000, 2100), stream.subarray(2100)];
    const url = `${await store(endoscopicVideo, video(fragments), transferSyntaxUid)}/rendered`;
    const whole = await ask(url, { Range: 'bytes=0-' });
    expect(whole.status).toBe(206);
    expect(whole.headers.get('content-type')).toBe(mediaType);
    expect(whole.headers.get('content-range')).toBe('bytes 0-4999/5000');
    expect((await bytesOf(whole)).equals(stream)).toBe(true);
    const part = await ask(url, { Range: 'bytes=1990-2109' });
    expect((await bytesOf(part)).equals(stream.subarray(1990, 2110))).toBe(true);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5000']);
    expect((await ask(url, { Range: 'bytes=5000-' })).status).toBe(416);
  });
});

/** Media type and first bytes of what the files hold. */
const realFiles = [
  ['synth/docs/pdf.dcm', 'application/pdf', '%PDF-'],
  ['synth/docs/cda.dcm', 'text/xml', '<'],
  ['synth/docs/stl.dcm', 'model/stl', ''],
  ['synth/docs/obj.dcm', 'model/obj', ''],
  ['synth/docs/mtl.dcm', 'model/mtl', ''],
  ['synth/video/mpeg2_ml.dcm', 'video/mpeg', ''],
  ['synth/video/h264_hp41.dcm', 'video/mp4', ''],
  ['synth/video/hevc_main.dcm', 'video/mp4', ''],
] as const;

describe.skipIf(!hasSharedFiles)('real files (need ../shared)', () => {
  it.each(realFiles)('%s: its %s lies in the file as it is', async (name, mediaType, start) => {
    const file = sharedFiles().find((one) => one.name === name)!;
    const stored = readFileSync(file.path);
    expect((await stow(server.web, [stored])).status).toBe(200);
    const { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid: instance } = file;
    const response = await ask(`${server.web}/studies/${study}/series/${series}/instances/${instance}/rendered`);
    const bytes = await bytesOf(response);
    expect(response.headers.get('content-type')).toBe(mediaType);
    expect(bytes.subarray(0, start.length).toString()).toBe(start);
    expect(bytes.length).toBeGreaterThan(0);
    expect(stored.includes(bytes)).toBe(true);
  });
});
