import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { readNativeDicomModel } from '../../dicom/xml-reader.ts';
import { isObject, jsonObject } from './json-object.ts';

/** What a Store Instances Response says of instances, by SOP Instance UID. PS3.18 §I.2 */
export interface StoreAnswer {
  /** With the Warning Reason, if there is one. */
  readonly stored: ReadonlyMap<string, StoreReason>;
  /** With the Failure Reason, if there is one. */
  readonly failed: ReadonlyMap<string, StoreReason>;
}

interface StoreReason {
  readonly code: number | undefined;
  /** Error Comment (0000,0902), which some servers add. */
  readonly comment: string | undefined;
}

/** @returns undefined where the body is no such response */
export function readStoreAnswer(body: string, contentType: string | undefined): StoreAnswer | undefined {
  const dataSet = dataSetOf(body, contentType ?? '');
  if (dataSet === undefined) return undefined;
  const stored = byInstance(dataSet, '00081199', '00081196');
  const failed = byInstance(dataSet, '00081198', '00081197');
  return stored.size + failed.size === 0 ? undefined : { stored, failed };
}

function dataSetOf(body: string, contentType: string): DicomJson | undefined {
  if (body.trim() === '') return undefined;
  try {
    // The few servers that answer in XML only, whatever is asked for.
    const read = contentType.includes('xml') ? readNativeDicomModel(body) : (jsonObject(body) ?? firstOf(body));
    return isObject(read) ? (read as DicomJson) : undefined;
  } catch {
    return undefined;
  }
}

/** Some put the one data set into an array, as searches answer. */
function firstOf(body: string): unknown {
  const value: unknown = JSON.parse(body);
  return Array.isArray(value) ? value[0] : undefined;
}

function byInstance(dataSet: DicomJson, sequence: string, reason: string): Map<string, StoreReason> {
  const found = new Map<string, StoreReason>();
  const items: unknown = dataSet[sequence]?.Value;
  for (const item of Array.isArray(items) ? (items as unknown[]) : []) {
    if (!isObject(item)) continue;
    const [uid] = textValues((item as DicomJson)['00081155']);
    const [code] = textValues((item as DicomJson)[reason]);
    const [comment] = textValues((item as DicomJson)['00000902']);
    if (uid !== undefined) found.set(uid, { code: code === undefined ? undefined : Number(code), comment });
  }
  return found;
}
