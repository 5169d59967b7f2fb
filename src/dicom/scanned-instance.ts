import type { GuessedEncoding } from './character-set.ts';
import type { DicomJson, Vr } from './json-model.ts';
import type { ByteRange, PixelDataLayout } from './pixel-data.ts';

/** A value that metadata refers to by BulkDataURI. */
export interface BulkRange extends ByteRange {
  /** Where in the data set: `7FE00010`, or through sequences `54000100/0/54001010` (item indexes from 0). */
  readonly path: string;
  readonly vr: Vr;
  readonly bigEndian: boolean;
}

/** Something that a strict reader would not accept and that we kept all the same; becomes a STOW or C-STORE warning. */
export interface ScanWarning {
  readonly kind:
    | 'uid-syntax'
    | 'value-not-valid'
    | 'length-repaired'
    | 'character-set'
    | 'duplicate-attribute'
    | 'trailing-bytes'
    | 'meta-repaired'
    | 'pixel-data-short'
    | 'encoding-differs';
  /** Eight hexadecimal digits, where the warning is about one attribute. */
  readonly tag?: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  /** For a person; never holds a value of the data set. */
  readonly message: string;
}

/** What one pass over a Part 10 stream tells about it. Pixel data is located, never held. */
export interface ScannedInstance {
  /** (0002,0010), or what the bytes proved to be where it is missing. */
  readonly transferSyntaxUid: string;
  /** Group 0002. */
  readonly fileMeta: DicomJson;
  /** Bytes from the start of the file to the first attribute of the data set. */
  readonly dataSetOffset: number;
  /**
   * The data set in the DICOM JSON Model, text decoded to UTF-8, group lengths and trailing padding left out.
   * Each BulkDataURI holds the bare `path` of its BulkRange.
   */
  readonly attributes: DicomJson;
  /** Values of Specific Character Set (0008,0005) of the data set itself, as they stand there. */
  readonly definedTerms: readonly string[];
  /** What text is in of which the data set says that it is ASCII, and is not. */
  readonly guessedEncodings: ReadonlySet<GuessedEncoding>;
  readonly bulk: readonly BulkRange[];
  readonly pixelData: PixelDataLayout | undefined;
  /** True if offsets count in the inflated data set (Deflated Explicit VR Little Endian) rather than in the file. */
  readonly deflated: boolean;
  readonly warnings: readonly ScanWarning[];
}
