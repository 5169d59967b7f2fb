import type { Schemas } from '../api.ts';
import { beginOfDay, endOfDay } from '../day-moments.ts';

interface ReplayChoice {
  readonly publisher: string;
  /** Days of this screen; empty for all of time. */
  readonly from: string;
  readonly till: string;
  readonly again: boolean;
}

/** Begin and end of all that can be stored. */
const ever = { from: '1900-01-01', till: '9999-12-31' } as const;

/** No expression is given: it would be asked instead of the filters of site and publisher, which hold here as they are saved. */
export function replayRequest({ publisher, from, till, again }: ReplayChoice): Schemas['NewReplay'] {
  return {
    publisher,
    from: from === '' ? ever.from : beginOfDay(from),
    till: till === '' ? ever.till : endOfDay(till),
    again,
  };
}
