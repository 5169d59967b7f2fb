import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { nativeDicomModel } from '../../src/dicom/xml-model.ts';
import { buildPart10, ctElements, element, inTagOrder, pixelElements, sequence } from '../support/dicom-builder.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { losslessCodecs, losslessFrame } from '../support/pixel-frames.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
let server: TestServer;
let folder: string;
let count = 0;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'causeway-metadata-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Part {
  readonly type: string;
  readonly location?: string;
  readonly content: Uint8Array | string;
}

function bodyOf(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ type, location, content }) => [
    Buffer.from(`\r\n--edge\r\nContent-Type: ${type}\r\n`),
    Buffer.from(location === undefined ? '\r\n' : `Content-Location: ${location}\r\n\r\n`),
    Buffer.from(content),
  ]);
  return Buffer.concat([...pieces, Buffer.from('\r\n--edge--\r\n')]);
}

async function post(body: Buffer, type = 'application/dicom+json') {
  const response = await fetch(`${server.web}/studies`, {
    method: 'POST',
    headers: { 'Content-Type': `multipart/related; type="${type}"; boundary=edge`, Accept: 'application/dicom+json' },
    body,
  });
  const answer = (await response.json()) as DicomJson;
  const items = (tag: string) => (answer[tag]?.Value ?? []) as DicomJson[];
  return { status: response.status, answer, stored: items('00081199'), failed: items('00081198') };
}

const json = (...dataSets: readonly unknown[]): Part => ({
  type: 'application/dicom+json',
  content: JSON.stringify(dataSets),
});

