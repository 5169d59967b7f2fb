import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { constants, inflateRawSync } from 'node:zlib';
import { locateFrame } from '../../src/dicom/frame-location.ts';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import type { PixelDataLayout } from '../../src/dicom/pixel-data.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import type { EncodedFrame } from '../../src/imaging/imaging.ts';
import { sharedDicomDir, sharedFiles, sharedSeries } from './shared-files.ts';

/** A file with pixels, scanned by our own scanner. */
export interface PixelFile {
  /** Relative to the folder of shared files. */
  readonly name: string;
  readonly path: string;
  readonly instance: ScannedInstance;
  readonly layout: PixelDataLayout;
  /** @throws CausewayError if the frame cannot be located */
  frame(frameNumber: number): EncodedFrame;
}

/** Every shared file that our scanner accepts and that has pixels, read when its turn comes. */
export function* pixelFiles(): Generator<PixelFile> {
  const paths = [...sharedFiles().map(({ path }) => path), ...sharedSeries('cine_real'), ...sharedSeries('wsi_real')];
  for (const path of paths) {
    const file = readPixelFile(path);
    if (file !== undefined) yield file;
  }
}

/** @returns undefined if the scanner refuses the file or finds no pixels */
function readPixelFile(path: string): PixelFile | undefined {
  const file = readFileSync(path);
  let content = file;
  const scanner = createPart10Scanner({
    acceptBareDataSets: true,
    inflate: (output) => (deflated) => {
      content = inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH });
      output(content);
    },
  });
  let instance: ScannedInstance;
  try {
    scanner.push(file);
    instance = scanner.end();
  } catch {
    return undefined;
  }
  const layout = instance.pixelData;
  if (layout === undefined) return undefined;
  return {
    name: relative(`${sharedDicomDir}/..`, path),
    path,
    instance,
    layout,
    frame(frameNumber) {
      const { ranges, bitOffset } = locateFrame(layout, frameNumber);
      const bytes = Buffer.concat(ranges.map(({ offset, length }) => content.subarray(offset, offset + length)));
      const { transferSyntaxUid, attributes } = instance;
      return { bytes, bitOffset, transferSyntaxUid, attributes, frameNumber };
    },
  };
}

/** The first, the middle and the last frame. */
export function sampledFrames({ layout }: PixelFile): number[] {
  return [...new Set([1, Math.ceil(layout.frames / 2), layout.frames])].filter((frameNumber) => frameNumber >= 1);
}
