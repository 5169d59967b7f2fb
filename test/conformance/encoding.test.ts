import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { createImaging } from '../../src/imaging/create-imaging.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { type PythonService, startPythonService } from '../support/python-service.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';
import { hasSharedFiles, type SharedFile, sharedFiles } from '../support/shared-files.ts';

const explicitLittle = '1.2.840.10008.1.2.1';

/** Who turns a transfer syntax that is produced here into Explicit VR Little Endian, and how. */
const decoders: Readonly<Record<string, readonly [program: string, ...options: string[]]>> = {
  '1.2.840.10008.1.2.5': ['dcmdrle', '+te'],
  '1.2.840.10008.1.2.4.80': ['dcmdjpls', '+te'],
  '1.2.840.10008.1.2.4.90': ['gdcmconv', '--raw'],
  '1.2.840.10008.1.2.4.70': ['dcmdjpeg', '+te', '--conv-never'],
};
const hasPrograms = Object.values(decoders).every(([program]) => hasProgram(program));

const native = new Set(['1.2.840.10008.1.2', explicitLittle, '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99']);
/** Who reads what only OpenJPEG reads: its frames come without a data set. */
const pillow = { transferSyntaxUid: '1.2.840.10008.1.2.4.201', python: '/usr/bin/python3' };
const pillowProgram = resolve(import.meta.dirname, 'pillow-pixels.py');
const hasPillow = spawnSync(pillow.python, ['-c', 'import pydicom, numpy, PIL.Image']).status === 0;

/** Larger ones take long to encode and show nothing else. */
const maxFileBytes = 4_000_000;

function scan(file: Uint8Array): ScannedInstance {
  const scanner = createPart10Scanner();
  scanner.push(file);
  return scanner.end();
}

/** Stored bits only: what stands above them in a cell is nobody's (PS3.5 §8.1.1). */
function storedBitsOf(file: Buffer, { pixelData, attributes }: ScannedInstance): Buffer {
  if (pixelData === undefined) throw new Error('It has no pixels.');
  const [allocated, stored, high] = ['00280100', '00280101', '00280102'].map((tag) =>
    Number(attributes[tag]?.Value?.[0]),
  ) as [number, number, number];
  const bytes = Number(attributes['00280008']?.Value?.[0] ?? 1) * frameBytes(attributes);
  const pixels = Buffer.from(file.subarray(pixelData.offset, pixelData.offset + bytes));
  if (allocated !== 16) return pixels;
  for (let at = 0; at + 1 < pixels.length; at += 2)
    pixels.writeUInt16LE((pixels.readUInt16LE(at) >> (high + 1 - stored)) & (2 ** stored - 1), at);
  return pixels;
}

function frameBytes(attributes: ScannedInstance['attributes']): number {
  const [rows, columns, samples, allocated] = ['00280010', '00280011', '00280002', '00280100'].map((tag) =>
    Number(attributes[tag]?.Value?.[0] ?? 1),
  ) as [number, number, number, number];
  return (rows * columns * samples * allocated) / 8;
}

