import { codestreamImage, codestreamRange } from './codestream-image.ts';
import { syntaxOfCodestream } from './codestream-syntax.ts';
import { type CodecFamily, transferSyntax, transferSyntaxUids } from './transfer-syntaxes.ts';

/** Bytes of a frame in which its header is looked for: a colour profile may stand in front of it. */
export const lossHeadBytes = 65_536;

const methods: Partial<Record<CodecFamily, string>> = {
  jpeg: 'ISO_10918_1',
  'jpeg-ls': 'ISO_14495_1',
  'jpeg-2000': 'ISO_15444_1',
  htj2k: 'ISO_15444_15',
};

/**
 * The Lossy Image Compression Method (0028,2114) of a frame that something is lost of, as its transfer syntax or its header
 * proves: DCT, an allowed error, an irreversible wavelet. What these leave open, such as layers that were cut off, is not known.
 * @param head first bytes of the frame
 * @see PS3.3 §C.7.6.1.1.5
 */
export function provenLossMethod(transferSyntaxUid: string, head: Uint8Array): string | undefined {
  const syntax = transferSyntax(transferSyntaxUid);
  const isJpeg = syntax?.codec === 'jpeg' && syntax.lossy;
  if (isJpeg || transferSyntaxUid === transferSyntaxUids.jpegXlJpegRecompression) return methods.jpeg;
  const codestream = head.subarray(codestreamRange(head, head.length).offset);
  if (!codestreamImage(codestream)?.lossy) return undefined;
  return methods[syntaxOfCodestream(codestream)?.codec ?? 'native'];
}
