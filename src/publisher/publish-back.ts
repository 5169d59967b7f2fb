import type { ResultStore } from '../index/publishing-results.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CurrentConfiguration, Publisher } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { planSending } from './plan-sending.ts';

export interface PublishBackParts {
  readonly results: Pick<ResultStore, 'sendOn'>;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly clock: Clock;
  readonly wake: () => void;
}

/**
 * Sends what has come back to a graph on to the publishers that are to have it, as far as their own filters let it through.
 * Each result goes once to each of them, however often this is asked; to one that is disabled when it is enabled.
 * @returns names of those that are not there
 */
export type PublishBack = (from: Publisher, graphId: string) => Promise<{ readonly absent: readonly string[] }>;

export function createPublishBack({
  results,
  configuration: current,
  destinations,
  clock,
  wake,
}: PublishBackParts): PublishBack {
  return async (from, graphId) => {
    const absent: string[] = [];
    for (const name of from.results?.publishBackTo ?? []) {
      const { version, configuration } = await current.read();
      const publisher = configuration.publishers.find((one) => one.name === name);
      if (publisher === undefined) {
        absent.push(name);
        continue;
      }
      const { expression } = publisher;
      const sending = await planSending(destinations, publisher, configuration);
      const graphs = await results.sendOn(
        graphId,
        name,
        (studyInstanceUid) => ({
          publisher: name,
          unit: 'study',
          origin: 'publish-back',
          referenceUid: studyInstanceUid,
          studyInstanceUid,
          seriesInstanceUid: undefined,
          // The site's filter is about what arrives: results are of other kinds.
          expression,
          isFiltered: expression.trim() !== '',
          again: false,
          sending,
          configurationVersion: version,
        }),
        clock.now(),
      );
      if (graphs > 0) wake();
    }
    return { absent };
  };
}
