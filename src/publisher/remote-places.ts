import type { Configuration, Publisher } from './configuration.ts';
import { endpointOf } from './endpoint-of.ts';

const places = { dimse: 2, stow: 4, bucket: 4, folder: 2, hl7: 1, webhook: 2 };

/** How many tasks of a publisher talk to its destination at a time on one node. */
export function remotePlaces(publisher: Publisher, configuration: Configuration): number {
  const { kind } = publisher.destination;
  return kind === 'api' ? (endpointOf(publisher, configuration)?.threads ?? 1) : places[kind];
}
