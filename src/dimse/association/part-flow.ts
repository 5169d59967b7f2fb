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

export function createPartFlow({ socket, reader, isOver, handle, failed, onRest }: PartFlowOptions): PartFlow {
  let isWaiting = false;

  function readOn(): void {
    try {
      while (!isOver()) {
        const part = reader.next();
        if (part === undefined) break;
        const taken = handle(part);
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

  function waitFor(taken: Promise<void>): void {
    isWaiting = true;
    socket.pause();
    const goOn = (): void => {
      isWaiting = false;
      if (socket.destroyed) return;
      readOn();
      if (!isWaiting) socket.resume();
    };
    taken.then(goOn, (thrown: unknown) => {
      failed(thrown);
      goOn();
    });
  }

  return {
    readOn,
    get isWaiting() {
      return isWaiting;
    },
  };
}
