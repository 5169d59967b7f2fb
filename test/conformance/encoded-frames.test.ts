import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { encodings } from '../../src/imaging/encodings.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  inTagOrder,
  pixelElements,
} from '../support/dicom-builder.ts';
import { type Part, splitMultipart, stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Who decodes what is encoded here. */
const decoders: Readonly<Record<string, readonly [program: string, ...options: string[]]>> = {
  '1.2.840.10008.1.2.5': ['dcmdrle', '+te'],
  '1.2.840.10008.1.2.4.80': ['dcmdjpls', '+te'],
  '1.2.840.10008.1.2.4.90': ['gdcmconv', '--raw'],
  '1.2.840.10008.1.2.4.201': ['/usr/bin/python3', resolve(import.meta.dirname, 'pillow-pixels.py')],
  '1.2.840.10008.1.2.4.70': ['dcmdjpeg', '+te', '--conv-never'],
};
const hasDecoders =
  Object.values(decoders).every(([program]) => hasProgram(program)) &&
  spawnSync('/usr/bin/python3', ['-c', 'import pydicom, numpy, PIL.Image']).status === 0;

const [rows, columns, frames] = [22, 34, 3];

interface Kind {
  readonly name: string;
  readonly series: string;
  readonly frameBytes: number;
  readonly pixels: Buffer;
  elements(pixelData: Uint8Array | BuiltElement, frames: number): BuiltElement[];
}

/** Stripes and steps, of so many values; no two frames are the same. */
function pattern(count: number, values: number): number[] {
  return Array.from(
    { length: count },
    (_, at) => (at * 5 + Math.floor(at / 97) * 31 + (at % 7 === 0 ? 200 : 0)) % values,
  );
}

const gray: Kind = {
  name: 'gray of 12 bits',
  series: '2.25.1201',
  frameBytes: 2 * rows * columns,
  pixels: Buffer.from(Uint16Array.from(pattern(frames * rows * columns, 4096)).buffer),
  elements: (pixelData, count) => [
    ...pixelElements({ rows, columns, frames: count, pixelData }).filter(({ tag }) => !/^0028010[12]$/.test(tag)),
    element('00280101', 'US', [12]),
    element('00280102', 'US', [11]),
  ],
};
const colour: Kind = {
  name: 'RGB',
  series: '2.25.1202',
  frameBytes: 3 * rows * columns,
  pixels: Buffer.from(pattern(3 * frames * rows * columns, 256)),
  elements: (pixelData, count) => [
    ...pixelElements({ rows, columns, frames: count, samplesPerPixel: 3, bitsAllocated: 8, pixelData }),
    element('00280006', 'US', [0]),
  ],
};

function file(kind: Kind, pixelData: Uint8Array | BuiltElement, count: number, transferSyntaxUid?: string): Buffer {
  const { series } = kind;
  const uids = { study: '2.25.120', series, instance: `${series}.1` };
  const elements = inTagOrder(ctElements(uids, ...kind.elements(pixelData, count)));
  return buildPart10({ elements, ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }) });
}

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'causeway-frames-'));
  expect(
    (
      await stow(
        server.web,
        [gray, colour].map((kind) => file(kind, kind.pixels, frames)),
      )
    ).status,
  ).toBe(200);
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

function ask({ series }: Kind, list: string, accept: string, query = ''): Promise<Response> {
  const path = `/studies/2.25.120/series/${series}/instances/${series}.1/frames/${list}${query}`;
  return fetch(server.web + path, { headers: { Accept: accept } });
}