describe.skipIf(!hasSharedFiles || !hasPrograms || !hasPillow)(
  'real files compressed here and decoded by others (needs ../shared, dcmtk, gdcmconv, pydicom and Pillow)',
  () => {
    let services: TestServices;
    let folder: string;
    let decoding: PythonService;

    beforeAll(async () => {
      decoding = startPythonService(pillow.python, pillowProgram);
      services = await createTestServices(createImaging({ log: silentLog, workers: 1 }));
      folder = await mkdtemp(join(tmpdir(), 'causeway-encoding-'));
    });
    afterAll(async () => {
      decoding?.close();
      await services?.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function stored(file: SharedFile): Promise<IndexedInstance> {
      const outcome = await send(services.ingest, await readFile(file.path));
      if (outcome.status === 'refused') throw new Error(outcome.message);
      for await (const instance of services.retrieve.instances(outcome)) return instance;
      throw new Error('It was not stored.');
    }

    async function inSyntax(instance: IndexedInstance, transferSyntaxUid: string): Promise<Buffer> {
      const chunks: Uint8Array[] = [];
      const bytes =
        instance.transferSyntaxUid === transferSyntaxUid
          ? services.retrieve.file(instance)
          : await services.retrieve.converted(instance, transferSyntaxUid);
      for await (const chunk of bytes as AsyncIterable<Uint8Array>) chunks.push(chunk);
      return Buffer.concat(chunks);
    }

    async function pixelsByPeer(file: Buffer, transferSyntaxUid: string): Promise<Buffer> {
      const [input, output] = [join(folder, 'ours.dcm'), join(folder, 'theirs')];
      await rm(output, { force: true });
      await writeFile(input, file);
      const [program, ...options] = decoders[transferSyntaxUid] ?? [];
      if (program === undefined) {
        await decoding.perform([input, output]);
        return readFile(output);
      }
      expect(await runProgram(program, [...options, input, output])).toMatchObject({ code: 0 });
      const theirs = await readFile(output);
      const scanned = scan(theirs);
      return interleaved(storedBitsOf(theirs, scanned), scanned.attributes);
    }

    const cases = [...Object.keys(decoders), pillow.transferSyntaxUid].flatMap((uid) =>
      hasSharedFiles
        ? differentFiles().map((file) => [`${file.name} in ${transferSyntax(uid)?.name}`, file, uid] as const)
        : [],
    );

    it.each(cases)('%s', async (_, file, uid) => {
      const instance = await stored(file);
      const original = await inSyntax(instance, explicitLittle);
      const originalScan = scan(original);
      let ours: Buffer;
      try {
        ours = await inSyntax(instance, uid);
      } catch (thrown) {
        if (!(thrown instanceof CausewayError)) throw thrown;
        expect([thrown.code, thrown.message]).toEqual(['transfer-syntax-unsupported', expect.stringMatching(refusals)]);
        return;
      }
      const scanned = scan(ours);
      expect(scanned.warnings.filter(({ kind }) => kind === 'meta-repaired')).toEqual([]);
      expect(scanned).toMatchObject({ transferSyntaxUid: uid, pixelData: { kind: 'encapsulated' } });
      expect(withoutPixelAttributes(scanned)).toEqual(withoutPixelAttributes(originalScan));
      // GDCM does not decompress JPEG 2000 to palette indexes.
      if (decoders[uid]?.[0] === 'gdcmconv' && scanned.attributes['00280004']?.Value?.[0] === 'PALETTE COLOR') return;
      const theirs = await pixelsByPeer(ours, uid);
      const expected = interleaved(storedBitsOf(original, originalScan), originalScan.attributes);
      expect(theirs.length).toBe(expected.length);
      expect(theirs.equals(expected)).toBe(true);
    });
  },
);

/** One file of each kind of pixels. */
function differentFiles(): SharedFile[] {
  const kinds = new Map<string, SharedFile>();
  for (const file of sharedFiles()) {
    const { path, name, storable, duplicate, transferSyntaxUid } = file;
    if (!storable || duplicate || name.includes('malformed') || !native.has(transferSyntaxUid)) continue;
    const bytes = readFileSync(path);
    if (bytes.length > maxFileBytes) continue;
    const { attributes } = createScan(bytes);
    const kind = [...pixelTags].map((tag) => String(attributes[tag]?.Value?.[0])).join(' ');
    const key = `${kind} ${transferSyntaxUid} ${attributes['00280008'] !== undefined}`;
    if (!kinds.has(key)) kinds.set(key, file);
  }
  return [...kinds.values()];
}

/** Deflated data sets are not inflated for this: their attributes are unknown, which is a kind, too. */
function createScan(bytes: Buffer): Pick<ScannedInstance, 'attributes'> {
  try {
    return scan(bytes);
  } catch {
    return { attributes: {} };
  }
}

const pixelTags = new Set(['00280002', '00280004', '00280006', '00280100', '00280101', '00280102', '00280103']);

/** What has to be as it was. */
function withoutPixelAttributes({ attributes }: ScannedInstance): ScannedInstance['attributes'] {
  const others = Object.entries(attributes).filter(([tag]) => !pixelTags.has(tag) && tag !== '7FE00010');
  return Object.fromEntries(others);
}

/** Why some pixels cannot be compressed. */
const refusals =
  /no pixels|floating point|one bit each|have 32 bits|High Bit is|more than the stored bits|have 16 bits each|colours are YBR_FULL/;

/** DCMTK writes what comes from RLE by plane. */
function interleaved(pixels: Buffer, attributes: ScannedInstance['attributes']): Buffer {
  const samples = Number(attributes['00280002']?.Value?.[0] ?? 1);
  if (samples === 1 || attributes['00280006']?.Value?.[0] !== 1) return pixels;
  const bytes = frameBytes(attributes);
  const sampleBytes = Number(attributes['00280100']?.Value?.[0]) / 8;
  const out = Buffer.alloc(pixels.length);
  const plane = bytes / samples;
  for (let start = 0; start < pixels.length; start += bytes) {
    for (let at = 0; at < bytes; at++) {
      const sample = Math.floor(at / plane);
      const [pixel, byte] = [Math.floor((at % plane) / sampleBytes), at % sampleBytes];
      out[start + (pixel * samples + sample) * sampleBytes + byte] = pixels[start + at]!;
    }
  }
  return out;
}

describe.skipIf(!hasProgram('dcmdjpeg') || !hasProgram('gdcmconv'))(
  'an image that is compressed with loss here (needs dcmtk and gdcmconv)',
  () => {
    it.each([
      [1, ['dcmdjpeg', '+te']],
      [3, ['dcmdjpeg', '+te', '+cn']],
      [3, ['gdcmconv', '--raw']],
    ] as const)('of %i samples is about the same to %j', async (samplesPerPixel, [program, ...options]) => {
      const services = await createTestServices(createImaging({ log: silentLog, workers: 1 }));
      const folder = await mkdtemp(join(tmpdir(), 'causeway-lossy-'));
      try {
        const pixelData = Buffer.alloc(32 * 32 * samplesPerPixel);
        for (let at = 0; at < pixelData.length; at++) pixelData[at] = 60 + 4 * (Math.floor(at / samplesPerPixel) % 32);
        const image = pixelElements({ rows: 32, columns: 32, bitsAllocated: 8, samplesPerPixel, pixelData });
        const outcome = await send(services.ingest, buildPart10({ elements: ctElements({}, ...image) }));
        if (outcome.status === 'refused') throw new Error(outcome.message);
        const [input, output] = [join(folder, 'ours.dcm'), join(folder, 'theirs.dcm')];
        for await (const instance of services.retrieve.instances(outcome)) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of await services.retrieve.converted(instance, '1.2.840.10008.1.2.4.50'))
            chunks.push(chunk);
          await writeFile(input, Buffer.concat(chunks));
        }
        expect(await runProgram(program, [...options, input, output])).toMatchObject({ code: 0 });
        const theirs = await readFile(output);
        const scanned = scan(theirs);
        const pixels = interleaved(storedBitsOf(theirs, scanned), scanned.attributes);
        expect(pixels.length).toBe(pixelData.length);
        // Where the colours were not turned back, gray is 128 in both of their differences.
        const isYbr = String(scanned.attributes['00280004']?.Value?.[0]).startsWith('YBR');
        const expected = isYbr ? pixelData.map((value, at) => (at % 3 === 0 ? value : 128)) : pixelData;
        expect(Math.max(...pixels.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(6);
      } finally {
        await services.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
