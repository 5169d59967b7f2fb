import type { Socket } from 'node:net';
import type { PduPart, PduReader } from './pdu-reader.ts';

export interface PartFlowOptions {
  readonly socket: Socket;
  readonly reader: PduReader;
  /** Nothing is read any more. */
  readonly isOver: () => boolean;
  /** @returns undefined if it is taken, else when it will be */
  readonly handle: (part: PduPart) => Promise<void> | undefined;
  /** What the reader or `handle` threw. */
  readonly failed: (thrown: unknown) => void;
  /** Called when all is handled that can be for the moment. */
  readonly onRest: () => void;
}

/** Hands on what a connection brings: all the backpressure of an association, whoever has opened it. */
export interface PartFlow {
  /** Handles what has been read until it is used up or somebody has to be waited for. */
  readOn(): void;
  /** True while the socket is paused because what was read is not taken yet. */
  readonly isWaiting: boolean;
}

/**
 * For so long one connection is gone on with before the others have their turn: what a peer sends at once may be hundreds
 * of messages, and where none of them waits for a disk they would all be answered in one go.
 */
const turnMs = 2;

export function createPartFlow({ socket, reader, isOver, handle, failed, onRest }: PartFlowOptions): PartFlow {
  let isWaiting = false;
  let turnEndsAt = 0;

  function readOn(): void {
    turnEndsAt = performance.now() + turnMs;
    goOn();
  }

  function goOn(): void {
    try {
      while (!isOver()) {
        const part = reader.next();
        if (part === undefined) break;
        const taken = handle(part) ?? (isTurnOver() ? nextTurn() : undefined);
        if (taken !== undefined) {
          waitFor(taken);
          break;
        }
      }
    } catch (thrown) {
      failed(thrown);
    }
    onRest();
  }

  function isTurnOver(): boolean {
    return performance.now() >= turnEndsAt;
  }

  function nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        turnEndsAt = performance.now() + turnMs;
        resolve();
      });
    });
  }

  function waitFor(taken: Promise<void>): void {
    isWaiting = true;
    socket.pause();
    const resume = (): void => {
      isWaiting = false;
      if (socket.destroyed) return;
      goOn();
      if (!isWaiting) socket.resume();
    };
    void taken
      .catch(failed)
      .then(() => (isTurnOver() ? nextTurn() : undefined))
      .then(resume);
  }

  return {
    readOn,
    get isWaiting() {
      return isWaiting;
    },
  };
}
