import type { DicomJson } from '../dicom/json-model.ts';
import type { NativePicture } from '../dicom/native-picture.ts';
import type { StoredPresentationState } from './presentation-state/stored-presentation-state.ts';

/** One frame as it lies in the file, with the attributes that say how to read it. */
export interface EncodedFrame {
  /** The whole frame, fragments joined. */
  readonly bytes: Uint8Array;
  readonly transferSyntaxUid: string;
  /** Native frames may start within the first byte, or the first big endian word: bits to pass over, 0 to 15. */
  readonly bitOffset: number;
  /** The instance's metadata; bulk values are absent. */
  readonly attributes: DicomJson;
  /** From 1. */
  readonly frameNumber: number;
  /** Bitmaps of overlays that the metadata do not hold, for this frame, by path: see `overlayBulkRanges`. Rendering only. */
  readonly overlayData?: ReadonlyMap<string, Uint8Array>;
  /** ICC Profile of the image or of the presentation state that is applied. Rendering only, where a profile is asked for. */
  readonly iccProfile?: Uint8Array | undefined;
  /** Is to be applied. Rendering only. */
  readonly presentationState?: StoredPresentationState;
}

/** Uncompressed samples in the layout that `attributes` of the result describe, little endian. */
export interface DecodedFrame {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  /** Where the most significant stored bit lies in its allocation; what is above it is not part of the value. */
  readonly highBit: number;
  readonly pixelRepresentation: 0 | 1;
  /** After decoding: YBR that the codec turned into RGB says RGB. */
  readonly photometricInterpretation: string;
  readonly planarConfiguration: 0 | 1;
}

/** One frame as a codestream, with the layout that decoding it gives and that the data set around it has to describe. */
export interface CompressedFrame extends DecodedFrame {
  /** The codestream. */
  readonly bytes: Uint8Array;
  /** Bytes of the frame before it was compressed. */
  readonly nativeBytes: number;
}

/** PS3.18 §8.3.5.1.1 */
export type AnnotationKeyword = 'patient' | 'technique';

/** PS3.18 §8.3.5 query parameters, already validated. */
export interface RenderParameters {
  /** The anymap (PPM, PGM) is uncompressed, for what goes on to another encoder. */
  readonly mediaType: 'image/jpeg' | 'image/png' | 'image/gif' | 'image/x-portable-anymap';
  /** 1 to 100, JPEG only. */
  readonly quality?: number;
  readonly window?: {
    readonly center: number;
    readonly width: number;
    readonly function: 'linear' | 'linear-exact' | 'sigmoid';
  };
  /** Text to burn in; see `describeAnnotation`. */
  readonly annotation?: readonly AnnotationKeyword[];
  /** A colour profile is embedded, that of the image or of the space that the colours are converted to; JPEG and PNG only. */
  readonly iccProfile?: 'yes' | 'srgb' | 'adobergb' | 'rommrgb' | 'displayp3';
  /** Pixels; the region of the source is in source pixels, negative sizes flip (PS3.18 §8.3.5.1.3). */
  readonly viewport?: {
    readonly width: number;
    readonly height: number;
    readonly source?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  };
  /** What of the image to show, as fractions of its width and height; in place of the viewport's source (PS3.18 §9.1.2). */
  readonly region?: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** Decodes and renders in worker threads, each job with a time limit; a worker that fails is replaced. */
export interface Imaging {
  /** @throws CausewayError `decode-failed`, `timed-out`, `transfer-syntax-unsupported` */
  decode(frame: EncodedFrame): Promise<DecodedFrame>;
  /**
   * Decodes and compresses anew.
   * @param transferSyntaxUid one of `encodings`
   * @throws CausewayError as `decode`; `transfer-syntax-unsupported` if the pixels cannot be had in it
   */
  encode(frame: EncodedFrame, transferSyntaxUid: string): Promise<CompressedFrame>;
  /**
   * @throws CausewayError `decode-failed`, `cannot-render`, `timed-out`, `transfer-syntax-unsupported`; `bad-request` if the presentation
   *   state is about other images
   */
  render(frame: EncodedFrame, parameters: RenderParameters): Promise<Buffer>;
  /**
   * Unpacks a PNG without loss.
   * @throws CausewayError `decode-failed`, `malformed`, `limit-exceeded`, `timed-out`
   */
  readPicture(picture: Uint8Array): Promise<NativePicture>;
  close(): Promise<void>;
}
