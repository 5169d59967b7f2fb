import type { DicomJson } from '../../dicom/json-model.ts';
import { itemsOf, numbersOf, stringOf } from '../attribute-values.ts';

/** One frame of an image. */
export interface ImageFrame {
  readonly sopInstanceUid: string;
  /** From 1. */
  readonly frameNumber: number;
}

/** An image that a presentation state is about (PS3.3 §C.11.11). */
export interface ReferencedImage {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Those that are named; empty: all. */
  readonly frameNumbers: readonly number[];
  /** The item of Referenced Image Sequence. */
  readonly reference: DicomJson;
}

/** All images of the Presentation State Relationship Module, in the order of the sequences. They belong to the study of the state. */
export function referencedImages(state: DicomJson): ReferencedImage[] {
  return itemsOf(state, '00081115').flatMap((series) =>
    itemsOf(series, '00081140').map((reference) => ({
      seriesInstanceUid: stringOf(series, '0020000E') ?? '',
      sopInstanceUid: stringOf(reference, '00081155') ?? '',
      frameNumbers: numbersOf(reference, '00081160'),
      reference,
    })),
  );
}

/** Whether an item of Referenced Image Sequence means the frame. */
export function refersTo(reference: DicomJson, { sopInstanceUid, frameNumber }: ImageFrame): boolean {
  if (stringOf(reference, '00081155') !== sopInstanceUid) return false;
  const frameNumbers = numbersOf(reference, '00081160');
  return frameNumbers.length === 0 || frameNumbers.includes(frameNumber);
}

/** The items of a sequence that are about the frame: an item that refers to nothing is about all. */
export function itemsFor(state: DicomJson, tag: string, image: ImageFrame): DicomJson[] {
  return itemsOf(state, tag).filter((item) => {
    const references = itemsOf(item, '00081140');
    return references.length === 0 || references.some((reference) => refersTo(reference, image));
  });
}
