/** Reserves so many seconds of what is limited. @returns when they begin */
export type Reserve = (seconds: number) => Promise<Date>;

export interface ThrottleParts {
  readonly bytesPerSecond: number;
  /** For all who share the limit, on whatever node. */
  readonly reserve: Reserve;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A quarter of a second, so that what shares the limit takes turns, and no reservation is asked for too often. */
const portionSeconds = 0.25;
const leastPortionBytes = 16_384;

/**
 * Lets bytes go at a limited rate: those who ask wait until so many may leave. They are reserved in portions; what is left
 * of one is used first.
 */
export function createThrottle({ bytesPerSecond, reserve, now, sleep, signal }: ThrottleParts) {
  const portionBytes = Math.max(leastPortionBytes, Math.floor(bytesPerSecond * portionSeconds));
  let left = 0;
  let turn: Promise<void> = Promise.resolve();

  async function pass(bytes: number): Promise<void> {
    for (let wanted = bytes; wanted > 0; ) {
      if (left === 0) {
        const begin = await reserve(portionBytes / bytesPerSecond);
        const waitMs = begin.getTime() - now().getTime();
        if (waitMs > 0) await sleep(waitMs, signal);
        left = portionBytes;
      }
      const taken = Math.min(left, wanted);
      left -= taken;
      wanted -= taken;
    }
  }

  /** In the order in which it was asked. Rejects when the signal ends it. */
  return (bytes: number): Promise<void> => {
    const mine = turn.then(() => pass(bytes));
    turn = mine.catch(() => {});
    return mine;
  };
}
