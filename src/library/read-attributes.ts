import { createReadStream } from 'node:fs';
import type { DicomJson } from '../dicom/json-model.ts';
import { type Attributes, attributesOf } from '../dicom/keyword-attributes.ts';
import { createInstanceScan } from '../ingest/inflating.ts';

/** A DICOM file: its path, or its bytes. */
export type DicomFile = string | Uint8Array;

/**
 * Attributes of a DICOM file by keyword, text decoded. Pixel data and what else is binary or long is left out.
 * @throws CausewayError `not-dicom`, `malformed`, `truncated`, `limit-exceeded`
 */
export async function readAttributes(file: DicomFile): Promise<Attributes> {
  return attributesOf(await readDataSet(file));
}

/** The same in the DICOM JSON Model. */
export async function readDataSet(file: DicomFile): Promise<DicomJson> {
  const scan = createInstanceScan();
  try {
    for await (const chunk of typeof file === 'string' ? createReadStream(file) : [file]) await scan.push(chunk);
    return (await scan.end()).attributes;
  } finally {
    scan.close();
  }
}
