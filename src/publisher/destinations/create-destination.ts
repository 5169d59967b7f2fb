import { CausewayError } from '../../kernel/errors.ts';
import type { CloudEndpoint, Configuration, Publisher } from '../configuration.ts';
import type { Destination } from '../destination.ts';
import { endpointOf } from '../endpoint-of.ts';
import { isDeidentified, uploadOf } from '../sending-plan.ts';
import { createApiDestination } from './api.ts';
import { createBucketDestination } from './bucket.ts';
import { createDimseDestination, type DimseParts } from './dimse.ts';
import { createFolderDestination } from './folder.ts';
import { createHl7Destination } from './hl7.ts';
import type { HttpLimits } from './http-client.ts';
import type { MllpLimits } from './mllp.ts';
import { createStowDestination } from './stow.ts';
import { createWebhookDestination } from './webhook.ts';

type ApiDestination = Extract<Publisher['destination'], { readonly kind: 'api' }>;

export interface DestinationParts extends DimseParts {
  readonly now: () => Date;
  /** Where people can look at a study, if this server has an address for that. */
  readonly studyUrl?: ((studyInstanceUid: string) => string) | undefined;
  readonly httpLimits?: Partial<HttpLimits> | undefined;
  readonly mllpLimits?: Partial<MllpLimits> | undefined;
}

/**
 * Makes the destination of a publisher; it connects when something is sent.
 * @throws CausewayError `bad-request` if the settings name an endpoint that is not there
 */
export function createDestination(
  { name: publisher, destination: settings, upload }: Pick<Publisher, 'name' | 'destination' | 'upload'>,
  configuration: Pick<Configuration, 'api' | 'upload'>,
  parts: DestinationParts,
): Destination {
  const { now, httpLimits: limits } = parts;
  switch (settings.kind) {
    case 'dimse':
      return createDimseDestination(settings, parts);
    case 'stow':
      return createStowDestination(settings, { now, limits });
    case 'api':
      return createApiDestination(requiredEndpoint(settings, configuration), { now, limits });
    case 'bucket':
      return createBucketDestination(settings, { limits });
    case 'folder':
      return createFolderDestination(settings, { now });
    case 'hl7':
      return createHl7Destination(settings, {
        now,
        // Pseudonyms lead nowhere here.
        urlOf: isDeidentified(uploadOf({ upload }, configuration)) ? undefined : parts.studyUrl,
        limits: parts.mllpLimits,
      });
    case 'webhook':
      return createWebhookDestination(settings, { now, publisher, limits });
  }
}

function requiredEndpoint(destination: ApiDestination, configuration: Pick<Configuration, 'api'>): CloudEndpoint {
  const endpoint = endpointOf({ destination }, configuration);
  if (endpoint === undefined) {
    throw new CausewayError('bad-request', `There is no endpoint ${destination.endpoint} in the configuration.`);
  }
  return endpoint;
}
