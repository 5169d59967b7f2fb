import type { QueryClient } from '@tanstack/react-query';

/** Key of mutations during which nothing that is shown is read again: it may be what they delete. */
export const deleting = ['deleting'];

/** What is shown is read again once for all that happens in so long. */
const refreshMs = 1_000;
/** What takes long rests longer than it takes: half the work of a server is not to be one table that is looked at. */
const restPerRead = 3;
const longestRestMs = 30_000;

export interface QueryRefresher {
  /** Something has happened: what is shown under these first parts of query keys is old. */
  outdate(kinds: ReadonlySet<string>): void;
  stop(): void;
}

/**
 * Reads again what has become old, and lets nothing pile up: what is being read is not begun anew, but read once more when it has
 * come, as it may have been read before what happened.
 */
export function createQueryRefresher(queries: QueryClient): QueryRefresher {
  const cache = queries.getQueryCache();
  /** By hash, with the time at which it may be read again. */
  const restsTill = new Map<string, number>();
  const old = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function arm(): void {
    if (old.size > 0) timer ??= setTimeout(refresh, refreshMs);
  }

  function refresh(): void {
    timer = undefined;
    if (queries.isMutating({ mutationKey: deleting }) > 0) {
      arm();
      return;
    }
    for (const hash of old) {
      const query = cache.get(hash);
      if (query?.state.fetchStatus === 'fetching' || Date.now() < (restsTill.get(hash) ?? 0)) continue;
      old.delete(hash);
      restsTill.delete(hash);
      if (query !== undefined) void read(hash, query.queryKey);
    }
    arm();
  }

  async function read(hash: string, queryKey: readonly unknown[]): Promise<void> {
    const begunAt = Date.now();
    await queries.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: false });
    const rest = Math.min((Date.now() - begunAt) * restPerRead, longestRestMs);
    if (rest > refreshMs) restsTill.set(hash, Date.now() + rest);
  }

  return {
    outdate(kinds) {
      for (const { queryKey, queryHash } of cache.getAll()) if (kinds.has(String(queryKey[0]))) old.add(queryHash);
      arm();
    },
    stop: () => clearTimeout(timer),
  };
}
