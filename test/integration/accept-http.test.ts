import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuiltElement,
  buildPart10,
  element,
  encapsulated,
  inTagOrder,
  pixelElements,
} from '../support/dicom-builder.ts';
import { joinMultipart, splitMultipart, stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const implicit = '1.2.840.10008.1.2';
const explicit = '1.2.840.10008.1.2.1';
const bigEndian = '1.2.840.10008.1.2.2';
const jpeg = '1.2.840.10008.1.2.4.50';
const jpegLs = '1.2.840.10008.1.2.4.80';
const rle = '1.2.840.10008.1.2.5';

const root = '2.25.406';
const seriesOf = { native: 1, jpeg: 2, rle: 3, pdf: 4 } as const;
type Kind = keyof typeof seriesOf;

function file(kind: Kind, elements: readonly BuiltElement[], transferSyntaxUid: string = explicit): Buffer {
  return buildPart10({
    transferSyntaxUid,
    elements: inTagOrder([
      element('00080016', 'UI', `1.2.840.10008.5.1.4.1.1.${kind === 'pdf' ? '104.1' : '7.2'}`),
      element('00080018', 'UI', `${root}.${seriesOf[kind]}.1`),
      element('00100010', 'PN', 'Accept^Able'),
      element('00100020', 'LO', 'A1'),
      element('0020000D', 'UI', root),
      element('0020000E', 'UI', `${root}.${seriesOf[kind]}`),
      ...elements,
    ]),
  });
}

const rows = 16;
const columns = 64;

/** Two frames of 8 bits, in runs of literals: the header of one segment, then 128 bytes at a time (PS3.5 §G.3.1). */
function rleFrame(pixels: Buffer): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  const runs: Buffer[] = [];
  for (let at = 0; at < pixels.length; at += 128) runs.push(Buffer.from([127]), pixels.subarray(at, at + 128));
  return Buffer.concat([header, ...runs]);
}

const two = { rows, columns, bitsAllocated: 8, frames: 2 } as const;
const pixels = Buffer.from(Array.from({ length: 2 * rows * columns }, (_, at) => (at * 3) & 0xff));
const frames = [pixels.subarray(0, rows * columns), pixels.subarray(rows * columns)];

let server: TestServer;

beforeAll(async () => {
  const jpegs = await Promise.all(
    frames.map((frame) =>
      sharp(frame, { raw: { width: columns, height: rows, channels: 1 } })
        .toColourspace('b-w')
        .jpeg()
        .toBuffer(),
    ),
  );
  server = await startTestServer();
  const document = Buffer.from(`%PDF-1.4\n${'%'.repeat(2000)}\n`);
  const answer = await stow(server.web, [
    file('native', pixelElements({ ...two, pixelData: pixels })),
    file('jpeg', pixelElements({ ...two, pixelData: encapsulated(jpegs) }), jpeg),
    file('rle', pixelElements({ ...two, pixelData: encapsulated(frames.map(rleFrame)) }), rle),
    file('pdf', [element('00420011', 'OB', document), element('00420012', 'LO', 'application/pdf')]),
  ]);
  expect(answer.status).toBe(200);
});
afterAll(() => server?.close());

function instance(kind: Kind, rest = ''): string {
  return `/studies/${root}/series/${root}.${seriesOf[kind]}/instances/${root}.${seriesOf[kind]}.1${rest}`;
}

