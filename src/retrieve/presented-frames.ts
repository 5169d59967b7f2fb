import type { DicomJson } from '../dicom/json-model.ts';
import { isPresentationState, requireAppliedState } from '../imaging/presentation-state/applied-states.ts';
import { referencedImages } from '../imaging/presentation-state/referenced-images.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { frameNumbers as numbersUpTo } from './frame-numbers.ts';
import type { ImageLookUp } from './image-look-up.ts';
import type { PresentedExtent, PresentedFrames, Target } from './retrieve.ts';

/** How to get at what a presentation state refers to. */
export interface PresentedParts {
  readAttributes(instance: IndexedInstance): Promise<DicomJson>;
  readonly lookUp: ImageLookUp;
}

/** More than any loop or slide that a state is about has; a file may say that it has two thousand million. */
const maxPresentedFrames = 100_000;

/** An image that a presentation state is about. */
export interface PresentedImage {
  readonly target: Required<Target>;
  /** Those that are named; empty: all. */
  readonly frameNumbers: readonly number[];
}

/**
 * The images that a presentation state is about, whether they are here or not.
 * @returns undefined for an instance that is none @throws CausewayError `cannot-render` for kinds that are not applied
 */
export async function presentedImages(
  state: IndexedInstance,
  readAttributes: PresentedParts['readAttributes'],
): Promise<PresentedImage[] | undefined> {
  if (!isPresentationState(state.sopClassUid)) return undefined;
  requireAppliedState(state.sopClassUid);
  const { studyInstanceUid } = state;
  return referencedImages(await readAttributes(state)).map(({ seriesInstanceUid, sopInstanceUid, frameNumbers }) => ({
    target: { studyInstanceUid, seriesInstanceUid, sopInstanceUid },
    frameNumbers,
  }));
}

/**
 * The frames that a presentation state is about: all of an image of which it names none (PS3.3 §10.3).
 * @returns undefined for an instance that is none
 * @throws CausewayError `cannot-render` for kinds that are not applied, if none of the images is here, or they have too many frames
 */
export async function presentedFrames(
  state: IndexedInstance,
  extent: PresentedExtent,
  { readAttributes, lookUp }: PresentedParts,
): Promise<PresentedFrames | undefined> {
  const images = await presentedImages(state, readAttributes);
  if (images === undefined) return undefined;
  const here: PresentedFrames['frames'][number][] = [];
  let missing = 0;
  for (const { target, frameNumbers } of images) {
    const instance = await lookUp(target);
    if (instance === undefined) {
      missing += 1;
      continue;
    }
    const all = numbersUpTo(1, Math.max(instance.frames, 1));
    for (const frameNumber of frameNumbers.length === 0 ? all : frameNumbers) {
      if (extent === 'first') return { frames: [{ instance, frameNumber }], missing };
      if (here.length === maxPresentedFrames) throw tooMany();
      here.push({ instance, frameNumber });
    }
  }
  const [first, ...more] = here;
  if (first !== undefined) return { frames: [first, ...more], missing };
  const message =
    missing === 0
      ? 'The presentation state refers to no image.'
      : 'None of the images that the presentation state refers to is here.';
  throw new CausewayError('cannot-render', message, { details: { tag: '00081115' } });
}

function tooMany(): CausewayError {
  const message = `The images of the presentation state have more than ${maxPresentedFrames} frames (maxPresentedFrames).`;
  return new CausewayError('cannot-render', message, { details: { limit: 'maxPresentedFrames' } });
}

/** @throws CausewayError `bad-request` if the instance is no presentation state, `cannot-render` if it is of a kind that is not applied */
export function requirePresentationState({ sopClassUid }: IndexedInstance): void {
  if (!isPresentationState(sopClassUid)) {
    const message = `The instance that presentationUID names is no presentation state (SOP Class ${sopClassUid}).`;
    throw new CausewayError('bad-request', message, { details: { parameter: 'presentationUID' } });
  }
  requireAppliedState(sopClassUid);
}
