import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const secondaryCapture = '1.2.840.10008.5.1.4.1.1.7';
const study = '2.25.78';
let server: TestServer;
let folder: string;
let count = 0;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'causeway-pictures-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Metadata of an instance of its own whose pixels come in parts. */
function metadata(sopClass: string, more: DicomJson = {}): DicomJson {
  count += 1;
  return {
    '00080016': { vr: 'UI', Value: [sopClass] },
    '00080018': { vr: 'UI', Value: [`${study}.1.${count}`] },
    '00080060': { vr: 'CS', Value: ['OT'] },
    '00100020': { vr: 'LO', Value: ['P1'] },
    '0020000D': { vr: 'UI', Value: [study] },
    '0020000E': { vr: 'UI', Value: [`${study}.1`] },
    '7FE00010': { vr: 'OB', BulkDataURI: 'pixels' },
    ...more,
  };
}

async function post(dataSet: DicomJson, type: string, ...contents: readonly Uint8Array[]) {
  const pieces = [
    Buffer.from(`--edge\r\nContent-Type: application/dicom+json\r\n\r\n${JSON.stringify([dataSet])}\r\n`),
    ...contents.flatMap((content) => [
      Buffer.from(`--edge\r\nContent-Type: ${type}\r\nContent-Location: pixels\r\n\r\n`),
      content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--edge--\r\n'),
  ];
  const response = await fetch(`${server.web}/studies`, {
    method: 'POST',
    headers: {
      'Content-Type': 'multipart/related; type="application/dicom+json"; boundary=edge',
      Accept: 'application/dicom+json',
    },
    body: Buffer.concat(pieces),
  });
  const answer = (await response.json()) as DicomJson;
  const [failed] = (answer['00081198']?.Value ?? []) as DicomJson[];
  return { status: response.status, why: String(failed?.['00000902']?.Value?.[0] ?? '') };
}

const urlOf = (dataSet: DicomJson) =>
  `${server.web}/studies/${String(dataSet['0020000D']?.Value?.[0])}/series/${String(dataSet['0020000E']?.Value?.[0])}/instances/${String(dataSet['00080018']?.Value?.[0])}`;

async function metadataAt(url: string): Promise<DicomJson> {
  const [found] = (await (await fetch(`${url}/metadata`)).json()) as DicomJson[];
  return found!;
}

async function frameAt(url: string, frame: number, accept: string): Promise<Buffer> {
  const response = await fetch(`${url}/frames/${frame}`, {
    headers: { Accept: `multipart/related; type="${accept}"` },
  });
  expect(response.status).toBe(200);
  const [part] = splitMultipart(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
  return part!.body;
}

type Samples = { readonly channels: 1 | 3; readonly wide: boolean };
const width = 37;
const height = 22;

function samplesOf({ channels, wide }: Samples, seed = 1): Buffer {
  return Buffer.from(
    Array.from({ length: width * height * channels * (wide ? 2 : 1) }, (_, at) => (at * at * 31 + seed * 7) & 0xff),
  );
}

function pngOf(samples: Buffer, { channels, wide }: Samples): Promise<Buffer> {
  const data = wide ? new Uint16Array(new Uint8Array(samples).buffer) : samples;
  const space = channels === 1 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
  return sharp(data, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer();
}

describe('Pixel Data sent as PNG', () => {
  it.each<[string, Samples, string]>([
    ['gray, 8 bits', { channels: 1, wide: false }, `${secondaryCapture}.2`],
    ['gray, 16 bits', { channels: 1, wide: true }, `${secondaryCapture}.3`],
    ['colour, 8 bits', { channels: 3, wide: false }, secondaryCapture],
    ['colour, 8 bits, of a photograph', { channels: 3, wide: false }, '1.2.840.10008.5.1.4.1.1.77.1.4'],
    ['colour, 16 bits', { channels: 3, wide: true }, secondaryCapture],
  ])('is stored sample for sample: %s', async (_what, layout, sopClass) => {
    const samples = samplesOf(layout);
    const dataSet = metadata(sopClass);
    expect(await post(dataSet, 'image/png', await pngOf(samples, layout))).toEqual({ status: 200, why: '' });
    const bits = layout.wide ? 16 : 8;
    expect(await metadataAt(urlOf(dataSet))).toMatchObject({
      '00083002': { Value: ['1.2.840.10008.1.2.1'] },
      '00280002': { Value: [layout.channels] },
      '00280004': { Value: [layout.channels === 1 ? 'MONOCHROME2' : 'RGB'] },
      '00280010': { Value: [height] },
      '00280011': { Value: [width] },
      '00280100': { Value: [bits] },
      '00280101': { Value: [bits] },
      '00280102': { Value: [bits - 1] },
      '7FE00010': { vr: layout.wide ? 'OW' : 'OB' },
    });
    expect((await frameAt(urlOf(dataSet), 1, 'application/octet-stream')).equals(samples)).toBe(true);
  });

  it('is several frames where it is several pictures, and keeps a profile', async () => {
    const layout = { channels: 3, wide: false } as const;
    const frames = [1, 2, 3].map((seed) => samplesOf(layout, seed));
    const pictures = await Promise.all(frames.map((frame) => pngOf(frame, layout)));
    const first = await sharp(frames[0]!, { raw: { width, height, channels: 3 } })
      .png()
      .withMetadata({ icc: 'srgb' })
      .toBuffer();
    const dataSet = metadata(`${secondaryCapture}.4`);
    expect((await post(dataSet, 'image/png', first, ...pictures.slice(1))).status).toBe(200);
    const stored = await metadataAt(urlOf(dataSet));
    expect(stored).toMatchObject({ '00280008': { Value: [3] }, '00282000': { vr: 'OB' } });
    for (const [at, frame] of frames.entries()) {
      expect((await frameAt(urlOf(dataSet), at + 1, 'application/octet-stream')).equals(frame)).toBe(true);
    }
  });

  it.each<[string, string, () => Promise<Buffer[]>, RegExp]>([
    [
      'of a CT',
      '1.2.840.10008.5.1.4.1.1.2',
      async () => [await pngOf(samplesOf({ channels: 1, wide: true }), { channels: 1, wide: true })],
      /SOP class cannot be stored from image\/png/,
    ],
    [
      'of another depth than its SOP class',
      `${secondaryCapture}.3`,
      async () => [await pngOf(samplesOf({ channels: 1, wide: false }), { channels: 1, wide: false })],
      /16 bits; the PNG differs/,
    ],
    [
      'that shows through',
      secondaryCapture,
      async () => [
        await sharp({ create: { width, height, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0.5 } } })
          .png()
          .toBuffer(),
      ],
      /transparent/,
    ],
    [
      'that is a JPEG',
      secondaryCapture,
      async () => [
        await sharp(samplesOf({ channels: 3, wide: false }), { raw: { width, height, channels: 3 } })
          .jpeg()
          .toBuffer(),
      ],
      /not a PNG/,
    ],
    [
      'that breaks off',
      secondaryCapture,
      async () => {
        const png = await pngOf(samplesOf({ channels: 3, wide: false }), { channels: 3, wide: false });
        return [png.subarray(0, png.length - 200)];
      },
      /could not be read/,
    ],
    [
      'of several sizes',
      secondaryCapture,
      async () => [
        await pngOf(samplesOf({ channels: 3, wide: false }), { channels: 3, wide: false }),
        await sharp({ create: { width: 3, height: 3, channels: 3, background: '#123456' } })
          .png()
          .toBuffer(),
      ],
      /another kind of picture in frame 2/,
    ],
  ])('is refused with words: one %s', async (_what, sopClass, make, why) => {
    const outcome = await post(metadata(sopClass), 'image/png', ...(await make()));
    expect(outcome.why).toMatch(why);
    expect(outcome.status).toBeGreaterThanOrEqual(409);
  });
});

const codestreams: [string, string][] = [
  ['image/jpeg', '1.2.840.10008.1.2.4.50'],
  ['image/jpeg', '1.2.840.10008.1.2.4.70'],
  ['image/jls', '1.2.840.10008.1.2.4.80'],
  ['image/jp2', '1.2.840.10008.1.2.4.90'],
  ['image/jphc', '1.2.840.10008.1.2.4.201'],
];

describe.skipIf(!hasSharedFiles)('Pixel Data sent as codestreams of real files (needs ../shared)', () => {
  it.each(codestreams)('has the attributes that the file had: %s, %s', async (type, transferSyntaxUid) => {
    const file = sharedFiles().find(
      (one) => one.storable && one.transferSyntaxUid === transferSyntaxUid && statSync(one.path).size < 2_000_000,
    );
    expect(file, 'a file of this transfer syntax').toBeDefined();
    expect((await stow(server.web, [await readFile(file!.path)])).status).toBeLessThan(300);
    const original = `${server.web}/studies/${file!.studyInstanceUid}/series/${file!.seriesInstanceUid}/instances/${file!.sopInstanceUid}`;
    const theirs = await metadataAt(original);
    const frames = Number(theirs['00280008']?.Value?.[0] ?? 1);
    const contents: Buffer[] = [];
    for (let frame = 1; frame <= Math.min(frames, 3); frame += 1) contents.push(await frameAt(original, frame, type));
    const dataSet = metadata(secondaryCapture);
    expect((await post(dataSet, `${type}; transfer-syntax=${transferSyntaxUid}`, ...contents)).status).toBe(200);
    const ours = await metadataAt(urlOf(dataSet));
    expect(ours['00083002']?.Value).toEqual([transferSyntaxUid]);
    for (const tag of ['00280002', '00280010', '00280011', '00280100']) expect(ours[tag], tag).toEqual(theirs[tag]);
    for (let frame = 1; frame <= contents.length; frame += 1) {
      const [mine, its] = await Promise.all(
        [urlOf(dataSet), original].map((url) => frameAt(url, frame, 'application/octet-stream')),
      );
      expect(mine!.equals(its!), `frame ${frame}`).toBe(true);
    }
  });
});

describe.skipIf(!hasProgram('ffmpeg'))('Pixel Data sent as MP4 (needs ffmpeg)', () => {
  it.each<[string, string[], string, number]>([
    ['H.264', ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-profile:v', 'high', '-level', '4.1'], '102', 8],
    [
      'H.264 with the header in front',
      ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-level', '4.2', '-movflags', 'faststart'],
      '104',
      8,
    ],
    ['HEVC', ['-c:v', 'libx265', '-pix_fmt', 'yuv420p', '-x265-params', 'log-level=none'], '107', 8],
    ['HEVC of 10 bits', ['-c:v', 'libx265', '-pix_fmt', 'yuv420p10le', '-x265-params', 'log-level=none'], '108', 10],
  ])('has size, frames and transfer syntax of its header: %s', async (name, options, syntax, bits) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.mp4`);
    const input = ['-f', 'lavfi', '-i', 'testsrc=size=96x64:rate=10', '-frames:v', '7'];
    const made = await runProgram('ffmpeg', ['-v', 'error', '-y', ...input, ...options, path]);
    expect(made.code, made.output).toBe(0);
    const video = await readFile(path);
    const dataSet = metadata('1.2.840.10008.5.1.4.1.1.77.1.4.1', { '00280010': { vr: 'US', Value: [480] } });
    expect((await post(dataSet, 'video/mp4', video)).status).toBe(202);
    expect(await metadataAt(urlOf(dataSet))).toMatchObject({
      '00083002': { Value: [`1.2.840.10008.1.2.4.${syntax}`] },
      '00280002': { Value: [3] },
      '00280004': { Value: ['YBR_PARTIAL_420'] },
      '00280008': { Value: [7] },
      '00280010': { Value: [64] },
      '00280011': { Value: [96] },
      '00280101': { Value: [bits] },
    });
    const rendered = await fetch(`${urlOf(dataSet)}/rendered`, { headers: { Accept: 'video/mp4' } });
    const bytes = Buffer.from(await rendered.arrayBuffer());
    expect(bytes.subarray(0, video.length).equals(video)).toBe(true);
  });

  it('is refused where it is no MP4', async () => {
    const { status, why } = await post(metadata('1.2.840.10008.5.1.4.1.1.77.1.4.1'), 'video/mp4', Buffer.alloc(500));
    expect({ status, why }).toEqual({ status: 409, why: expect.stringMatching(/is sent as video\/mp4/) });
  });
});
