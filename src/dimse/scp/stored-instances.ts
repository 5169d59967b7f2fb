import type { DicomJson } from '../../dicom/json-model.ts';
import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import { presentInstances } from '../../retrieve/present-instances.ts';
import type { StoredRetrieve, Target } from '../../retrieve/retrieve.ts';
import { targetOf } from '../../retrieve/target-of.ts';
import type { Search } from '../../search/search.ts';
import type { RetrievalSource } from './retrieval.ts';

type IndexedInstance = Parameters<StoredRetrieve['file']>[0];

/** Single instances of which is asked at once where they lie: few, so that this is not long ago when their turn comes. */
const locatedAtOnce = 16;

/**
 * Retrieval of what is stored. Instances may come while others are sent: they are sent too, and counted when they are. What is
 * deleted meanwhile is as if it had never been asked for: no sub-operation, not one that failed; what is replaced or corrected
 * is sent as it is now.
 */
export function storedInstances(
  search: Pick<Search, 'findAll' | 'count'>,
  retrieve: StoredRetrieve,
): RetrievalSource<IndexedInstance> {
  return {
    parts: retrieve,
    async found({ query }) {
      const { conditions } = query;
      const { count } = await search.count({ level: 'instance', conditions });
      return { total: count, instances: () => instancesOf(search, retrieve, query) };
    },
    async lookAgain(instance) {
      const [found] = await retrieve.instancesAmong([instance]);
      if (found === undefined) return 'deleted';
      return found.blobKey === instance.blobKey ? 'unchanged' : found;
    },
  };
}

/** Everything that a request asks for. */
async function* instancesOf(
  search: Pick<Search, 'findAll'>,
  retrieve: Pick<StoredRetrieve, 'instances' | 'instancesAmong'>,
  query: RetrieveQuery,
): AsyncGenerator<IndexedInstance, void, void> {
  const level = query.level === 'patient' ? 'study' : query.level;
  for await (const { matches } of search.findAll({ level, conditions: query.conditions, include: [] })) {
    if (level === 'instance') yield* instancesAmong(retrieve, matches);
    else for (const match of matches) yield* presentInstances(retrieve, targetOf(match, level));
  }
}

async function* instancesAmong(
  retrieve: Pick<StoredRetrieve, 'instancesAmong'>,
  matches: readonly DicomJson[],
): AsyncGenerator<IndexedInstance, void, void> {
  for (let start = 0; start < matches.length; start += locatedAtOnce) {
    const some = matches.slice(start, start + locatedAtOnce);
    // A match of this level has all three UIDs.
    yield* await retrieve.instancesAmong(some.map((match) => targetOf(match, 'instance') as Required<Target>));
  }
}
