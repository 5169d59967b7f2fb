import type { DicomJson } from '../dicom/json-model.ts';
import type { IndexedInstance } from '../index/instance-record.ts';

/** Pseudonyms of one destination: the same for the same original, and known again. */
export interface Vault {
  /**
   * A Part 10 file without what identifies (PS3.15 Annex E and the list of the configuration), with pseudonyms of this publisher.
   * What is needed to undo it is durable before the first byte is out. The same bytes for the same input.
   * @param content as `retrieve.file` or `retrieve.converted` give it @param transferSyntaxUid of `content`
   */
  deidentified(
    publisher: string,
    instance: IndexedInstance,
    content: AsyncIterable<Uint8Array>,
    transferSyntaxUid: string,
    options: { readonly alsoRemove: readonly string[]; readonly keep: readonly string[] },
  ): Promise<{
    readonly sopInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly studyInstanceUid: string;
    readonly content: AsyncIterable<Uint8Array>;
  }>;
  /**
   * A Part 10 file that came back, with the original UIDs, dates and identity of what it is about.
   * @throws CausewayError `not-found` if it is about nothing that was sent there
   */
  restored(publisher: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /**
   * A text that came back, with the original UIDs, name and id of the patient, and days of what it is about.
   * @param studyInstanceUid pseudonym of the study @param isJson whether what is put in stands in strings of JSON
   * @param about attributes of an instance that it is about, as they are here
   */
  restoredText(
    publisher: string,
    studyInstanceUid: string,
    text: string,
    options: { readonly isJson: boolean; readonly about: DicomJson },
  ): Promise<string>;
}
