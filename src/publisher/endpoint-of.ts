import type { CloudEndpoint, Configuration, Publisher } from './configuration.ts';

/** The endpoint that a publisher names; undefined where it is of another kind, or names one that is not there. */
export function endpointOf(
  { destination }: Pick<Publisher, 'destination'>,
  { api }: Pick<Configuration, 'api'>,
): CloudEndpoint | undefined {
  return destination.kind === 'api' ? api.find(({ name }) => name === destination.endpoint) : undefined;
}
