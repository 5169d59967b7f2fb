import { promisify } from 'node:util';
import { inflateRaw, inflateRawSync } from 'node:zlib';
import type { DicomJson } from '../dicom/json-model.ts';

const inflateBeside = promisify(inflateRaw);

/** Below this, inflating takes less time than handing it to another thread. */
const inflateAtOnceBytes = 32_768;

/**
 * The JSON text (UTF-8) of what is stored of an instance, a series or a study.
 * @param deflated raw deflate, as ingest and the index write it
 */
export async function inflatedMetadata(deflated: Buffer): Promise<Buffer> {
  return deflated.length < inflateAtOnceBytes ? inflateRawSync(deflated) : inflateBeside(deflated);
}

/** The attributes in it. */
export async function attributesOfMetadata(deflated: Buffer): Promise<DicomJson> {
  return JSON.parse((await inflatedMetadata(deflated)).toString()) as DicomJson;
}
