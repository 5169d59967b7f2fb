import { type CodestreamImage, codestreamImage, codestreamRange } from './codestream-image.ts';
import type { Mp4Video } from './mp4-video.ts';
import type { NativePicture } from './native-picture.ts';

/** Bytes that lie somewhere, of which only the length is known here. */
export interface BulkContent {
  readonly length: number;
  read(offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** A part of a content that goes into a file as it is. */
export interface BulkSlice {
  readonly content: BulkContent;
  readonly offset: number;
  readonly length: number;
}

/** A compressed frame as its header describes it. */
export interface SentCodestream {
  /** Where it lies within the content: DICOM keeps it without the boxes of a JP2 file. */
  readonly offset: number;
  readonly length: number;
  /** Undefined if the content is no codestream that is known. */
  readonly image: CodestreamImage | undefined;
}

/** Bulk data as it was sent beside metadata. */
export interface SentBulk {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  /** What the sender says of a codestream or stream; octets are little endian. */
  readonly transferSyntaxUid: string | undefined;
  /** One for a value, one for each frame of compressed pixels. */
  readonly contents: readonly BulkContent[];
  /** Of contents of a type that `isCodestreamType` knows: one for each. */
  readonly codestreams?: readonly SentCodestream[];
  /** Of an MP4 whose pictures DICOM has a transfer syntax for. */
  readonly video?: Mp4Video;
  /** What they say of their pixels, where they are frames that were unpacked from pictures. */
  readonly pictures?: readonly Omit<NativePicture, 'bytes'>[];
}

/** Media types of codestreams whose header says how the pixels are made. */
const codestreamTypes = new Set(['image/jpeg', 'image/jls', 'image/jp2', 'image/jpx', 'image/jphc', 'image/j2c']);

export function isCodestreamType(mediaType: string): boolean {
  return codestreamTypes.has(mediaType);
}

/**
 * Reads the header of a compressed frame.
 * @param head first bytes of the content; where they do not reach, `image` is undefined
 * @param length of the whole content
 */
export function sentCodestream(head: Uint8Array, length: number): SentCodestream {
  const range = codestreamRange(head, length);
  return { ...range, image: codestreamImage(head.subarray(range.offset)) };
}
