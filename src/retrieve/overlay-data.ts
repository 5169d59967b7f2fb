import { buffer } from 'node:stream/consumers';
import type { DicomJson } from '../dicom/json-model.ts';
import { type OverlayTypes, overlayBulkRanges } from '../imaging/overlays.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { BulkValue } from './retrieve.ts';

/**
 * Reads what of Overlay Data the picture of a frame needs and the metadata do not hold: the bitmap of that frame.
 * @param readValue a range of a bulk value
 * @returns by path; data that end before the bitmap begins have no entry
 * @throws CausewayError `cannot-render`, and as `readValue`
 */
export async function readOverlayData(
  attributes: DicomJson,
  frameNumber: number,
  readValue: (path: string, range: { readonly first: number; readonly last: number }) => Promise<BulkValue>,
  types: OverlayTypes = 'graphics',
): Promise<ReadonlyMap<string, Uint8Array>> {
  const data = new Map<string, Uint8Array>();
  for (const { path, firstByte, length } of overlayBulkRanges(attributes, frameNumber, types)) {
    try {
      const { body } = await readValue(path, { first: firstByte, last: firstByte + length - 1 });
      data.set(path, await buffer(body));
    } catch (thrown) {
      if (!(thrown instanceof CausewayError) || thrown.code !== 'range-not-satisfiable') throw thrown;
    }
  }
  return data;
}
