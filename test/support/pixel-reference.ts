import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { hasProgram, runProgram } from './peer-programs.ts';
import type { PixelFile } from './pixel-corpus.ts';
import { type PythonService, startPythonService } from './python-service.ts';

/** A picture as a foreign program makes it: one or three bytes a pixel. */
export interface ReferencePicture {
  /** The programs that made it. */
  readonly by: string;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

const pythons = ['/usr/bin/python3', 'python3'];

/** A Python that has the foreign decoders: pydicom with numpy, and Pillow with OpenJPEG. */
const python = pythons.find((name) => spawnSync(name, ['-c', 'import pydicom, numpy, PIL.Image']).status === 0);

const windowingProgram = resolve(import.meta.dirname, '../conformance/rendering-reference.py');

let windowing: PythonService | undefined;

/** Ends what was started to make pictures. */
export function closeReferences(): void {
  windowing?.close();
  windowing = undefined;
}

const programs = ['dcm2pnm', 'dcmj2pnm', 'dcml2pnm', 'gdcmconv', 'ffmpeg'];

/** Names of foreign programs that are needed and not there. */
export const missingPrograms = [
  ...programs.filter((name) => !hasProgram(name)),
  ...(python === undefined ? ['python3 with pydicom, numpy and Pillow'] : []),
];

/**
 * Renders a frame with foreign programs only.
 *
 * DCMTK decodes native, RLE, JPEG and JPEG-LS and applies the grayscale pipeline; JPEG 2000 is decompressed by GDCM first. What DCMTK
 * cannot read (one bit, floating point, HTJ2K, JPEG XL, frame-level deflate) is decoded by pydicom, OpenJPEG in Pillow or FFmpeg's libjxl, and
 * windowed by the formulas of PS3.3 §C.11.2.1 in numpy.
 * @returns undefined if none of them can read the frame
 */
export async function referencePicture(
  file: PixelFile,
  frameNumber: number,
  options: { readonly withoutDcmtk?: boolean } = {},
): Promise<ReferencePicture | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'pixel-reference-'));
  try {
    const picture = options.withoutDcmtk ? undefined : await byDcmtk(file, frameNumber, dir);
    return picture ?? (await byPython(file, frameNumber, dir));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function byDcmtk(file: PixelFile, frameNumber: number, dir: string): Promise<ReferencePicture | undefined> {
  const { attributes, transferSyntaxUid } = file.instance;
  // DCMTK shows one-bit pixels as black and gray.
  if (first(attributes, '00280100') === 1) return undefined;
  const codec = transferSyntax(transferSyntaxUid)?.codec;
  const program = codec === 'jpeg' ? 'dcmj2pnm' : codec === 'jpeg-ls' ? 'dcml2pnm' : 'dcm2pnm';
  let { path } = file;
  let by = program;
  if (codec === 'jpeg-2000') {
    path = join(dir, 'raw.dcm');
    const { code } = await runProgram('gdcmconv', ['--raw', file.path, path]);
    if (code !== 0) return undefined;
    by = `gdcmconv, ${program}`;
  }
  const picture = join(dir, 'picture.pnm');
  const args = ['--no-overlays', '+F', `${frameNumber}`, ...dcmtkWindow(attributes, frameNumber), '+op', path, picture];
  const { code } = await runProgram(program, args);
  return code === 0 ? { by, ...readPnm(await readFile(picture)) } : undefined;
}

/** How the file is to be windowed, in DCMTK's options. Of functional groups it knows the shared rescale, but neither the frame's own nor any window. */
function dcmtkWindow(attributes: DicomJson, frameNumber: number): string[] {
  const group = frameLevel(attributes, frameNumber);
  const frameVoi = group('00289132');
  if (frameVoi !== undefined) {
    const own = item(item(attributes, '52009230', frameNumber - 1), '00289145') ?? {};
    const slope = first(own, '00281053') ?? 1;
    const center = ((first(frameVoi, '00281050') ?? 0) - (first(own, '00281052') ?? 0)) / slope;
    return ['+Ww', `${center}`, `${(first(frameVoi, '00281051') ?? 1) / slope}`];
  }
  if (first(attributes, '00281051') !== undefined) return ['+Wi', '1'];
  if (attributes['00283010'] !== undefined) return ['+Wl', '1'];
  return isShownWhole(attributes) ? ['-W'] : ['+Wm'];
}

/** The documented rule of the imaging room for pictures without a window. */
function isShownWhole(attributes: DicomJson): boolean {
  const stored = first(attributes, '00280101') ?? 16;
  const untouched = (first(attributes, '00281053') ?? 1) === 1 && (first(attributes, '00281052') ?? 0) === 0;
  return stored <= 8 && first(attributes, '00280103') !== 1 && untouched;
}

function frameLevel(attributes: DicomJson, frameNumber: number): (tag: string) => DicomJson | undefined {
  const perFrame = item(attributes, '52009230', frameNumber - 1);
  const shared = item(attributes, '52009229');
  return (tag) => item(perFrame, tag) ?? item(shared, tag);
}

function item(attributes: DicomJson | undefined, tag: string, index = 0): DicomJson | undefined {
  return attributes?.[tag]?.Value?.[index] as DicomJson | undefined;
}

function first(attributes: DicomJson, tag: string): number | undefined {
  const value = attributes[tag]?.Value?.[0];
  return value === undefined || value === null ? undefined : Number(value);
}

async function byPython(file: PixelFile, frameNumber: number, dir: string): Promise<ReferencePicture | undefined> {
  const { attributes, transferSyntaxUid } = file.instance;
  const group = frameLevel(attributes, frameNumber);
  const voi = group('00289132') ?? attributes;
  const rescale = group('00289145') ?? attributes;
  const width = first(voi, '00281051');
  const frame = join(dir, 'frame.bin');
  const picture = join(dir, 'picture.pnm');
  await writeFile(frame, file.frame(frameNumber).bytes);
  const job = {
    path: file.path,
    frame,
    picture,
    number: frameNumber,
    codec: transferSyntax(transferSyntaxUid)?.codec,
    rows: first(attributes, '00280010'),
    columns: first(attributes, '00280011'),
    samples: first(attributes, '00280002') ?? 1,
    bits: first(attributes, '00280100'),
    stored: first(attributes, '00280101') ?? 0,
    float: '7FE00008' in attributes || '7FE00009' in attributes,
    slope: first(rescale, '00281053') ?? 1,
    intercept: first(rescale, '00281052') ?? 0,
    window: width === undefined ? null : [first(voi, '00281050'), width],
    function: voi['00281056']?.Value?.[0] ?? 'LINEAR',
    inverted: attributes['00280004']?.Value?.[0] === 'MONOCHROME1',
    whole: isShownWhole(attributes),
  };
  windowing ??= startPythonService(python ?? 'python3', windowingProgram);
  try {
    await windowing.perform(job);
  } catch {
    return undefined;
  }
  const tool = decoders[job.codec ?? ''] ?? 'pydicom';
  return { by: `${tool}, numpy`, ...readPnm(await readFile(picture)) };
}

const decoders: Readonly<Record<string, string>> = {
  jpeg: 'Pillow',
  'jpeg-2000': 'Pillow',
  htj2k: 'Pillow',
  'jpeg-xl': 'ffmpeg',
  'jpeg-ls': 'ffmpeg',
};

/** Binary PGM and PPM of 8 bits. */
function readPnm(file: Buffer): Omit<ReferencePicture, 'by'> {
  const header = /^P([56])\s+(?:#.*\n)*(\d+)\s+(\d+)\s+255\n/.exec(file.toString('latin1', 0, 200));
  if (header === null) throw new Error('This is not a binary PNM of 8 bits.');
  return {
    channels: header[1] === '6' ? 3 : 1,
    width: Number(header[2]),
    height: Number(header[3]),
    bytes: file.subarray(header[0].length),
  };
}
