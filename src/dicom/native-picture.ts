/** A picture of a foreign format as native Pixel Data: samples of a pixel together, little endian, unsigned. */
export interface NativePicture {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  /** All of them stored. */
  readonly bitsAllocated: 8 | 16;
  /** What the samples mean, where the picture says so (ICC Profile (0028,2000)). */
  readonly iccProfile?: Uint8Array;
}

/**
 * Unpacks a picture without loss.
 * @throws CausewayError `decode-failed`, `malformed` (what native pixels cannot hold), `timed-out`, `unavailable`
 */
export type ReadPicture = (picture: Uint8Array) => Promise<NativePicture>;
