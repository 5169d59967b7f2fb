import { createHash } from 'node:crypto';
import type { Configuration, Deidentify, Publisher } from './configuration.ts';
import { endpointOf } from './endpoint-of.ts';
import { isDeidentified, uploadOf } from './sending-plan.ts';

/**
 * Where things go to a publisher, and what of them may get there. As long as this text is the same, what has begun may go
 * on. Secrets are in it.
 */
export function wayOf(publisher: Publisher, configuration: Configuration): string {
  return JSON.stringify([
    publisher.destination,
    endpointOf(publisher, configuration),
    rulesOf(publisher, configuration),
  ]);
}

/** By which rules things are de-identified on their way to a publisher; undefined where they are not. */
export function rulesOf(publisher: Publisher, configuration: Configuration): string | undefined {
  const upload = uploadOf(publisher, configuration);
  return isDeidentified(upload) ? fingerprint(upload.deidentify) : undefined;
}

/** Lists say the same in whatever order. */
function fingerprint({ profile, alsoRemove, keep }: Deidentify): string {
  const rules = [profile, [...new Set(alsoRemove)].sort(), [...new Set(keep)].sort()];
  return createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 32);
}
