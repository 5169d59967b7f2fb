import type { Erase } from '../erase/erase.ts';
import type { DeliveryLedger, NeededProof, ProvenInstance } from '../index/deliveries.ts';
import type { Clock } from '../kernel/clock.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';
import type { CurrentConfiguration } from './configuration.ts';
import type { PlaceOf } from './place-of.ts';
import { purgeProblems } from './purge-problems.ts';

export interface PurgeParts {
  readonly ledger: Pick<DeliveryLedger, 'proven'>;
  readonly erase: Erase;
  readonly placeOf: PlaceOf;
  readonly configuration: CurrentConfiguration;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs?: number;
}

/** Deletes here what is old enough and proven to be elsewhere, where the policy says so. */
export interface Purge extends WakingLoop {
  /** @returns instances that were deleted: none as long as there is a `warning` */
  purge(): Promise<number>;
  /** Why nothing is deleted although the policy says so, in words; undefined if that is not so. */
  warning(): Promise<string | undefined>;
}

const atOnce = 200;
const dayMs = 86_400_000;

export function createPurge({
  ledger,
  erase,
  placeOf,
  configuration: current,
  clock,
  log,
  pollMs = 600_000,
}: PurgeParts): Purge {
  let warnedOf: number | undefined;

  async function warning(): Promise<string | undefined> {
    const problems = purgeProblems((await current.read()).configuration);
    if (problems.length === 0) return undefined;
    return `Nothing is purged: ${problems.map(({ message }) => message).join(' ')}`;
  }

  async function purge(signal?: AbortSignal): Promise<number> {
    const { version, configuration } = await current.read();
    const { purge: policy } = configuration;
    if (policy === undefined || policy.deliveredTo.length === 0) return 0;
    const problems = purgeProblems(configuration);
    if (problems.length > 0) {
      if (warnedOf !== version) log.error('nothing is purged', { version, problems });
      warnedOf = version;
      return 0;
    }
    const storedBefore = new Date(clock.now().getTime() - policy.afterDays * dayMs);
    const needed = await Promise.all(
      policy.deliveredTo.map(async (name): Promise<NeededProof> => {
        const publisher = configuration.publishers.find((one) => one.name === name);
        return { publisher: name, place: publisher && (await placeOf(publisher, configuration)) };
      }),
    );
    let purged = 0;
    let after: ProvenInstance['position'] | undefined;
    for (let failed = 0; failed === 0; ) {
      const proven = await ledger.proven(needed, storedBefore, atOnce, after);
      after = proven.at(-1)?.position;
      for (const { sha256, position: _position, ...target } of proven) {
        if (signal?.aborted || (await current.read()).version !== version) return purged;
        try {
          // Only in the version that is proven: another one may take its place just now.
          purged += await erase.erase(target, { sha256 });
        } catch (thrown) {
          if (!(thrown instanceof CausewayError && (thrown.code === 'gone' || thrown.code === 'not-found')))
            throw thrown;
          failed += 1;
        }
      }
      if (proven.length < atOnce) break;
    }
    if (purged > 0) log.info('instances were purged', { instances: purged, deliveredTo: policy.deliveredTo });
    return purged;
  }

  const loop = createWakingLoop({
    work: async (signal) => void (await purge(signal)),
    pollMs,
    log,
    trouble: 'purging waits for the moment',
  });
  return { ...loop, purge: () => purge(), warning };
}
