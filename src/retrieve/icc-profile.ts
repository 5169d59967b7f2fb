import { buffer } from 'node:stream/consumers';
import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { BulkValue } from './retrieve.ts';

const maxProfileBytes = 4_194_304;

/**
 * The ICC Profile of an image: its own, else that of its first optical path (PS3.3 §C.11.15, §C.8.12.5).
 * @param readValue a bulk value, whole
 * @returns undefined where there is none
 * @throws CausewayError `limit-exceeded`, and as `readValue`
 */
export async function readIccProfile(
  attributes: DicomJson,
  readValue: (path: string) => Promise<BulkValue>,
): Promise<Uint8Array | undefined> {
  const own = attributes['00282000'];
  if (own !== undefined) return bytesOf(own, '00282000', readValue);
  for (const [at, item] of (attributes['00480105']?.Value ?? []).entries()) {
    const element = typeof item === 'object' && item !== null ? (item as DicomJson)['00282000'] : undefined;
    if (element !== undefined) return bytesOf(element, `00480105/${at}/00282000`, readValue);
  }
  return undefined;
}

async function bytesOf(
  { InlineBinary, BulkDataURI }: DicomJsonElement,
  path: string,
  readValue: (path: string) => Promise<BulkValue>,
): Promise<Uint8Array | undefined> {
  if (InlineBinary !== undefined) return Buffer.from(InlineBinary, 'base64');
  if (BulkDataURI === undefined) return undefined;
  const { size, body } = await readValue(path);
  if (size <= maxProfileBytes) return buffer(body);
  body.destroy();
  throw new CausewayError('limit-exceeded', `The ICC Profile has ${size} bytes, more than ${maxProfileBytes}.`, {
    details: { limit: 'maxProfileBytes', tag: '00282000' },
  });
}
