import type { DicomJson } from '../dicom/json-model.ts';
import type { Index, InstanceTarget } from '../index/instance-index.ts';
import { inflatedMetadata } from '../index/stored-metadata.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import { versionGone } from './while-current.ts';

/** Reads the attributes of an instance from its stored metadata; those of the last few are kept, for frame after frame. */
export interface StoredAttributes {
  read(target: InstanceTarget, blobKey: string): Promise<DicomJson>;
  forget(blobKey: string): void;
}

/** Parsed attributes take several times the memory of their text. */
const cachedTextBytes = 8_388_608;

export function createStoredAttributes(index: Pick<Index, 'metadataOf'>): StoredAttributes {
  const cache = createBoundedCache<DicomJson>(cachedTextBytes);
  const flight = createSingleFlight<DicomJson>();

  async function read(target: InstanceTarget, blobKey: string): Promise<DicomJson> {
    const metadata = await index.metadataOf({ ...target, blobKey });
    if (metadata === undefined) throw versionGone();
    const text = await inflatedMetadata(metadata);
    const attributes = JSON.parse(text.toString()) as DicomJson;
    cache.set(blobKey, attributes, text.length);
    return attributes;
  }

  return {
    read: async (target, blobKey) => cache.get(blobKey) ?? flight.run(blobKey, () => read(target, blobKey)),
    forget: (blobKey) => cache.deleteStartingWith(blobKey),
  };
}
