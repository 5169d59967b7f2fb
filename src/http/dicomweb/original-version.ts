import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Exchange } from '../exchange.ts';

/** As the Azure dicom-server has it: what instances were before bulk updates. */
export const originalHeader = 'msdicom-request-original';

/**
 * Retrieves the version that a client asks for. Originals go out as they were stored: where their pixels lie is known of
 * the current version only.
 */
export function versionAskedFor({ request, response }: Exchange, retrieve: Retrieve): Retrieve {
  response.vary(originalHeader);
  if (!asksForOriginal(request.headers)) return retrieve;
  return {
    ...retrieve,
    instances: (target) => retrieve.instances(target, 'original'),
    metadata: (target) => retrieve.metadata(target, 'original'),
    producible: () => [],
  };
}

export function asksForOriginal(headers: Exchange['request']['headers']): boolean {
  const value = headers[originalHeader];
  return typeof value === 'string' && value.trim().toLowerCase() === 'true';
}
