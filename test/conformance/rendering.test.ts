import sharp from 'sharp';
import { afterAll, describe, type ExpectStatic, expect, it } from 'vitest';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { createImaging } from '../../src/imaging/create-imaging.ts';
import type { EncodedFrame } from '../../src/imaging/imaging.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type PixelFile, pixelFiles, sampledFrames } from '../support/pixel-corpus.ts';
import { closeReferences, missingPrograms, referencePicture } from '../support/pixel-reference.ts';
import { hasSharedFiles } from '../support/shared-files.ts';

/**
 * Gray levels of 255 by which a pixel may differ from what foreign programs show. One level is rounding (DCMTK rounds its window down).
 * Where a second decoder of a lossy codestream is off by one stored value, a window of 80 turns it into four.
 */
const tolerance = { lossless: 1, lossy: 4, ybr: 2 };

/** Content of all files of `synth/malformed` that are one picture; no foreign program reads those that appear here by themselves. */
const sameAsControl = /malformed\/(11_ts_says_implicit|52_vr_mismatch|58_trailing_garbage)/;

/** DCMTK reads these, but not as they are meant. */
const notForDcmtk = /fodicom_3175x2281_140tiles/; // its cut tiles make DCMTK lose the frames behind them

const missing = [...(hasSharedFiles ? [] : ['the shared DICOM files']), ...missingPrograms];
const imaging = createImaging({ log: silentLog, workers: 2 });
afterAll(() => imaging.close());
afterAll(closeReferences);

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Uint8Array;
}

async function rendered(frame: EncodedFrame): Promise<Pixels> {
  const png = await imaging.render(frame, { mediaType: 'image/png' });
  const { data, info } = await sharp(png).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, bytes: data };
}

/** Largest difference of any sample, gray counting as three equal ones. */
function largestDifference(one: Pixels, other: Pixels): number {
  let largest = 0;
  for (let pixel = 0; pixel < one.width * one.height; pixel++) {
    for (let color = 0; color < 3; color++) {
      const first = one.bytes[pixel * one.channels + (one.channels === 3 ? color : 0)] as number;
      const second = other.bytes[pixel * other.channels + (other.channels === 3 ? color : 0)] as number;
      largest = Math.max(largest, Math.abs(first - second));
    }
  }
  return largest;
}

function allowedDifference({ instance }: PixelFile): number {
  if (transferSyntax(instance.transferSyntaxUid)?.lossy) return tolerance.lossy;
  const photometric = instance.attributes['00280004']?.Value?.[0];
  return typeof photometric === 'string' && photometric.startsWith('YBR') ? tolerance.ybr : tolerance.lossless;
}

/** Material for parsers: Pixel Data without the attributes that say what it is. */
function isUndescribed({ attributes }: PixelFile['instance']): boolean {
  return attributes['00280010'] === undefined;
}

function hasReference({ name, instance, layout }: PixelFile): boolean {
  if (sameAsControl.test(name) || isUndescribed(instance)) return false;
  return layout.frames > 0 && !/76_corrupt_jpeg/.test(name) && !transferSyntax(instance.transferSyntaxUid)?.video;
}

function comparePictures(): void {
  const files = [...pixelFiles()];

  for (const file of files.filter(hasReference)) {
    it.concurrent(`${file.name} looks as foreign programs show it`, (context) => compareFrames(file, context.expect));
  }

  async function compareFrames(file: PixelFile, expect: ExpectStatic): Promise<void> {
    const frames = /74_fewer_frames/.test(file.name) ? [1] : sampledFrames(file);
    for (const frameNumber of frames) {
      const ours = await rendered(file.frame(frameNumber));
      const theirs = await referencePicture(file, frameNumber, { withoutDcmtk: notForDcmtk.test(file.name) });
      expect(theirs, `no foreign program reads frame ${frameNumber}`).toBeDefined();
      if (theirs === undefined) continue;
      expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
      const difference = largestDifference(ours, theirs);
      expect(difference, `frame ${frameNumber} by ${theirs.by}`).toBeLessThanOrEqual(allowedDifference(file));
    }
  }

  it('malformed files that only our scanner reads show the picture of their well-formed sibling', async () => {
    const control = files.find(({ name }) => name.includes('00_valid_control'));
    const siblings = files.filter(({ name }) => sameAsControl.test(name));
    expect(siblings).toHaveLength(3);
    for (const sibling of siblings) expect(await rendered(sibling.frame(1))).toEqual(await rendered(control!.frame(1)));
  });

  it('pixels that nothing describes are refused by the name of the missing attribute', async () => {
    for (const file of files.filter(({ instance }) => isUndescribed(instance))) {
      await expect(rendered(file.frame(1))).rejects.toThrow(/\(0028,0[01][01]0\) is missing/);
    }
  });

  it('a corrupt JPEG is refused in words', async () => {
    const corrupt = files.find(({ name }) => name.includes('76_corrupt_jpeg'));
    await expect(rendered(corrupt!.frame(1))).rejects.toThrow(/Frame 1 cannot be decoded/);
  });

  it('video is refused with a reason and not decoded as something else', async () => {
    const videos = files.filter(({ instance }) => transferSyntax(instance.transferSyntaxUid)?.video);
    expect(videos.length).toBeGreaterThan(0);
    for (const { instance } of videos) {
      const { attributes, transferSyntaxUid } = instance;
      const frame = { bytes: new Uint8Array(64), bitOffset: 0, transferSyntaxUid, attributes, frameNumber: 1 };
      const refusal = await rendered(frame).catch((thrown: unknown) => thrown);
      expect(refusal).toBeInstanceOf(CausewayError);
      expect((refusal as CausewayError).code).toBe('cannot-render');
      expect((refusal as CausewayError).message).toMatch(/video/);
    }
  });
}

describe('pictures of real files', () => {
  if (missing.length === 0) comparePictures();
  else it('look as foreign programs show them', (context) => context.skip(`not here: ${missing.join(', ')}`));
});