/** Says exactly these headers, and no Accept of its own. */
async function exchange(
  path: string,
  accept: string | undefined,
  body?: Buffer,
): Promise<{ response: IncomingMessage; content: Buffer }> {
  const sent = request(`${server.web}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(body === undefined
        ? {}
        : { 'content-type': 'multipart/related; type="application/dicom"; boundary=causeway-test-boundary' }),
    },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { response, content: Buffer.concat(chunks) };
}

/** What came, in short: the status if it is no success, the type of the parts in brackets, else the type itself. */
function inShort(response: IncomingMessage, content: Buffer): string {
  const type = response.headers['content-type'] ?? '';
  if (response.statusCode !== 200) return String(response.statusCode);
  if (!type.startsWith('multipart/')) return type;
  const parts = splitMultipart(content, type);
  const types = new Set(parts.map(({ headers }) => headers['Content-Type']));
  const named = /type="?([^";]+)"?/.exec(type.replace(/boundary=[^;]*/, ''))?.[1];
  for (const partType of types) expect(partType?.split(';')[0]).toBe(named);
  return `${parts.length} × ${[...types].join(' and ')}`;
}

const dicomJson = 'application/dicom+json';
const problem = '406';
const dicomParts = (count: number, ...syntaxes: string[]) =>
  `${count} × ${syntaxes.map((uid) => `application/dicom; transfer-syntax=${uid}`).join(' and ')}`;
const ohif = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
const wsi = [
  'multipart/related; type="image/jls"',
  'multipart/related; type="image/jp2"',
  'multipart/related; type="image/jpx"',
  'multipart/related; type="application/octet-stream"; transfer-syntax=*',
  'multipart/related; type="image/jpeg"',
].join(', ');
const dicom = 'multipart/related; type="application/dicom"';
const octetParts = 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1';
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

const table: readonly (readonly [path: string, accept: string | undefined, answer: string])[] = [
  // Search and metadata.
  ['/studies', undefined, dicomJson],
  ['/studies', '', dicomJson],
  ['/studies', '*/*', dicomJson],
  ['/studies', '*', dicomJson],
  ['/studies', browser, dicomJson],
  ['/studies', 'application/dicom+json', dicomJson],
  ['/studies', 'Application/DICOM+JSON', dicomJson],
  ['/studies', 'application/dicom+json; charset=utf-8', dicomJson],
  ['/studies', 'application/json', 'application/json'],
  ['/studies', 'application/json, text/plain, */*', 'application/json'],
  ['/studies', 'application/json;q=0.5, application/dicom+json', dicomJson],
  ['/studies', 'application/json;q=0.9, application/dicom+json;Q=0.8', 'application/json'],
  ['/studies', 'application/dicom+json;q=0, */*', 'application/json'],
  ['/studies', 'multipart/related; type="application/dicom+xml"', '1 × application/dicom+xml'],
  ['/studies', 'multipart/related; type=application/dicom+xml', '1 × application/dicom+xml'],
  ['/studies', 'multipart/related; TYPE="application/dicom+xml"', '1 × application/dicom+xml'],
  ['/studies', 'text/html', problem],
  ['/studies', '*/*;q=0', problem],
  ['/studies', 'application/dicom', problem],
  ['/studies?accept=application/json', dicomJson, 'application/json'],
  ['/studies?accept=application/dicom%2Bjson', 'text/html', dicomJson],
  ['/studies?accept=application/dicom+json', 'text/html', dicomJson],
  ['/studies?accept=text/html', dicomJson, problem],
  [`/studies/${root}/metadata`, undefined, dicomJson],
  [`/studies/${root}/metadata`, 'application/json', 'application/json'],
  [`/studies/${root}/metadata`, 'multipart/related; type="application/dicom+xml"', '4 × application/dicom+xml'],
  [`/studies/${root}/metadata`, 'multipart/related; type="application/dicom"', problem],
  ['/studies/count', 'application/json', 'application/json; charset=utf-8'],

  // Instances.
  [instance('native'), undefined, dicomParts(1, explicit)],
  [instance('native'), '*/*', dicomParts(1, explicit)],
  [instance('native'), dicom, dicomParts(1, explicit)],
  [instance('native'), 'multipart/related; type=application/dicom', dicomParts(1, explicit)],
  [instance('native'), 'multipart/related; type="application/dicom; transfer-syntax=*"', dicomParts(1, explicit)],
  [instance('native'), `${dicom}; Transfer-Syntax="${explicit}"`, dicomParts(1, explicit)],
  [instance('native'), `${dicom}; transfer-syntax=${implicit}`, problem],
  [instance('native'), `${dicom}; transfer-syntax=${bigEndian}`, problem],
  [instance('native'), 'application/dicom', 'application/dicom; transfer-syntax=1.2.840.10008.1.2.1'],
  [instance('native'), 'application/zip', 'application/zip'],
  [instance('native'), 'image/jpeg', problem],
  [instance('jpeg'), dicom, dicomParts(1, jpeg)],
  [instance('jpeg'), `${dicom}; transfer-syntax=*`, dicomParts(1, jpeg)],
  [instance('jpeg'), `application/dicom; transfer-syntax=${jpeg}`, `application/dicom; transfer-syntax=${jpeg}`],
  [instance('rle'), dicom, dicomParts(1, explicit)],
  [instance('rle'), `${dicom}; transfer-syntax=*`, dicomParts(1, rle)],
  [instance('rle'), `${dicom}; transfer-syntax=${rle}`, dicomParts(1, rle)],
  [
    instance('rle'),
    `${dicom}; transfer-syntax=${jpegLs}; q=0.9, ${dicom}; transfer-syntax=${rle}; q=0.1`,
    dicomParts(1, jpegLs),
  ],
  [`/studies/${root}`, `${dicom}; transfer-syntax=*`, dicomParts(4, explicit, jpeg, rle)],
  [`/studies/${root}`, 'application/dicom', problem],
  [`/studies/${root}`, 'application/dicom;q=0.9, application/zip;q=0.2', 'application/zip'],
  [`/studies/${root}`, 'application/zip', 'application/zip'],
  [`/studies/${root}/series/${root}.1`, 'application/dicom', `application/dicom; transfer-syntax=${explicit}`],
  [`${instance('native')}?accept=application/dicom`, dicom, `application/dicom; transfer-syntax=${explicit}`],

  // Frames.
  [instance('native', '/frames/1'), undefined, `1 × ${octetParts}`],
  [instance('native', '/frames/1'), ohif, `1 × ${octetParts}`],
  [instance('native', '/frames/2,1'), ohif, `2 × ${octetParts}`],
  [instance('native', '/frames/1'), wsi, `1 × ${octetParts}`],
  [instance('native', '/frames/1'), 'application/octet-stream', octetParts],
  [instance('native', '/frames/1,2'), 'application/octet-stream', problem],
  [instance('native', '/frames/1'), 'image/jpeg', 'image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.70'],
  [instance('jpeg', '/frames/1'), ohif, `1 × image/jpeg; transfer-syntax=${jpeg}`],
  [instance('jpeg', '/frames/1,2'), wsi, `2 × image/jpeg; transfer-syntax=${jpeg}`],
  [instance('jpeg', '/frames/1'), undefined, `1 × image/jpeg; transfer-syntax=${jpeg}`],
  [instance('jpeg', '/frames/1'), 'image/jpeg', `image/jpeg; transfer-syntax=${jpeg}`],
  [instance('jpeg', '/frames/1'), 'multipart/related; type="application/octet-stream"', `1 × ${octetParts}`],
  [instance('jpeg', '/frames/1'), `multipart/related; type="image/jpeg"; transfer-syntax=${jpegLs}`, problem],
  [instance('rle', '/frames/1'), undefined, `1 × ${octetParts}`],
  [instance('rle', '/frames/1'), ohif, `1 × image/dicom-rle; transfer-syntax=${rle}`],
  [
    instance('rle', '/frames/1'),
    'multipart/related; type="image/x-dicom-rle"',
    `1 × image/dicom-rle; transfer-syntax=${rle}`,
  ],

  // Values.
  [instance('pdf', '/bulkdata/00420011'), '*/*', 'application/pdf'],
  [instance('pdf', '/bulkdata/00420011'), 'application/pdf', 'application/pdf'],
  [instance('pdf', '/bulkdata/00420011'), 'application/octet-stream', 'application/octet-stream'],
  [
    instance('pdf', '/bulkdata/00420011'),
    'multipart/related; type="application/octet-stream"',
    '1 × application/octet-stream',
  ],
  [instance('pdf', '/bulkdata/00420011'), 'image/png', problem],

  // Pictures and documents for people.
  [instance('native', '/rendered'), undefined, 'image/jpeg'],
  [instance('native', '/rendered'), 'image/*', 'image/jpeg'],
  [instance('native', '/rendered'), 'image/', 'image/jpeg'],
  [instance('native', '/rendered'), 'image/png', 'image/png'],
  [instance('native', '/rendered'), 'image/png;q=0.4, image/jpeg;q=0.5', 'image/jpeg'],
  [instance('native', '/rendered'), 'image/*, image/jpeg;q=0', 'image/png'],
  [instance('native', '/rendered'), 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/jpeg'],
  [instance('native', '/rendered'), 'image/avif', problem],
  [instance('native', '/frames/1,2/rendered'), 'multipart/related; type="image/png"', '2 × image/png'],
  [instance('native', '/thumbnail'), 'image/png', 'image/png'],
  [instance('pdf', '/rendered'), '*/*', 'application/pdf'],
  [instance('pdf', '/rendered'), 'application/pdf', 'application/pdf'],
  [instance('pdf', '/rendered'), 'image/jpeg', problem],
];

describe('the Accept header, end to end', () => {
  it('is put to the test by 60 rows and more', () => {
    expect(table.length).toBeGreaterThanOrEqual(60);
  });

  it.each(table)('GET %s with Accept: %s gives %s', async (path, accept, answer) => {
    const { response, content } = await exchange(path, accept);
    expect(inShort(response, content)).toBe(answer);
    if (answer !== problem) return;
    expect(response.headers['content-type']).toBe('application/problem+json');
    const { title, detail, acceptable } = JSON.parse(content.toString());
    expect(title ?? detail).toBeTruthy();
    expect(acceptable.length).toBeGreaterThan(0);
  });

  it.each([
    [undefined, dicomJson],
    ['*/*', dicomJson],
    ['application/json', 'application/json'],
    ['application/dicom+xml', 'application/dicom+xml'],
    ['application/dicom+xml;q=0.2, application/dicom+json;q=0.3', dicomJson],
    ['text/html', problem],
  ])('POST of an instance with Accept: %s gives %s', async (accept, answer) => {
    const body = joinMultipart([file('native', pixelElements({ ...two, pixelData: pixels }))]);
    const { response, content } = await exchange('/studies', accept, body);
    expect(inShort(response, content)).toBe(answer);
  });

  it('gets what loses something only by its name: frames with a word of warning, an instance as another one', async () => {
    const frame = await exchange(instance('native', '/frames/1'), `image/jpeg; transfer-syntax=${jpeg}`);
    expect(inShort(frame.response, frame.content)).toBe(`image/jpeg; transfer-syntax=${jpeg}`);
    expect(frame.response.headers['warning']).toContain('with loss');
    const whole = await exchange(instance('native'), `application/dicom; transfer-syntax=${jpeg}`);
    expect(inShort(whole.response, whole.content)).toBe(`application/dicom; transfer-syntax=${jpeg}`);
    expect(whole.response.headers['content-location']).toBeUndefined();
    const study = await exchange(`/studies/${root}`, `${dicom}; transfer-syntax=${jpeg}`);
    const parts = splitMultipart(study.content, study.response.headers['content-type'] ?? '');
    expect(parts.map(({ headers }) => headers['Content-Location'] !== undefined)).toEqual([false, true, false]);
  });
});