async function partsOf(response: Response): Promise<Part[]> {
  expect(response.status).toBe(200);
  return splitMultipart(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
}

const asParameter = (accept: string) => `?accept=${encodeURIComponent(accept)}`;

/** What a foreign program makes of these frames, as one file of them. */
async function decoded(kind: Kind, bodies: readonly Buffer[], transferSyntaxUid: string): Promise<Buffer> {
  // Nobody here reads it but zlib.
  if (transferSyntaxUid === deflatedFrames) return Buffer.concat(bodies.map((body) => inflateRawSync(body)));
  const [input, output] = [join(folder, 'ours.dcm'), join(folder, 'theirs')];
  await rm(output, { force: true });
  let offset = 0;
  const basicOffsets = bodies.map((body) => {
    const at = offset;
    offset += 8 + body.length + (body.length % 2);
    return at;
  });
  await writeFile(input, file(kind, encapsulated(bodies, { basicOffsets }), bodies.length, transferSyntaxUid));
  const [program, ...options] = decoders[transferSyntaxUid]!;
  expect(await runProgram(program, [...options, input, output])).toMatchObject({ code: 0 });
  const theirs = await readFile(output);
  if (program.endsWith('python3')) return theirs;
  const scanner = createPart10Scanner();
  scanner.push(theirs);
  const { pixelData, attributes } = scanner.end();
  const pixels = theirs.subarray(pixelData!.offset, pixelData!.offset + bodies.length * kind.frameBytes);
  return attributes['00280006']?.Value?.[0] === 1 ? interleaved(pixels, kind.frameBytes) : pixels;
}

/** DCMTK writes the colours of RLE by plane. */
function interleaved(pixels: Buffer, frameBytes: number): Buffer {
  const plane = frameBytes / 3;
  return Buffer.from(
    pixels.map((_, at) => {
      const [frame, within] = [Math.floor(at / frameBytes), at % frameBytes];
      return pixels[frame * frameBytes + (within % 3) * plane + Math.floor(within / 3)]!;
    }),
  );
}

const deflatedFrames = '1.2.840.10008.1.2.8.1';

/** What is encoded with loss is another image, and compared elsewhere. */
const lossless = encodings.filter(({ transferSyntaxUid }) => !transferSyntax(transferSyntaxUid)!.lossy);

describe.skipIf(!hasDecoders)('frames that are encoded here (needs dcmtk, gdcmconv, pydicom and Pillow)', () => {
  const cases = lossless.flatMap(({ transferSyntaxUid }) =>
    [gray, colour].map(
      (kind) => [transferSyntax(transferSyntaxUid)!.name, kind.name, transferSyntaxUid, kind] as const,
    ),
  );

  it.each(cases)('%s of %s, in the order asked for, are what was stored', async (_name, _kind, uid, kind) => {
    const type = transferSyntax(uid)!.frameMediaType;
    const parts = await partsOf(await ask(kind, '3,1', `multipart/related; type="${type}"; transfer-syntax=${uid}`));
    expect(parts.map(({ headers }) => headers['Content-Type'])).toEqual(
      Array(2).fill(`${type}; transfer-syntax=${uid}`),
    );
    expect(parts.map(({ headers }) => headers['Content-Location']?.split('/').at(-1))).toEqual(['3', '1']);
    const theirs = await decoded(
      kind,
      parts.map(({ body }) => body),
      uid,
    );
    const frame = (number: number) => kind.pixels.subarray((number - 1) * kind.frameBytes, number * kind.frameBytes);
    expect(theirs.equals(Buffer.concat([frame(3), frame(1)]))).toBe(true);
  });
});

describe('the transfer syntax of frames', () => {
  const mediaTypeOf = (uid: string) => transferSyntax(uid)!.frameMediaType;

  it.each(lossless.map(({ transferSyntaxUid }) => transferSyntaxUid))(
    '%s can be asked for in every spelling, and as a parameter of the query, which goes before the header',
    async (uid) => {
      const type = mediaTypeOf(uid);
      const [expected] = await partsOf(
        await ask(gray, '2', `multipart/related; type="${type}"; transfer-syntax=${uid}`),
      );
      const multipart = [
        await ask(gray, '2', `multipart/related; type=${type}; transfer-syntax="${uid}"`),
        await ask(gray, '2', `Multipart/Related;Transfer-Syntax=${uid};TYPE="${type}"`),
        await ask(gray, '2', `multipart/related; type="application/octet-stream"; transfer-syntax=${uid}`),
        await ask(gray, '2', 'text/html', asParameter(`multipart/related; type="${type}"; transfer-syntax=${uid}`)),
        await ask(
          gray,
          '2',
          'application/octet-stream',
          asParameter(`text/html, multipart/related; type=${type}; transfer-syntax=${uid}; q=0.5`),
        ),
      ];
      for (const response of multipart) {
        const [part, ...more] = await partsOf(response);
        expect([part!.headers['Content-Type'], more]).toEqual([expected!.headers['Content-Type'], []]);
        expect(part!.body.equals(expected!.body)).toBe(true);
      }
      const single = await ask(gray, '2', '*/*', asParameter(`${type}; transfer-syntax=${uid}`));
      expect(single.headers.get('content-type')).toBe(`${type}; transfer-syntax=${uid}`);
      expect(Buffer.from(await single.arrayBuffer()).equals(expected!.body)).toBe(true);
    },
  );

  it('is the first of a media type that names none', async () => {
    const answers = await Promise.all(
      ['image/jls', 'image/jp2', 'image/jphc', 'image/dicom-rle'].map((type) => ask(gray, '1', type)),
    );
    expect(answers.map(({ headers }) => headers.get('content-type')?.split('=')[1])).toEqual([
      '1.2.840.10008.1.2.4.80',
      '1.2.840.10008.1.2.4.90',
      '1.2.840.10008.1.2.4.201',
      '1.2.840.10008.1.2.5',
    ]);
  });

  it.each([
    ['of another media type', 'image/jls; transfer-syntax=1.2.840.10008.1.2.4.90'],
    ['that nobody knows', 'multipart/related; type="image/jls"; transfer-syntax=1.2.3'],
    ['of pixels that are lossy, from what is not', 'image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.51'],
    ['in Implicit VR', 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2'],
    ['for several frames in one part', 'image/jls; transfer-syntax=1.2.840.10008.1.2.4.80', '1,2'],
  ])('%s is not acceptable, and the answer says what is', async (_, accept, list = '1') => {
    for (const response of [await ask(gray, list, accept), await ask(gray, list, '*/*', asParameter(accept))]) {
      expect(response.status).toBe(406);
      const { parameter, acceptable } = (await response.json()) as { parameter: string; acceptable: string[] };
      expect(parameter).toBe('accept');
      expect(acceptable).toEqual(
        expect.arrayContaining([
          'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1',
          'multipart/related; type="image/jls"; transfer-syntax=1.2.840.10008.1.2.4.80',
        ]),
      );
    }
  });

  it('goes for whole instances as it goes for frames', async () => {
    const path = `${server.web}/studies/2.25.120/series/${gray.series}`;
    for (const uid of ['1.2.840.10008.1.2.4.80', '1.2.840.10008.1.2.5']) {
      const accept = `multipart/related; type="application/dicom"; transfer-syntax=${uid}`;
      const response = await fetch(path + asParameter(accept), { headers: { Accept: 'application/json' } });
      const [part] = await partsOf(response);
      expect(part!.headers['Content-Type']).toBe(`application/dicom; transfer-syntax=${uid}`);
      expect(part!.body.includes(Buffer.from(uid))).toBe(true);
    }
  });
});
