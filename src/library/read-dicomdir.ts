import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { createDicomdirReader } from '../dicom/dicomdir-reader.ts';
import { type Attributes, attributesOf } from '../dicom/keyword-attributes.ts';
import { locateFileId } from './locate-file-id.ts';

/** An instance that a DICOMDIR refers to. */
export interface FileSetEntry {
  /** Directory Record Type: `IMAGE`, `SR DOCUMENT`, … */
  readonly type: string;
  /** Undefined where the file is not there. */
  readonly path: string | undefined;
  /** Keys of its record and of its series, study and patient. */
  readonly attributes: Attributes;
}

/**
 * What a DICOMDIR refers to, in its order.
 * @throws CausewayError `not-dicom`, `malformed`, `truncated`
 * @see PS3.10 §8.6, PS3.3 Annex F
 */
export async function* readDicomdir(path: string): AsyncGenerator<FileSetEntry, void, void> {
  const reader = createDicomdirReader();
  for await (const chunk of createReadStream(path)) reader.push(chunk as Buffer);
  for (const { type, fileId, attributes } of reader.end()) {
    yield { type, path: await locateFileId(dirname(path), fileId), attributes: attributesOf(attributes) };
  }
}
