import { CausewayError } from '../../kernel/errors.ts';
import type { CloudEndpoint, DestinationSettings } from '../configuration.ts';
import type { Destination } from '../destination.ts';
import { createApiDestination } from './api.ts';
import { createBucketDestination } from './bucket.ts';
import { createDimseDestination, type DimseParts } from './dimse.ts';
import { createFolderDestination } from './folder.ts';
import { createHl7Destination } from './hl7.ts';
import type { HttpLimits } from './http-client.ts';
import type { MllpLimits } from './mllp.ts';
import { createStowDestination } from './stow.ts';
import { createWebhookDestination } from './webhook.ts';

/** All that a destination is made from: a new one is made when any of it changes. */
export interface DestinationMakings {
  /** Name of the publisher. */
  readonly publisher: string;
  readonly settings: DestinationSettings;
  /** Section `api` of the configuration. */
  readonly endpoints: readonly CloudEndpoint[];
  /** Whether what it gets has pseudonyms, which lead nowhere here. */
  readonly isDeidentified: boolean;
}

export interface DestinationParts extends DimseParts {
  readonly now: () => Date;
  /** Where people can look at a study, if this server has an address for that. */
  readonly studyUrl?: ((studyInstanceUid: string) => string) | undefined;
  readonly httpLimits?: Partial<HttpLimits> | undefined;
  readonly mllpLimits?: Partial<MllpLimits> | undefined;
}

/** @throws CausewayError `bad-request` if the settings name an endpoint that is not there */
export function createDestination(makings: DestinationMakings, parts: DestinationParts): Destination {
  const { settings, publisher } = makings;
  const { now, httpLimits: limits } = parts;
  switch (settings.kind) {
    case 'dimse':
      return createDimseDestination(settings, parts);
    case 'stow':
      return createStowDestination(settings, { now, limits });
    case 'api':
      return createApiDestination(endpointOf(makings, settings.endpoint), { now, limits });
    case 'bucket':
      return createBucketDestination(settings, { limits });
    case 'folder':
      return createFolderDestination(settings, { now });
    case 'hl7': {
      const urlOf = makings.isDeidentified ? undefined : parts.studyUrl;
      return createHl7Destination(settings, { now, urlOf, limits: parts.mllpLimits });
    }
    case 'webhook':
      return createWebhookDestination(settings, { now, publisher, limits });
  }
}

/** @throws CausewayError `bad-request` */
export function endpointOf({ endpoints }: Pick<DestinationMakings, 'endpoints'>, name: string): CloudEndpoint {
  const endpoint = endpoints.find((one) => one.name === name);
  if (endpoint === undefined)
    throw new CausewayError('bad-request', `There is no endpoint ${name} in the configuration.`);
  return endpoint;
}
