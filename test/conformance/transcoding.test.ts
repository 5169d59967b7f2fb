import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, type SharedFile, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const explicitLittle = '1.2.840.10008.1.2.1';

/** Who turns a file of a transfer syntax into Explicit VR Little Endian, and how. */
const converters: Readonly<Record<string, readonly [program: string, ...options: string[]]>> = {
  '1.2.840.10008.1.2': ['dcmconv', '+te'],
  '1.2.840.10008.1.2.2': ['dcmconv', '+te'],
  '1.2.840.10008.1.2.1.99': ['dcmconv', '+te'],
  '1.2.840.10008.1.2.4.57': ['dcmdjpeg', '+te'],
  '1.2.840.10008.1.2.4.70': ['dcmdjpeg', '+te'],
  '1.2.840.10008.1.2.4.80': ['dcmdjpls', '+te'],
  '1.2.840.10008.1.2.5': ['dcmdrle', '+te'],
  '1.2.840.10008.1.2.4.90': ['gdcmconv', '--raw'],
};
const programs = new Set(Object.values(converters).map(([program]) => program));
const hasPrograms = [...programs].every(hasProgram);

function scan(file: Uint8Array): ScannedInstance {
  const scanner = createPart10Scanner();
  scanner.push(file);
  return scanner.end();
}

/** Stored bits only: what stands above them in a cell is nobody's (PS3.5 §8.1.1), and gdcmconv does not extend signs. */
function pixelsOf(file: Buffer, { pixelData, attributes }: ScannedInstance): Buffer | undefined {
  if (pixelData === undefined) return undefined;
  const pixels = Buffer.from(file.subarray(pixelData.offset, pixelData.offset + pixelData.length));
  const [allocated, stored] = [attributes['00280100'], attributes['00280101']].map((one) => Number(one?.Value?.[0]));
  if (allocated !== 16 || stored === undefined) return pixels;
  for (let at = 0; at + 1 < pixels.length; at += 2)
    pixels.writeUInt16LE(pixels.readUInt16LE(at) & (2 ** stored - 1), at);
  return pixels;
}

/**
 * What converters may write as they like, or get wrong: the VR of 8-bit pixels is OB or OW; gdcmconv takes Bits Stored
 * from the codestream and keeps the Extended Offset Table of the fragments that are gone.
 */
/** What is lost, as we tell of pixels of a file that calls them lossless and has a DCT in its codestream. */
const provenLoss = { '00282110': { vr: 'CS', Value: ['01'] }, '00282114': { vr: 'CS', Value: ['ISO_10918_1'] } };

function comparable({ attributes }: ScannedInstance, program: string): DicomJson {
  const others = { ...attributes };
  if (others['7FE00010']) others['7FE00010'] = { ...others['7FE00010'], vr: 'OW' };
  const freely = program === 'gdcmconv' ? ['00280101', '00280102', '7FE00001', '7FE00002'] : [];
  for (const tag of freely) delete others[tag];
  return others;
}

describe.skipIf(!hasSharedFiles || !hasPrograms)(
  'real files in Explicit VR Little Endian (needs ../shared, dcmtk and gdcmconv)',
  () => {
    let server: TestServer;
    let folder: string;

    beforeAll(async () => {
      server = await startTestServer();
      folder = await mkdtemp(join(tmpdir(), 'causeway-transcoding-'));
    });
    afterAll(async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const files = sharedFiles().filter(
      ({ name, storable, duplicate, transferSyntaxUid }) =>
        storable && !duplicate && !name.includes('malformed') && transferSyntaxUid in converters,
    );

    async function retrieved(
      { studyInstanceUid, seriesInstanceUid, sopInstanceUid }: SharedFile,
      accept = 'application/dicom',
    ): Promise<Response> {
      const path = `/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
      return fetch(server.web + path, { headers: { Accept: accept } });
    }

    async function convertedByPeer({ path, transferSyntaxUid }: SharedFile): Promise<Buffer | undefined> {
      const [program, ...options] = converters[transferSyntaxUid]!;
      const output = join(folder, 'peer.dcm');
      await rm(output, { force: true });
      const { code } = await runProgram(program, [...options, path, output]);
      return code === 0 ? readFile(output).catch(() => undefined) : undefined;
    }

    it.each(files.map((file) => [`${file.name} (${transferSyntax(file.transferSyntaxUid)?.name})`, file] as const))(
      '%s',
      async (_, file) => {
        const stored = await stow(server.web, [await readFile(file.path)]);
        expect([200, 202]).toContain(stored.status);
        const response = await retrieved(file);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicitLittle}`);
        const bytes = Buffer.from(await response.arrayBuffer());
        const ours = scan(bytes);
        expect(ours.warnings.filter(({ kind }) => kind === 'meta-repaired')).toEqual([]);
        expect(ours.fileMeta['00020010']?.Value).toEqual([explicitLittle]);
        const peer = await convertedByPeer(file);
        if (peer === undefined) throw new Error('The peer did not convert the file.');
        const theirs = scan(peer);
        const [program] = converters[file.transferSyntaxUid]!;
        if (file.name.endsWith('/test/sample-op.dcm')) {
          expect(ours.attributes).toMatchObject(provenLoss);
          for (const tag of ['00282110', '00282112', '00282114']) {
            delete ours.attributes[tag];
            delete theirs.attributes[tag];
          }
        }
        expect(comparable(ours, program)).toEqual(comparable(theirs, program));
        const pixels = pixelsOf(bytes, ours);
        expect(pixels === undefined).toBe(theirs.pixelData === undefined);
        if (pixels) expect(pixels.equals(pixelsOf(peer, { ...theirs, attributes: ours.attributes })!)).toBe(true);
      },
    );

    const lossy = sharedFiles().filter(
      ({ name, storable, duplicate, transferSyntaxUid }) =>
        storable && !duplicate && !name.includes('malformed') && /\.4\.5[01]$/.test(transferSyntaxUid),
    );

    it.each(lossy.map((file) => [`${file.name}, lossy JPEG`, file] as const))(
      '%s: uncompressed only if that is asked for, and marked as lossy then',
      async (_, file) => {
        await stow(server.web, [await readFile(file.path)]);
        const stored = await retrieved(file);
        expect(stored.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${file.transferSyntaxUid}`);
        await stored.arrayBuffer();
        const response = await retrieved(file, `application/dicom; transfer-syntax=${explicitLittle}`);
        expect(response.status).toBe(200);
        const bytes = Buffer.from(await response.arrayBuffer());
        const { attributes, pixelData } = scan(bytes);
        const number = (tag: string) => Number(attributes[tag]?.Value?.[0] ?? 1);
        const frameBytes = number('00280010') * number('00280011') * number('00280002') * (number('00280100') / 8);
        expect(pixelData?.kind).toBe('native');
        expect(pixelData!.length).toBe(2 * Math.ceil((frameBytes * number('00280008')) / 2));
        expect(attributes['00282110']?.Value).toEqual(['01']);
        expect(attributes['00280004']?.Value).toEqual([
          number('00280002') === 3 ? 'RGB' : expect.stringMatching(/^MONO/),
        ]);
      },
    );
  },
);
