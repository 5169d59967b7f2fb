import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import type { Target } from './retrieve.ts';

/** So many images of a series are asked for one by one, more with all of their series. */
const fewImages = 4;

/** @returns undefined where the image is not here */
export type ImageLookUp = (target: Required<Target>) => Promise<IndexedInstance | undefined>;

/** Looks up many images of a few series without a query for each, one after the other. */
export function createImageLookUp(index: Pick<Index, 'instance' | 'instances'>): ImageLookUp {
  /** By the UIDs of series, then instance. */
  const found = new Map<string, Map<string, IndexedInstance | undefined>>();
  const whole = new Set<string>();

  return async (target) => {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = target;
    const key = `${studyInstanceUid} ${seriesInstanceUid}`;
    const ofSeries = found.get(key) ?? new Map<string, IndexedInstance | undefined>();
    found.set(key, ofSeries);
    if (whole.has(key) || ofSeries.has(sopInstanceUid)) return ofSeries.get(sopInstanceUid);
    if (ofSeries.size < fewImages) {
      ofSeries.set(sopInstanceUid, await index.instance(target));
    } else {
      for await (const instance of index.instances({ studyInstanceUid, seriesInstanceUid })) {
        ofSeries.set(instance.sopInstanceUid, instance);
      }
      whole.add(key);
    }
    return ofSeries.get(sopInstanceUid);
  };
}
