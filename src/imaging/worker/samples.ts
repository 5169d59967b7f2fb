import { CausewayError } from '../../kernel/errors.ts';
import type { FrameDescription } from '../frame-description.ts';
import type { DecodedFrame } from '../imaging.ts';

/** Decoded samples, interleaved and little endian, with what only rendering has to know of them. */
export interface Samples extends DecodedFrame {
  readonly isFloat: boolean;
}

/** @returns the error for a frame that cannot be decoded; `what` completes "Frame 3 cannot be decoded: …" */
export function decodeFailed(frame: FrameDescription, what: string, cause?: unknown): CausewayError {
  return new CausewayError('decode-failed', `Frame ${frame.frameNumber} cannot be decoded: ${what}.`, {
    cause,
    details: { frameNumber: frame.frameNumber, transferSyntaxUid: frame.transferSyntaxUid },
  });
}

/** What YBR_FULL_422 is when there is chroma for every pixel. */
export function withWholeChroma(photometricInterpretation: string): string {
  return photometricInterpretation === 'YBR_FULL_422' ? 'YBR_FULL' : photometricInterpretation;
}

/** Samples with the layout of the attributes: for what no codec changes. */
export function samplesAsDescribed(
  frame: FrameDescription,
  bytes: Uint8Array,
  photometricInterpretation = frame.photometricInterpretation,
): Samples {
  return {
    bytes,
    rows: frame.rows,
    columns: frame.columns,
    samplesPerPixel: frame.samplesPerPixel,
    bitsAllocated: frame.bitsAllocated,
    bitsStored: frame.bitsStored,
    pixelRepresentation: frame.pixelRepresentation,
    photometricInterpretation,
    planarConfiguration: 0,
    highBit: frame.highBit,
    isFloat: frame.isFloat,
  };
}
