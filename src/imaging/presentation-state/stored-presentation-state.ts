import type { DicomJson } from '../../dicom/json-model.ts';

/** A presentation state instance as it is stored. */
export interface StoredPresentationState {
  /** Its metadata; bulk values are absent. */
  readonly attributes: DicomJson;
  /** Bitmaps of overlays that the metadata do not hold, by path. */
  readonly overlayData: ReadonlyMap<string, Uint8Array>;
}
