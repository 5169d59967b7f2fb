import type { Schemas } from '../api.ts';

/** Whether a graph goes on by itself: one of which a part has failed does as well, for all else. */
export function isUnderWay({ tasks }: Pick<Schemas['PublishingGraph'], 'tasks'>): boolean {
  return tasks.INITIAL > 0;
}
