import { setTimeout as delay } from 'node:timers/promises';
import { presentInstances } from '../retrieve/present-instances.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import { checkAllGiven } from './check-all-given.ts';
import type { FetchMissing } from './fetch-missing.ts';
import type { ListedUids } from './peer-listings.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** Between two looks at what has come; longer where the list is long, as each look reads all of it. */
const pauseMs = 250;
const pauseMsForEach = 0.1;

/**
 * Instances of a study or series, each as soon as it is here: those that were before, once the peer has sent the first.
 * The order is that in which they come.
 * @throws CausewayError as fetching does, also in the middle: what was given then is not all; `unavailable` at the end if
 * some were deleted meanwhile
 */
export async function* instancesAsTheyCome(
  retrieve: Pick<Retrieve, 'instances'>,
  fetchMissing: FetchMissing,
  target: Target,
): AsyncGenerator<IndexedInstance, void, void> {
  const given = new Set<string>();
  let arrivals = 0;
  let lookedAt = 0;
  let listed: ListedUids | undefined;
  let end: { readonly failure?: unknown } | undefined;
  let wake = (): void => {};
  const ended = (how: { readonly failure?: unknown }): void => {
    end = how;
    wake();
  };
  // Goes on if nobody listens any more: others may wait for the same.
  fetchMissing(target, (told) => {
    listed = told;
    arrivals += 1;
    wake();
  }).then(
    (told) => {
      listed = told;
      ended({});
    },
    (failure: unknown) => ended({ failure }),
  );
  const isEnded = () => end !== undefined;
  for (;;) {
    if (!isEnded() && arrivals === lookedAt) await new Promise<void>((resolve) => (wake = resolve));
    const isLast = isEnded();
    if (end !== undefined && 'failure' in end) throw end.failure;
    lookedAt = arrivals;
    for await (const instance of isLast ? retrieve.instances(target) : presentInstances(retrieve, target)) {
      if (given.has(instance.sopInstanceUid) || !listed?.has(instance.sopInstanceUid)) continue;
      given.add(instance.sopInstanceUid);
      yield instance;
    }
    if (isLast) return checkAllGiven(given.size, listed);
    if (!isEnded()) await delay(pauseMs + pauseMsForEach * given.size);
  }
}
