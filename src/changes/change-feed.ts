import type { Change, TimeSpan } from '../index/instance-index.ts';

/** A change with what is there now. */
export interface FeedEntry {
  readonly change: Change;
  /**
   * JSON text of the metadata that the instance has now, its BulkDataURIs bare paths (`7FE00010`); undefined where it
   * was not asked for, or nothing is there any more.
   */
  readonly metadata: Buffer | undefined;
}

export interface FeedPage {
  /** Last sequence seen, 0 to start; with `span.from`, how many changes of the span to pass over. */
  readonly after: number;
  readonly limit: number;
  readonly span?: TimeSpan;
  readonly withMetadata: boolean;
}

export interface Following {
  /** Last sequence seen, 0 to start. */
  readonly after: number;
  readonly withMetadata: boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What happened to instances, in order and without a gap. */
export interface ChangeFeed {
  /** In the order of their sequence, one instance's metadata at a time. */
  read(page: FeedPage): AsyncIterable<FeedEntry>;
  /** Undefined if nothing has happened yet. */
  latest(withMetadata: boolean): Promise<FeedEntry | undefined>;
  /**
   * Every change, as it happens, until the signal or `close` ends it; `quiet` at once, and where nothing has happened for
   * a while.
   * @throws CausewayError `unavailable` if as many follow as may, naming the limit `maxFeedClients`
   */
  follow(following: Following): AsyncIterable<FeedEntry | 'quiet'>;
  /** Ends what follows the feed, and refuses more. */
  close(): void;
}
