import { transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';

/** Which encoder writes the frames of a transfer syntax. */
export type EncoderName = 'rle' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'jpeg-lossless' | 'deflate' | 'jpeg-baseline';

export interface Encoding {
  readonly transferSyntaxUid: string;
  readonly encoder: EncoderName;
}

/**
 * Every compressed transfer syntax that frames are encoded in here. What can be negotiated, the capabilities and the
 * conformance statement follow from it. The first of a media type is what stands for it where no transfer syntax is named; lossy ones stand for nothing but themselves.
 * @see PS3.18 Table 8.7.3-5
 */
export const encodings: readonly Encoding[] = [
  { transferSyntaxUid: transferSyntaxUids.rleLossless, encoder: 'rle' },
  { transferSyntaxUid: transferSyntaxUids.jpegLsLossless, encoder: 'jpeg-ls' },
  { transferSyntaxUid: transferSyntaxUids.jpeg2000Lossless, encoder: 'jpeg-2000' },
  { transferSyntaxUid: transferSyntaxUids.htj2kLossless, encoder: 'htj2k' },
  { transferSyntaxUid: transferSyntaxUids.jpegLosslessSv1, encoder: 'jpeg-lossless' },
  { transferSyntaxUid: transferSyntaxUids.deflatedImageFrame, encoder: 'deflate' },
  { transferSyntaxUid: transferSyntaxUids.jpegBaseline, encoder: 'jpeg-baseline' },
];

export function encodingOf(transferSyntaxUid: string): Encoding | undefined {
  return encodings.find((encoding) => encoding.transferSyntaxUid === transferSyntaxUid);
}
