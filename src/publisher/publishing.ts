import type { Delivery, PartOfStudy } from '../index/deliveries.ts';
import type { NewReplay, Replay } from '../index/publishing-arrivals.ts';
import type { Graph, Listed, ListFilter, ListPage, Task } from '../index/publishing-lists.ts';
import type { ReceivedResult, ResultFilter } from '../index/publishing-results.ts';
import type { Target } from '../retrieve/retrieve.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { Refusal } from './filter.ts';

export type { Delivery } from '../index/deliveries.ts';
export type { Replay } from '../index/publishing-arrivals.ts';
export type { Graph, Listed, ListFilter, ListPage, Task } from '../index/publishing-lists.ts';
export type { ReceivedResult, ResultFilter } from '../index/publishing-results.ts';

/** What goes where, for those who ask and those who want more of it. */
export interface Publishing {
  graphs(filter: ListFilter, page: ListPage): Promise<Listed<Graph>>;
  /** @throws CausewayError `not-found` */
  graph(id: string): Promise<{ readonly graph: Graph; readonly tasks: readonly Task[] }>;
  tasks(filter: ListFilter, page: ListPage): Promise<Listed<Task>>;
  /** @throws CausewayError `not-found` */
  task(id: string): Promise<Task>;
  /**
   * Does again what has failed, and now what waits for its time, or for its destination to be reached again.
   * @throws CausewayError `not-found`, `conflict` if there is nothing to do
   */
  retryGraph(id: string): Promise<void>;
  /** @throws CausewayError as `retryGraph` */
  retryTask(id: string): Promise<void>;
  /**
   * Sends at once, whatever filters say and whether it was sent before.
   * @throws CausewayError `not-found` for what is not stored, or no publisher; `gone`; `conflict` for one that is disabled
   */
  send(publisher: string, target: Target): Promise<Graph>;
  /** @throws CausewayError `not-found` for no publisher, `bad-request` for what is no expression or span of time */
  startReplay(replay: NewReplay): Promise<Replay>;
  /** @throws CausewayError `not-found` */
  replay(id: string): Promise<Replay>;
  deliveries(
    studyInstanceUid: string,
    publisher: string | undefined,
    page: { readonly limit: number; readonly offset: number },
    /** Whose rows are told; numbers are of the whole study. */
    part?: PartOfStudy,
  ): Promise<Deliveries>;
  /** What came back, and what became of it. */
  results(
    filter: ResultFilter,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<Listed<ReceivedResult>>;
  /** @throws CausewayError `not-found` for no publisher */
  whyNot(studyInstanceUid: string, publisher: string): Promise<WhyNot>;
}

export interface Deliveries extends Listed<Delivery> {
  readonly publishers: readonly DeliveryState[];
}

export interface WhyNot {
  readonly verdict: 'delivered' | 'waiting' | 'failed' | 'not-selected' | 'not-planned' | 'partly';
  /** For people, the most important first. */
  readonly reasons: readonly string[];
  readonly refusals: readonly (Refusal & {
    readonly of: 'site' | 'publisher' | 'replay';
    /** About how many it said no. */
    readonly instances: number;
  })[];
  /** Those that have failed or are still to be done. */
  readonly tasks: readonly Task[];
}
