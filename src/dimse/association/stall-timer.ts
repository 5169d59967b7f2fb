/** Ends a wait for the peer that has taken too long. */
export interface StallTimer {
  /**
   * Says what the peer is waited for; undefined stops the clock. The clock starts anew only when `waitingFor` changes.
   * @param timeoutMs how long, unless `progress` prolongs it
   */
  wait(waitingFor: string | undefined, timeoutMs: number): void;
  /** The peer has done a part of what it is waited for: the clock starts anew. */
  restart(): void;
  /** Bytes came from the peer: enough of them start the clock anew. */
  progress(bytes: number): void;
}

/** A peer that sends single bytes holds an association no longer than one that sends nothing. */
const minProgressBytes = 1024;

export function createStallTimer(onStall: (waitingFor: string, timeoutMs: number) => void): StallTimer {
  let current: { readonly waitingFor: string; readonly timer: NodeJS.Timeout } | undefined;
  let bytesSinceStart = 0;

  return {
    wait(waitingFor, timeoutMs) {
      if (waitingFor === current?.waitingFor) return;
      clearTimeout(current?.timer);
      bytesSinceStart = 0;
      current =
        waitingFor === undefined
          ? undefined
          : { waitingFor, timer: setTimeout(() => onStall(waitingFor, timeoutMs), timeoutMs) };
    },
    restart() {
      bytesSinceStart = 0;
      current?.timer.refresh();
    },
    progress(bytes) {
      bytesSinceStart += bytes;
      if (bytesSinceStart < minProgressBytes) return;
      bytesSinceStart = 0;
      current?.timer.refresh();
    },
  };
}
