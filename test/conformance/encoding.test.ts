import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { createImaging } from '../../src/imaging/create-imaging.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';
import { hasSharedFiles, type SharedFile, sharedFiles } from '../support/shared-files.ts';

const explicitLittle = '1.2.840.10008.1.2.1';

/** Who turns a transfer syntax that is produced here into Explicit VR Little Endian, and how. */
const decoders: Readonly<Record<string, readonly [program: string, ...options: string[]]>> = {
  '1.2.840.10008.1.2.5': ['dcmdrle', '+te'],
};
const hasPrograms = Object.values(decoders).every(([program]) => hasProgram(program));

const native = new Set(['1.2.840.10008.1.2', explicitLittle, '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99']);
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

describe.skipIf(!hasSharedFiles || !hasPrograms)(
  'real files compressed here and decoded by others (needs ../shared, dcmtk and gdcmconv)',
  () => {
    let services: TestServices;
    let folder: string;

    beforeAll(async () => {
      services = await createTestServices(createImaging({ log: silentLog, workers: 1 }));
      folder = await mkdtemp(join(tmpdir(), 'causeway-encoding-'));
    });
    afterAll(async () => {
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

    async function decodedByPeer(file: Buffer, transferSyntaxUid: string): Promise<Buffer> {
      const [program, ...options] = decoders[transferSyntaxUid]!;
      const [input, output] = [join(folder, 'ours.dcm'), join(folder, 'theirs.dcm')];
      await rm(output, { force: true });
      await writeFile(input, file);
      const result = await runProgram(program, [...options, input, output]);
      expect(result).toMatchObject({ code: 0 });
      return readFile(output);
    }

    const files = sharedFiles().filter(
      ({ path, name, storable, duplicate, transferSyntaxUid }) =>
        storable && !duplicate && !name.includes('malformed') && native.has(transferSyntaxUid) && path !== '',
    );
    const cases = Object.keys(decoders).flatMap((uid) =>
      files.map((file) => [`${file.name} in ${transferSyntax(uid)?.name}`, file, uid] as const),
    );

    it.each(cases)('%s', async (_, file, uid) => {
      if ((await readFile(file.path)).length > maxFileBytes) return;
      const instance = await stored(file);
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
      const theirs = await decodedByPeer(ours, uid);
      const original = await inSyntax(instance, explicitLittle);
      const originalScan = scan(original);
      const theirScan = scan(theirs);
      const expected = interleaved(storedBitsOf(original, originalScan), originalScan.attributes);
      const got = interleaved(storedBitsOf(theirs, theirScan), theirScan.attributes);
      expect(got.length).toBe(expected.length);
      expect(got.equals(expected)).toBe(true);
    });
  },
);

/** Why some pixels cannot be compressed. */
const refusals = /no pixels|floating point|one bit each/;

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
