import type { Condition } from '../dicom/query.ts';
import type { WorklistItem } from '../dicom/worklist-item.ts';
import type { StoredWorklistItem } from '../index/worklist-store.ts';

export type { StoredWorklistItem } from '../index/worklist-store.ts';

/** What modalities are to do: scheduled procedure steps, as a system that plans them tells us. */
export interface Worklist {
  /**
   * Those that match, by start date, with the Scheduled Procedure Step Status that modalities have decided. One that is
   * completed is found only by its status.
   * @param stop ends it before the next
   */
  find(conditions: readonly Condition[], stop: AbortSignal): AsyncGenerator<StoredWorklistItem, void, void>;
  /** By id. @param after an id @param limit at most so many */
  list(after: string | undefined, limit: number): Promise<readonly StoredWorklistItem[]>;
  /** @throws CausewayError `not-found` */
  get(id: string): Promise<StoredWorklistItem>;
  /** Under an id of ours. */
  add(item: WorklistItem): Promise<StoredWorklistItem>;
  /** Adds or replaces. */
  put(id: string, item: WorklistItem): Promise<{ readonly item: StoredWorklistItem; readonly isNew: boolean }>;
  /** @throws CausewayError `not-found` */
  remove(id: string): Promise<void>;
}
