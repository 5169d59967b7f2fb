import { setTimeout as delay } from 'node:timers/promises';
import type { Change, Index } from '../index/instance-index.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { ChangeFeed, FeedEntry, Following } from './change-feed.ts';

export interface ChangeFeedParts {
  readonly index: Pick<Index, 'changes' | 'lastChange' | 'lastSequence'>;
  readonly retrieve: Pick<Retrieve, 'metadata'>;
  /** Those who follow at the same time. */
  readonly maxFollowers: number;
  /** Between two looks for news. */
  readonly pollMs?: number;
  /** After so long without news comes `quiet`. */
  readonly quietMs?: number;
}

/** Changes that are read at once for one who follows. */
const followedAtOnce = 100;

export function createChangeFeed({
  index,
  retrieve,
  maxFollowers,
  pollMs = 500,
  quietMs = 15_000,
}: ChangeFeedParts): ChangeFeed {
  const closing = new AbortController();
  const lastSequence = sharedFor(pollMs, () => index.lastSequence());
  let followers = 0;

  async function entryOf(change: Change, withMetadata: boolean): Promise<FeedEntry> {
    if (!withMetadata || change.state === 'deleted') return { change, metadata: undefined };
    try {
      for await (const { json } of retrieve.metadata(change)) return { change, metadata: json };
    } catch (thrown) {
      if (!isAbsence(thrown)) throw thrown;
    }
    // It was erased since the change was read.
    return { change: { ...change, state: 'deleted' }, metadata: undefined };
  }

  async function* entriesOf(changes: readonly Change[], withMetadata: boolean): AsyncGenerator<FeedEntry, void, void> {
    for (const change of changes) yield await entryOf(change, withMetadata);
  }

  async function* news({ after, withMetadata }: Following, signal: AbortSignal) {
    let seen = after;
    let quietSince = performance.now();
    yield 'quiet' as const;
    while (!signal.aborted) {
      const changes = (await lastSequence()) > seen ? await index.changes(seen, followedAtOnce) : [];
      for await (const entry of entriesOf(changes, withMetadata)) {
        yield entry;
        if (signal.aborted) return;
      }
      seen = changes.at(-1)?.sequence ?? seen;
      if (changes.length > 0) quietSince = performance.now();
      if (performance.now() - quietSince >= quietMs) {
        yield 'quiet' as const;
        quietSince = performance.now();
      }
      if (changes.length < followedAtOnce) await delay(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  return {
    async *read({ after, limit, span, withMetadata }) {
      yield* entriesOf(await index.changes(after, limit, span), withMetadata);
    },
    async latest(withMetadata) {
      const last = await index.lastChange();
      return last && entryOf(last, withMetadata);
    },
    async *follow(following) {
      if (followers >= maxFollowers || closing.signal.aborted) {
        throw new CausewayError('unavailable', `${maxFollowers} clients follow the change feed already.`, {
          details: { limit: 'maxFeedClients' },
        });
      }
      followers += 1;
      try {
        yield* news(following, AbortSignal.any([following.signal, closing.signal]));
      } finally {
        followers -= 1;
      }
    },
    close: () => closing.abort(),
  };
}

function isAbsence(thrown: unknown): boolean {
  return thrown instanceof CausewayError && (thrown.code === 'gone' || thrown.code === 'not-found');
}

/** Asks once for all who want to know within the same while. */
function sharedFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: { readonly at: number; readonly promise: Promise<T> } | undefined;
  return () => {
    if (answer === undefined || performance.now() - answer.at >= ms) answer = { at: performance.now(), promise: ask() };
    return answer.promise;
  };
}
