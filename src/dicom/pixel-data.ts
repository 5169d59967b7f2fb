/** Pixel Data, Float Pixel Data, Double Float Pixel Data. */
export type PixelDataTag = '7FE00010' | '7FE00008' | '7FE00009';

/** A run of bytes in the Part 10 file (in the inflated data set where the transfer syntax deflates it). */
export interface ByteRange {
  /** Bytes from the start. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** Uncompressed pixels: frames lie back to back; with one bit a pixel they need not start on a byte (PS3.5 §8.1.1). */
export interface NativePixelData extends ByteRange {
  readonly kind: 'native';
  readonly tag: PixelDataTag;
  readonly vr: 'OB' | 'OW' | 'OF' | 'OD';
  readonly bigEndian: boolean;
  readonly frames: number;
  /** Rows × Columns × SamplesPerPixel × BitsAllocated (YBR_FULL_422 native: two samples a pixel, unless all the chroma is there). */
  readonly bitsPerFrame: number;
}

/**
 * Compressed pixels (PS3.5 §A.4). The range covers the first item (Basic Offset Table) to the end of the value.
 * Fragments are listed in file order without the Basic Offset Table item.
 */
export interface EncapsulatedPixelData extends ByteRange {
  readonly kind: 'encapsulated';
  readonly tag: PixelDataTag;
  readonly frames: number;
  /** Offset of each fragment's first value byte (behind its item header). */
  readonly fragmentOffsets: Float64Array;
  readonly fragmentLengths: Float64Array;
  /**
   * Index of each frame's first fragment; frame i ends where frame i + 1 starts.
   * `one-to-one`: fragment i is frame i. `unknown`: nothing in the file tells where frames begin.
   */
  readonly frameStarts: Uint32Array | 'one-to-one' | 'unknown';
}

export type PixelDataLayout = NativePixelData | EncapsulatedPixelData;
