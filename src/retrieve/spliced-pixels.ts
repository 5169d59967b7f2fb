import { explicitElement } from '../dicom/explicit-element.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import type { DecodedFrame } from '../imaging/imaging.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Pixels that take the place of those of a whole instance, and what the attributes have to say then. */
export interface SplicedPixels {
  /** For a `DataSetConverter`; `splice` stands where `bytes` belong. */
  readonly edits: ReadonlyMap<number, readonly Piece[]>;
  /** What `splice` stands for. */
  bytes(): AsyncIterable<Uint8Array>;
}

export function unsignedShort(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return explicitElement(tag, 'US', bytes);
}

/** All frames have one description. @throws CausewayError `decode-failed` */
export function requireAlike(frame: DecodedFrame, first: DecodedFrame): void {
  const isAlike =
    frame.bitsAllocated === first.bitsAllocated &&
    frame.bitsStored === first.bitsStored &&
    frame.photometricInterpretation === first.photometricInterpretation;
  if (!isAlike) throw unlike();
}

export function unlike(): CausewayError {
  return new CausewayError('decode-failed', 'The frames of the instance differ in size or colour space.', {
    details: { tag: '7FE00010' },
  });
}
