import type { DicomJson } from '../../dicom/json-model.ts';
import { numberOf } from '../attribute-values.ts';

/** The level from 0 to 255 of a P-Value of 16 bits (PS3.3 §C.7.6.11, §C.10.7). */
export function levelOf(attributes: DicomJson | undefined, tag: string): number | undefined {
  const value = numberOf(attributes, tag);
  return value === undefined ? undefined : Math.min(Math.max(value, 0), 65_535) >> 8;
}
