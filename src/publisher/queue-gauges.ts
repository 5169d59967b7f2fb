import type { PublishingLists } from '../index/publishing-lists.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';

export interface QueueGaugesParts {
  readonly lists: Pick<PublishingLists, 'queue'>;
  readonly metrics: Pick<Metrics, 'publishingQueue' | 'publishingAge'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Keeps the metrics of the queue up to date. */
export function createQueueGauges({ lists, metrics, clock, log }: QueueGaugesParts): WakingLoop {
  return createWakingLoop({
    async work() {
      const queue = await lists.queue();
      metrics.publishingQueue.reset();
      metrics.publishingAge.reset();
      const oldest = new Map<string, number>();
      for (const { publisher, type, tasks, since } of queue) {
        metrics.publishingQueue.set({ publisher, type }, tasks);
        const seconds = Math.max(0, (clock.now().getTime() - since.getTime()) / 1000);
        oldest.set(publisher, Math.max(seconds, oldest.get(publisher) ?? 0));
      }
      for (const [publisher, seconds] of oldest) metrics.publishingAge.set({ publisher }, seconds);
    },
    pollMs: 15_000,
    log,
    trouble: 'the queue of publishing could not be measured',
  });
}