/** Metadata of an instance of its own, without pixels. */
function metadata(more: DicomJson = {}): DicomJson {
  count += 1;
  return {
    '00080016': { vr: 'UI', Value: [secondaryCapture] },
    '00080018': { vr: 'UI', Value: [`2.25.77.1.${count}`] },
    '00080060': { vr: 'CS', Value: ['OT'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Jörg' }] },
    '00100020': { vr: 'LO', Value: ['M1'] },
    '0020000D': { vr: 'UI', Value: ['2.25.77'] },
    '0020000E': { vr: 'UI', Value: ['2.25.77.1'] },
    ...more,
  };
}

const instanceUrl = (dataSet: DicomJson) =>
  `${server.web}/studies/2.25.77/series/2.25.77.1/instances/${String(dataSet['00080018']?.Value?.[0])}`;

async function storedMetadata(dataSet: DicomJson): Promise<DicomJson> {
  const [found] = (await (await fetch(`${instanceUrl(dataSet)}/metadata`)).json()) as DicomJson[];
  return found!;
}

const image = (uri = 'bulk/1'): DicomJson => ({ '7FE00010': { vr: 'OB', BulkDataURI: uri } });

function picture(channels: 1 | 3, width = 48, height = 32) {
  const raw = Buffer.from(Array.from({ length: width * height * channels }, (_, at) => (at * 7) & 0xff));
  const source = sharp(raw, { raw: { width, height, channels } });
  return channels === 1 ? source.toColourspace('b-w') : source;
}

describe('storing metadata with bulk data', () => {
  it('derives the pixel attributes from a JPEG, and tells where the metadata said otherwise', async () => {
    const dataSet = metadata({ ...image(), '00280010': { vr: 'US', Value: [7] } });
    const jpeg = await picture(3).jpeg({ chromaSubsampling: '4:2:0' }).toBuffer();
    const { status, stored } = await post(
      bodyOf([json(dataSet), { type: 'image/jpeg', location: 'bulk/1', content: jpeg }]),
    );
    expect(status).toBe(202);
    expect(stored[0]?.['00081196']?.Value).toEqual([0xb000]);
    expect(stored[0]?.['00741048']?.Value).toMatchObject([{ '00720026': { Value: ['00280010'] } }]);
    expect(await storedMetadata(dataSet)).toMatchObject({
      '00080005': { Value: ['ISO_IR 192'] },
      '00083002': { Value: ['1.2.840.10008.1.2.4.50'] },
      '00100010': { Value: [{ Alphabetic: 'Müller^Jörg' }] },
      '00280002': { Value: [3] },
      '00280004': { Value: ['YBR_FULL_422'] },
      '00280010': { Value: [32] },
      '00280011': { Value: [48] },
      '00280100': { Value: [8] },
      '00282110': { Value: ['01'] },
    });
    const frame = await fetch(`${instanceUrl(dataSet)}/frames/1`, { headers: { Accept: 'image/jpeg' } });
    expect(
      Buffer.from(await frame.arrayBuffer())
        .subarray(0, jpeg.length)
        .equals(jpeg),
    ).toBe(true);
    const rendered = await fetch(`${instanceUrl(dataSet)}/rendered`, { headers: { Accept: 'image/png' } });
    expect(rendered.status).toBe(200);
  });

  const codecNamed = (name: string) => losslessCodecs.find((codec) => codec.name === name)!;

  it.each([
    ['JPEG-LS', 'image/jls'],
    ['JPEG lossless', 'image/jpeg'],
  ])('keeps the sign of pixels that %s codes without one', async (name, type) => {
    const shape = { rows: 16, columns: 16, samplesPerPixel: 1, bits: 12 } as const;
    const { frame, original } = await losslessFrame(codecNamed(name), shape);
    const stated: DicomJson = { '00280101': { vr: 'US', Value: [12] }, '00280103': { vr: 'US', Value: [1] } };
    const dataSet = metadata({ ...image(), ...stated });
    const { status } = await post(bodyOf([json(dataSet), { type, location: 'bulk/1', content: frame.bytes }]));
    expect(status).toBe(200);
    expect(await storedMetadata(dataSet)).toMatchObject(stated);
    const octets = await fetch(`${instanceUrl(dataSet)}/frames/1`, { headers: { Accept: 'application/octet-stream' } });
    const signed = new Uint16Array(original.buffer).map((value) => (value > 2047 ? value + 0xf000 : value));
    expect(Buffer.from(await octets.arrayBuffer())).toEqual(Buffer.from(signed.buffer));
  });

  it.each([
    ['JPEG-LS', 'image/jls', 'YBR_FULL', 'YBR_FULL'],
    ['JPEG-LS', 'image/jls', 'YBR_FULL_422', 'YBR_FULL'],
    ['JPEG lossless', 'image/jpeg', 'YBR_FULL', 'YBR_FULL'],
    ['JPEG lossless', 'image/jpeg', 'MONOCHROME2', 'RGB'],
    ['JPEG 2000', 'image/jp2', 'YBR_FULL', 'YBR_RCT'],
  ])('takes colours of %s, which as %s are said to be %s, for %s', async (name, type, stated, kept) => {
    const shape = { rows: 16, columns: 16, samplesPerPixel: 3, bits: 8 } as const;
    const { frame } = await losslessFrame(codecNamed(name), shape);
    const dataSet = metadata({ ...image(), '00280004': { vr: 'CS', Value: [stated] } });
    const { status } = await post(bodyOf([json(dataSet), { type, location: 'bulk/1', content: frame.bytes }]));
    expect(status).toBe(stated === kept ? 200 : 202);
    expect((await storedMetadata(dataSet))['00280004']?.Value).toEqual([kept]);
  });

  it('takes several JPEGs of one location for frames', async () => {
    const dataSet = metadata(image());
    const frames = await Promise.all(
      [1, 2, 3].map((quality) =>
        picture(1)
          .jpeg({ quality: 30 * quality })
          .toBuffer(),
      ),
    );
    const parts = frames.map((content) => ({ type: 'image/jpeg', location: 'bulk/1', content }));
    expect((await post(bodyOf([json(dataSet), ...parts]))).status).toBe(200);
    expect(await storedMetadata(dataSet)).toMatchObject({
      '00280004': { Value: ['MONOCHROME2'] },
      '00280008': { Value: [3] },
    });
    const third = await fetch(`${instanceUrl(dataSet)}/frames/3`, { headers: { Accept: 'image/jpeg' } });
    expect(
      Buffer.from(await third.arrayBuffer())
        .subarray(0, frames[2]!.length)
        .equals(frames[2]!),
    ).toBe(true);
  });

  it('stores native pixels from octets, and several instances of one request', async () => {
    const pixels = (uri: string): DicomJson => ({
      '00280002': { vr: 'US', Value: [1] },
      '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
      '00280010': { vr: 'US', Value: [2] },
      '00280011': { vr: 'US', Value: [4] },
      '00280100': { vr: 'US', Value: [16] },
      '00280101': { vr: 'US', Value: [16] },
      '00280102': { vr: 'US', Value: [15] },
      '00280103': { vr: 'US', Value: [0] },
      '7FE00010': { vr: 'OW', BulkDataURI: uri },
    });
    const both = [metadata(pixels('/b/1')), metadata(pixels('http://elsewhere/b/2'))];
    const contents = [Buffer.from('one\r\n--edg\0two'.padEnd(16)), Buffer.from('\r\n\r\n--edge-x\r\n'.padEnd(16))];
    const parts = ['http://elsewhere/b/2', '/b/1'].map((location, at) => ({
      type: 'application/octet-stream',
      location,
      content: contents[1 - at]!,
    }));
    expect((await post(bodyOf([...parts, json(...both)]))).status).toBe(200);
    for (const [at, dataSet] of both.entries()) {
      const bulk = await fetch(`${instanceUrl(dataSet)}/bulkdata/7FE00010`, { headers: { Accept: '*/*' } });
      expect(Buffer.from(await bulk.arrayBuffer()).includes(contents[at]!)).toBe(true);
    }
  });

  it.each([
    ['application/pdf', '1.2.840.10008.5.1.4.1.1.104.1', '%PDF-1.7\n%%EOF'],
    ['text/xml', '1.2.840.10008.5.1.4.1.1.104.2', '<ClinicalDocument/>'],
    ['model/stl', '1.2.840.10008.5.1.4.1.1.104.3', 'solid nothing\nendsolid'],
  ])('stores a document of %s, and what it is', async (type, sopClass, content) => {
    const dataSet = metadata({
      '00080016': { vr: 'UI', Value: [sopClass] },
      '00420011': { vr: 'OB', BulkDataURI: 'document' },
    });
    expect((await post(bodyOf([json(dataSet), { type, location: 'document', content }]))).status).toBe(200);
    expect(await storedMetadata(dataSet)).toMatchObject({
      '00420012': { Value: [type] },
      '00420015': { Value: [content.length] },
    });
  });

  it('puts every data set and every part in exactly one of the sequences', async () => {
    const good = metadata();
    const { status, stored, failed } = await post(
      bodyOf([
        json(good, metadata(image('absent')), { '0008': {} }, metadata(image('bulk/png'))),
        { type: 'image/png', location: 'bulk/png', content: 'png' },
        { type: 'image/jpeg', location: 'unused', content: 'x' },
        { type: 'image/jpeg', content: 'x' },
      ]),
    );
    expect(status).toBe(202);
    expect(stored).toHaveLength(1);
    expect(failed).toHaveLength(5);
    expect(failed[0]?.['00741048']?.Value).toMatchObject([{ '00720026': { Value: ['7FE00010'] } }]);
    expect(failed.map((item) => item['00000902']?.Value?.[0]).join('\n')).toMatch(
      /not sent with it[\s\S]*eight hexadecimal[\s\S]*picture[\s\S]*without a Content-Location[\s\S]*no data set refers/,
    );
  });

  it.each([
    ['no JSON', [{ type: 'application/dicom+json', content: '[{' }]],
    ['no data set', [json()]],
  ])('answers 400 to %s', async (_what, parts) => {
    expect((await post(bodyOf(parts))).status).toBe(400);
  });

  it('refuses an image that is not what it says', async () => {
    const jpeg = await picture(1).jpeg().toBuffer();
    for (const content of [Buffer.from('no picture'), jpeg.subarray(0, 20)]) {
      const parts = [json(metadata(image())), { type: 'image/jpeg', location: 'bulk/1', content }];
      const { status, failed } = await post(bodyOf(parts));
      expect([status, failed[0]?.['00081197']?.Value]).toEqual([409, [0xc000]]);
    }
  });

  it('stores nothing of a body that breaks off at any hundredth byte', async () => {
    const dataSet = metadata(image());
    const jpeg = await picture(3).jpeg({ quality: 40 }).toBuffer();
    const body = bodyOf([json(dataSet), { type: 'image/jpeg', location: 'bulk/1', content: jpeg }]);
    for (let length = 0; length < body.length - 10; length += 100) {
      expect((await post(body.subarray(0, length))).status, `${length} bytes`).toBe(400);
    }
    expect((await fetch(`${instanceUrl(dataSet)}/metadata`)).status).toBe(404);
    expect((await post(body)).status).toBe(200);
  });

  it('takes numbers that are null for no value, and refuses null among numbers, which could only become another number', async () => {
    const empty = {
      '00181271': { vr: 'FD', Value: [null] },
      '00280009': { vr: 'AT', Value: [null, null] },
      '001021C0': { vr: 'US', Value: [null] },
    } satisfies DicomJson;
    const dataSet = metadata(empty);
    expect((await post(bodyOf([json(dataSet)]))).status).toBe(200);
    const kept = await storedMetadata(dataSet);
    expect(Object.keys(empty).map((tag) => kept[tag])).toEqual([{ vr: 'FD' }, { vr: 'AT' }, { vr: 'US' }]);
    for (const [vr, value] of [
      ['FD', 1.5],
      ['AT', '00181063'],
      ['US', 1],
      ['SV', '1'],
    ] as const) {
      const among = metadata({ '00091001': { vr, Value: [value, null] } });
      const { status, failed } = await post(bodyOf([json(among)]));
      expect(status).toBe(409);
      expect(failed[0]?.['00741048']?.Value).toMatchObject([{ '00720026': { Value: ['00091001'] } }]);
    }
  });

  it('stores XML, a part a data set', async () => {
    const both = [metadata(), metadata({ '00104000': { vr: 'LT', Value: ['a\r\nb <&>'] } })];
    const parts = both.map((dataSet) => ({
      type: 'application/dicom+xml',
      content: [...nativeDicomModel(dataSet)].join(''),
    }));
    expect((await post(bodyOf(parts), 'application/dicom+xml')).status).toBe(200);
    for (const dataSet of both) expect(await storedMetadata(dataSet)).toMatchObject(dataSet);
  });
});

describe.runIf(hasProgram('dcm2json') && hasProgram('dcm2xml'))('what DCMTK writes of a file', () => {
  const elements = inTagOrder(
    ctElements(
      { study: '2.25.77', series: '2.25.77.1', instance: '2.25.77.1.5000' },
      element('00080005', 'CS', 'ISO_IR 192'),
      sequence('00081140', [[element('00081150', 'UI', secondaryCapture)], []], { undefinedLength: true }),
      element('00090010', 'LO', 'ACME ü'),
      element('00091001', 'FD', [1.25]),
      element('00200032', 'DS', '1.5\\-3\\0'),
      element('00104000', 'LT', 'remarks\r\nä'),
    ),
  );
  const pixels = pixelElements({ rows: 4, columns: 4, pixelData: Buffer.alloc(32, 7) });

  it.each([
    ['dcm2json', [], 'application/dicom+json', [...elements, ...pixels]],
    // It cannot write pixels into the native model.
    ['dcm2xml', ['-nat'], 'application/dicom+xml', elements],
  ] as const)('is stored as what it was: %s', async (program, options, type, dataSet) => {
    await server.house.erase.erase({ studyInstanceUid: '2.25.77' }).catch(() => 0);
    const sent = join(folder, 'sent.dcm');
    const kept = join(folder, 'kept.dcm');
    await writeFile(sent, buildPart10({ elements: dataSet }));
    const { output, code } = await runProgram(program, [...options, sent]);
    expect(code, output).toBe(0);
    const { status, answer } = await post(bodyOf([{ type, content: output }]), type);
    expect(status, JSON.stringify(answer)).toBe(200);
    const url = `${server.web}/studies/2.25.77/series/2.25.77.1/instances/2.25.77.1.5000`;
    const file = await fetch(url, { headers: { Accept: 'application/dicom' } });
    await writeFile(kept, Buffer.from(await file.arrayBuffer()));
    const [theirs, ours] = await Promise.all(
      [sent, kept].map(async (path) => (await runProgram('dcmdump', ['-E', '+L', '+U8', path])).output),
    );
    expect(dataSetLines(ours!)).toEqual(dataSetLines(theirs!));
  });
});

/** Attributes of a dump without lengths, which differ for sequences of undefined length. */
function dataSetLines(dump: string): string[] {
  return dump
    .split('\n')
    .filter((line) => /^ *\(/.test(line) && !/\((0002|fffe),/.test(line))
    .map((line) => line.replace(/\s+#.*$/, '').replace(/ with (explicit|undefined) length.*$/, ''));
}
