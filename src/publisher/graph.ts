/**
 * In this order; what does not apply is left out. Compression comes first, as it is made of what is stored, and what it
 * writes down of itself is then de-identified with the rest.
 */
export type TaskType = 'filter' | 'compress' | 'anonymise' | 'upload' | 'confirm' | 'results' | 'publish-back';

export type TaskStatus = 'INITIAL' | 'SUCCESS' | 'FAILED';

/** The way of a series or study to one destination. */
export interface Graph {
  readonly id: string;
  readonly publisher: string;
  readonly unit: 'series' | 'study';
  /** UID of the series or study, as it is here. */
  readonly referenceUid: string;
  readonly studyInstanceUid: string;
  /** FAILED if one task has failed for good; SUCCESS if all have succeeded. */
  readonly status: TaskStatus;
  readonly instances: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Task {
  readonly id: string;
  readonly graphId: string;
  readonly type: TaskType;
  /** Ids of tasks of the same graph that have to succeed before. */
  readonly deps: readonly string[];
  readonly status: TaskStatus;
  /** Why it failed, the last time or for good; in words. */
  readonly failure: string | undefined;
  readonly attempts: number;
  /** While it is INITIAL: not before this time. */
  readonly dueAt: Date;
  /** While it runs. */
  readonly runningOn: string | undefined;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
  /** Instances. */
  readonly done: number;
  readonly total: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
