import type { InstanceTarget } from '../index/instance-index.ts';
import type { ArrivalStore } from '../index/publishing-arrivals.ts';
import type { Clock } from '../kernel/clock.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { CurrentConfiguration } from './configuration.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import { planSending } from './plan-sending.ts';

export interface PublishBackParts {
  readonly arrivals: Pick<ArrivalStore, 'planStored'>;
  readonly configuration: CurrentConfiguration;
  readonly destinations: DestinationsInUse;
  readonly clock: Clock;
  readonly wake: () => void;
}

/**
 * Sends stored instances of a study on to a publisher, as far as its own filter lets them through: what came back from another one.
 * Safe to be asked twice for the same `cause`.
 * @returns id of the graph; undefined if there is nothing to do
 * @throws CausewayError `not-found` for no publisher
 */
export type PublishBack = (
  publisher: string,
  instances: readonly InstanceTarget[],
  cause: string,
) => Promise<string | undefined>;

export function createPublishBack({
  arrivals,
  configuration: current,
  destinations,
  clock,
  wake,
}: PublishBackParts): PublishBack {
  return async (name, instances, cause) => {
    const { version, configuration } = await current.read();
    const publisher = configuration.publishers.find((one) => one.name === name);
    if (publisher === undefined)
      throw new CausewayError('not-found', `There is no publisher ${name} in the configuration.`);
    const studyInstanceUid = instances[0]?.studyInstanceUid;
    if (studyInstanceUid === undefined || !publisher.enabled) return undefined;
    const graph = await arrivals.planStored(
      instances,
      {
        publisher: name,
        unit: 'study',
        origin: 'publish-back',
        cause,
        referenceUid: studyInstanceUid,
        studyInstanceUid,
        seriesInstanceUid: undefined,
        // The site's filter is about what arrives: results are of other kinds.
        expression: publisher.expression,
        isFiltered: publisher.expression.trim() !== '',
        again: false,
        sending: await planSending(destinations, publisher, configuration),
        configurationVersion: version,
      },
      clock.now(),
    );
    wake();
    return graph;
  };
}
