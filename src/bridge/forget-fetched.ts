import type { Erase } from '../erase/erase.ts';
import type { FetchedStudies } from '../index/fetched-studies.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';

export interface ForgetFetchedParts {
  readonly studies: Pick<FetchedStudies, 'unasked'>;
  readonly erase: Pick<Erase, 'eraseFetched'>;
  /** How long what was fetched stays after it was last asked for. */
  readonly keepMs: number;
  readonly log: Log;
  readonly pollMs?: number;
}

const leastPollMs = 15_000;
const mostPollMs = 600_000;

/** Erases again and again what was fetched from peers and is not asked for any more. On every node; they do not collide. */
export function createForgetFetched({ studies, erase, keepMs, log, ...parts }: ForgetFetchedParts): WakingLoop {
  async function forget(signal: AbortSignal): Promise<void> {
    let instances = 0;
    let ofStudies = 0;
    for await (const studyInstanceUid of studies.unasked(keepMs)) {
      if (signal.aborted) break;
      const erased = await erase.eraseFetched(studyInstanceUid, keepMs);
      instances += erased;
      if (erased > 0) ofStudies += 1;
    }
    if (instances > 0) {
      log.info('Instances that were fetched from peers and are not asked for any more were erased.', {
        instances,
        studies: ofStudies,
      });
    }
  }

  return createWakingLoop({
    work: forget,
    pollMs: parts.pollMs ?? Math.min(Math.max(keepMs / 4, leastPollMs), mostPollMs),
    log,
    trouble: 'what was fetched from peers is not erased yet, to be tried again',
  });
}
