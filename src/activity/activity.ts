import type { Happening, HouseEvent } from './house-event.ts';

/** What happens on this node, told as it happens; nothing of it outlives the process. */
export interface Activity {
  /** Costs next to nothing where nobody looks on. Never throws. */
  tell(happening: Happening): void;
  /** The last ones, the oldest first. */
  recent(most: number): readonly HouseEvent[];
  /**
   * Every event from now on, after the `recent` ones, or after those since the event `after`, if it is of this process, until
   * the signal ends it. `quiet` where nothing has happened for a while;
   * a number says how many were left out because the reader was slow.
   * @throws CausewayError `unavailable` if as many look on as may, naming the limit `maxFeedClients`
   */
  follow(options: {
    readonly recent: number;
    readonly after?: string;
    readonly signal: AbortSignal;
  }): AsyncIterable<HouseEvent | 'quiet' | number>;
  /** What was received in each of the last 60 minutes in which something was, the oldest first. */
  received(): readonly ReceivedMinute[];
  /** Ends what follows, and refuses more. */
  close(): void;
}

export interface ReceivedMinute {
  /** Its begin. */
  readonly minute: Date;
  readonly instances: number;
  readonly bytes: number;
  readonly refused: number;
}
