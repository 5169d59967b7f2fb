import type { DicomJson } from '../dicom/json-model.ts';
import type { PerformedStep } from '../dicom/performed-step.ts';

/** What modalities do and have done, as they say. PS3.4 annex F. */
export interface PerformedSteps {
  /**
   * @param aeTitle of the modality
   * @throws CausewayError `conflict` if there is one with this UID; `attribute-missing` and `bad-request` as `newPerformedStep`
   */
  begin(aeTitle: string, sopInstanceUid: string, attributes: DicomJson): Promise<PerformedStep>;
  /**
   * @throws CausewayError `not-found`; `conflict` if it is completed or discontinued; `attribute-missing` and `bad-request` as
   * `changedPerformedStep`
   */
  change(sopInstanceUid: string, modifications: DicomJson): Promise<PerformedStep>;
}
