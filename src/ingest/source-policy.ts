import type { DifferentContentPolicy } from '../index/instance-index.ts';
import type { InstanceSource } from './ingest.ts';

/** What is to be done with different content that comes through one door, or from one sender at it. */
export interface SourcePolicy {
  readonly door: InstanceSource['door'];
  /** Calling AE title at the DIMSE door, network address at that of STOW-RS; undefined for all. */
  readonly sender: string | undefined;
  readonly policy: DifferentContentPolicy;
}

const written = /^(dimse|stow|import)(?::(\S(?:.*\S)?))?=(reject|replace|keep)$/;

/**
 * Reads `door=policy` or `door:sender=policy`; files that are imported have no sender.
 * @returns undefined if it is neither
 */
export function parseSourcePolicy(text: string): SourcePolicy | undefined {
  const [, door, sender, policy] = written.exec(text) ?? [];
  if (door === undefined || policy === undefined || (door === 'import' && sender !== undefined)) return undefined;
  return { door: door as SourcePolicy['door'], sender, policy: policy as DifferentContentPolicy };
}

/** The policy that names the sender, else that of its door, else that of the house. Of several alike the first counts. */
export function policyOf(
  source: InstanceSource,
  policies: readonly SourcePolicy[],
  otherwise: DifferentContentPolicy,
): DifferentContentPolicy {
  const atDoor = policies.filter(({ door }) => door === source.door);
  const sender = source.door === 'dimse' ? source.callingAeTitle?.trim() : plainAddress(source.address);
  const named = atDoor.find((one) => one.sender !== undefined && one.sender === sender);
  return (named ?? atDoor.find((one) => one.sender === undefined))?.policy ?? otherwise;
}

/** A socket that listens for both kinds of addresses writes those of IPv4 as IPv6 (RFC 4291 §2.5.5.2). */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=[\d.]+$)/i, '');
}
