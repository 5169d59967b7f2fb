import type { DicomJson } from '../dicom/json-model.ts';
import type { PixelDataLayout } from '../dicom/pixel-data.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';

/** The door of what was fetched from a peer, and of nothing else: it may be erased once nobody asks for it any more. */
export const fetchedDoor = 'bridge';

/** All that the index learns of an instance when it arrives; everything in it can be read again from the blob. */
export interface NewInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** The data set in the DICOM JSON Model, for the columns that are matched. */
  readonly attributes: DicomJson;
  /** `attributes` as JSON text, raw deflate: what `/metadata` answers. */
  readonly metadata: Buffer;
  readonly blobKey: string;
  /** Bytes of the blob. */
  readonly size: number;
  /** Of the whole blob, 32 bytes. */
  readonly sha256: Buffer;
  readonly dataSetOffset: number;
  readonly deflated: boolean;
  readonly pixelData: PixelDataLayout | undefined;
  readonly bulk: readonly BulkRange[];
  readonly source: { readonly door: string; readonly callingAeTitle?: string; readonly address?: string };
}

/** A row of the index: where an instance lies, without its metadata. */
export interface IndexedInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly frames: number;
  readonly blobKey: string;
  readonly size: number;
  readonly sha256: Buffer;
  readonly dataSetOffset: number;
  readonly deflated: boolean;
}
