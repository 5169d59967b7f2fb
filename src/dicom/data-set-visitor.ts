import type { DataSetFrame, FragmentsFrame, SequenceFrame } from './scan-frames.ts';
import type { VrTraits } from './vr-traits.ts';

/** The header of an attribute as it stands in the file. Offsets count from the start of the stream. */
export interface AttributeHeader {
  readonly tag: number;
  readonly offset: number;
  readonly traits: VrTraits;
  /** Of the value, in bytes, or `undefinedLength`. */
  readonly length: number;
  /** Bytes in front of the value. */
  readonly headerLength: number;
  /** The value of undefined length is one of fragments (PS3.5 §A.4). */
  readonly fragments: boolean;
}

/**
 * Follows a reader through a data set, in file order; each call comes before the reader passes over the bytes in
 * question. Trailing bytes, and delimiters that end nothing, are not told of, but for what looked like an attribute until the
 * file ended.
 */
export interface DataSetVisitor {
  /** Before the value, which need not have arrived. */
  attribute(header: AttributeHeader, frame: DataSetFrame): void;
  /** A sequence, fragments (behind their `attribute`) or an item begins. @param offset of the header of the item */
  opened(frame: SequenceFrame | FragmentsFrame | DataSetFrame, offset: number): void;
  /** One fragment, or the Basic Offset Table in front of them. @param offset of its header @param length of its body */
  fragment(offset: number, length: number): void;
  closed(frame: SequenceFrame | FragmentsFrame | DataSetFrame): void;
  /** The last attribute of the data set itself was none, nor is anything that it opened: it is trailing bytes. */
  withdrawn?(): void;
}
