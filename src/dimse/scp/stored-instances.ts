import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import { presentInstances } from '../../retrieve/present-instances.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import { targetOf } from '../../retrieve/target-of.ts';
import type { Search } from '../../search/search.ts';
import type { RetrievalSource } from './retrieval.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/**
 * Retrieval of what is stored. Instances may come while others are sent: they are sent too, and counted when they are. What is
 * deleted meanwhile is as if it had never been asked for: no sub-operation, not one that failed.
 */
export function storedInstances(
  search: Pick<Search, 'findAll' | 'count'>,
  retrieve: Retrieve,
): RetrievalSource<IndexedInstance> {
  return {
    parts: retrieve,
    async found({ query }) {
      const { conditions } = query;
      const { count } = await search.count({ level: 'instance', conditions });
      return { total: count, instances: () => instancesOf(search, retrieve, query) };
    },
  };
}

/** Everything that a request asks for. */
async function* instancesOf(
  search: Pick<Search, 'findAll'>,
  retrieve: Pick<Retrieve, 'instances'>,
  query: RetrieveQuery,
): AsyncGenerator<IndexedInstance, void, void> {
  const level = query.level === 'patient' ? 'study' : query.level;
  for await (const { matches } of search.findAll({ level, conditions: query.conditions, include: [] })) {
    for (const match of matches) yield* presentInstances(retrieve, targetOf(match, level));
  }
}
