import { MutationObserver, QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQueryRefresher, deleting } from '../../../src/ui/refresh-queries.ts';

const images = new Set(['images']);

describe('what is shown', () => {
  let queries: QueryClient;
  let refresher: ReturnType<typeof createQueryRefresher>;
  let reads: number;
  let cancelled: number;
  let stopLooking: () => void;

  /** A table, each reading of which takes so long. */
  function look(readMs: number): void {
    const observer = new QueryObserver(queries, {
      queryKey: ['images', 'of', '1'],
      queryFn: async ({ signal }) => {
        reads += 1;
        signal.addEventListener('abort', () => {
          cancelled += 1;
        });
        await new Promise((resolve) => setTimeout(resolve, readMs));
        return reads;
      },
    });
    stopLooking = observer.subscribe(() => {});
  }

  beforeEach(() => {
    vi.useFakeTimers();
    reads = 0;
    cancelled = 0;
    queries = new QueryClient();
    refresher = createQueryRefresher(queries);
  });
  afterEach(() => {
    stopLooking();
    refresher.stop();
    queries.clear();
    vi.useRealTimers();
  });

  it('is read once for all that happens within a second, and not for what it does not show', async () => {
    look(10);
    await vi.advanceTimersByTimeAsync(20);
    for (let events = 0; events < 100; events++) refresher.outdate(images);
    refresher.outdate(new Set(['graphs']));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reads).toBe(2);
  });

  it('is not read while it is being deleted, and then if it is still shown', async () => {
    look(10);
    await vi.advanceTimersByTimeAsync(20);
    const act = () => new Promise((resolve) => setTimeout(resolve, 4_000));
    void new MutationObserver(queries, { mutationKey: deleting, mutationFn: act }).mutate();
    refresher.outdate(images);
    await vi.advanceTimersByTimeAsync(3_900);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads).toBe(2);
  });

  it('is read to its end however much happens, and once more for what happened meanwhile', async () => {
    look(3_000);
    await vi.advanceTimersByTimeAsync(500);
    for (let seconds = 0; seconds < 2; seconds++) {
      refresher.outdate(images);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect([reads, cancelled]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect([reads, cancelled]).toEqual([2, 0]);
    expect(queries.getQueryData(['images', 'of', '1'])).toBe(2);
  });

  it('that is slow rests longer than it is read, and is read in the end', async () => {
    look(3_000);
    await vi.advanceTimersByTimeAsync(3_000);
    for (let seconds = 0; seconds < 60; seconds++) {
      refresher.outdate(images);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    // Three seconds of reading and nine of rest.
    expect(reads).toBeGreaterThanOrEqual(5);
    expect(reads).toBeLessThanOrEqual(7);
    const before = reads;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(reads).toBe(before + 1);
  });
});
