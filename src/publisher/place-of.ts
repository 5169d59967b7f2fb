import { createHash } from 'node:crypto';
import { asCausewayError } from '../kernel/errors.ts';
import type { Peers } from '../peers/peers.ts';
import type { Configuration, Publisher } from './configuration.ts';
import { endpointOf } from './endpoint-of.ts';

/**
 * Tells the place that a publisher leads to now from any other: neither who we are there nor how we get there is part of it.
 * @returns a fingerprint without secrets; undefined where the settings lead nowhere
 */
export type PlaceOf = (
  publisher: Pick<Publisher, 'destination'>,
  configuration: Pick<Configuration, 'api'>,
) => Promise<string | undefined>;

export function createPlaceOf(peers: Pick<Peers, 'get'>): PlaceOf {
  async function partsOf(
    publisher: Parameters<PlaceOf>[0],
    configuration: Parameters<PlaceOf>[1],
  ): Promise<readonly unknown[] | undefined> {
    const { destination } = publisher;
    switch (destination.kind) {
      case 'dimse': {
        const peer = await peers.get(destination.peer).catch((thrown: unknown) => {
          if (asCausewayError(thrown).code === 'not-found') return undefined;
          throw thrown;
        });
        return peer && [peer.aeTitle, peer.host.toLowerCase(), peer.port];
      }
      case 'api': {
        const endpoint = endpointOf(publisher, configuration);
        return endpoint && [addressOf(endpoint.url)];
      }
      case 'bucket':
        return [addressOf(destination.url), addressOf(destination.endpoint ?? '')];
      case 'folder':
        return [destination.path.replace(/\/+$/, '')];
      case 'hl7':
        return [destination.host.toLowerCase(), destination.port];
      default:
        return [addressOf(destination.url)];
    }
  }

  return async (publisher, configuration) => {
    const parts = await partsOf(publisher, configuration);
    if (parts === undefined) return undefined;
    const text = JSON.stringify([publisher.destination.kind, ...parts]);
    return createHash('sha256').update(text).digest('hex').slice(0, 32);
  };
}

/** As URLs are compared, with or without a slash at the end. */
function addressOf(url: string): string {
  return (URL.canParse(url) ? new URL(url).href : url).replace(/\/+$/, '');
}
