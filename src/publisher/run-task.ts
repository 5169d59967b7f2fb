import type { ClaimedTask } from '../index/publishing-claims.ts';
import type { Configuration, Publisher } from './configuration.ts';
import type { Destination, Sending } from './destination.ts';

/** A task while this node runs it. */
export interface RunningTask {
  readonly task: ClaimedTask;
  /** As it is configured now. */
  readonly publisher: Publisher;
  readonly configuration: Configuration;
  readonly destination: Destination;
  /** Its signal ends when the process does, or another node has taken the task over. */
  readonly sending: Sending;
  /** For those who look on. */
  progress(done: number, total?: number): Promise<void>;
  /** Something happens: the task is not given up for hanging. */
  alive(): void;
}

/** How a task ended. */
export type TaskEnd =
  | { readonly status: 'success'; readonly note?: string }
  /** Nothing has failed, and it is to be begun again at that time. `isAnswered` false: nor has the receiver been of any use. */
  | { readonly status: 'waiting'; readonly dueAt: Date; readonly note?: string; readonly isAnswered?: boolean }
  /** In words, for people. It is begun again as often as the publisher's retries say, unless it failed `forGood`. */
  | { readonly status: 'failed'; readonly failure: string; readonly forGood?: boolean }
  /** All that there is to say has been written down. */
  | { readonly status: 'written'; readonly outcome: 'success' | 'waiting' | 'failed' };

/**
 * Does one kind of task. It may be done again after a crash, and on another node while a dead one still does it.
 * @throws CausewayError for what failed altogether: `unavailable`, `timed-out`, `storage-full` and the like are tried again
 */
export type RunTask = (running: RunningTask) => Promise<TaskEnd>;
