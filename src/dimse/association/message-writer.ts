import type { Socket } from 'node:net';
import { CausewayError } from '../../kernel/errors.ts';
import { pdvHeaderBytes } from './pdu.ts';
import { encodeFragmentHeader } from './pdu-writer.ts';

/** The data set of an outgoing message: its bytes in order, in chunks of any size. */
export type OutgoingDataSet = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Sends whole DIMSE messages over one association, one after the other. */
export interface MessageWriter {
  /**
   * Resolves when the message is handed to the operating system as far as it takes it: whoever awaits it never makes
   * more than one message pile up in memory. Where its command cannot be sent, a data set is left as it is.
   * @throws CausewayError `aborted` if the connection ends before; `malformed` if the data set has an odd number of bytes,
   * whose last fragment is not sent: half a message stays on the association
   */
  send(contextId: number, command: Buffer, dataSet?: OutgoingDataSet): Promise<void>;
  /** Nothing can be sent any more: the connection has gone, though the association may not have heard of it yet. */
  readonly hasEnded: boolean;
}

export interface MessageWriterOptions {
  readonly socket: Socket;
  /** Longest variable field of a P-DATA-TF that the peer takes, in bytes: 8 or more. */
  readonly maxPduBytes: number;
  /** Told when the peer has stopped (`true`) or goes on (`false`) to take what is sent. */
  onBlocked(blocked: boolean): void;
}

export function createMessageWriter({ socket, maxPduBytes, onBlocked }: MessageWriterOptions): MessageWriter {
  // An even number, as all fragments have (PS3.8 §E.1).
  const maxFragmentBytes = Math.floor((maxPduBytes - pdvHeaderBytes) / 2) * 2;
  if (maxFragmentBytes < 2) {
    throw new CausewayError('internal', `No fragment fits into a PDU of ${maxPduBytes} bytes.`);
  }
  let last: Promise<void> = Promise.resolve();
  let queued = 0;

  function writeFragment(contextId: number, isCommand: boolean, isLast: boolean, bytes: Uint8Array): void {
    if (!socket.writable) throw connectionEnded();
    socket.write(encodeFragmentHeader(contextId, isCommand, isLast, bytes.length));
    socket.write(bytes);
  }

  function writeCommand(contextId: number, command: Buffer): void {
    for (let start = 0; start < command.length; start += maxFragmentBytes) {
      const end = Math.min(start + maxFragmentBytes, command.length);
      writeFragment(contextId, true, end === command.length, command.subarray(start, end));
    }
  }

  async function write(contextId: number, command: Buffer, dataSet: OutgoingDataSet | undefined): Promise<void> {
    // Corked, a command and the first fragments of its data set leave in one segment.
    socket.cork();
    try {
      writeCommand(contextId, command);
      if (dataSet !== undefined) await writeDataSet(contextId, dataSet);
    } finally {
      socket.uncork();
    }
    await drained();
  }

  /**
   * A fragment is sent when the one after it is known, as the last has to say that it is the last. Receivers break off at
   * one with an odd number of bytes (PS3.8 §E.1; DCMTK does): the last byte of an odd chunk goes with the next.
   */
  async function writeDataSet(contextId: number, dataSet: OutgoingDataSet): Promise<void> {
    let held: Uint8Array = Buffer.alloc(0);
    for await (const chunk of dataSet) {
      for (let start = 0; start < chunk.length; ) {
        const evenBytes = held.length - (held.length % 2);
        if (evenBytes > 0) writeFragment(contextId, false, false, held.subarray(0, evenBytes));
        const left = held.subarray(evenBytes);
        const piece = chunk.subarray(start, start + maxFragmentBytes - left.length);
        held = left.length === 0 ? piece : Buffer.concat([left, piece]);
        start += piece.length;
      }
      if (socket.writableNeedDrain) {
        socket.uncork();
        await drained();
        socket.cork();
      }
    }
    if (held.length % 2 !== 0) throw oddDataSet();
    writeFragment(contextId, false, true, held);
  }

  async function drained(): Promise<void> {
    if (!socket.writableNeedDrain) return;
    onBlocked(true);
    try {
      await new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          socket.off('drain', settle).off('close', settle);
          if (socket.destroyed) reject(connectionEnded());
          else resolve();
        };
        socket.on('drain', settle).on('close', settle);
        if (socket.destroyed) settle();
      });
    } finally {
      onBlocked(false);
    }
  }

  return {
    send(contextId, command, dataSet) {
      const before = last;
      queued += 1;
      const sent =
        queued === 1 ? write(contextId, command, dataSet) : before.then(() => write(contextId, command, dataSet));
      const settled = sent.finally(() => {
        queued -= 1;
      });
      // Whoever sends next waits for this message, also for one that failed; its own sender hears of the failure.
      last = settled.catch(() => undefined);
      return settled;
    },
    get hasEnded() {
      return !socket.writable;
    },
  };
}

/** What has an odd number of bytes cannot be sent, and nobody here knows what it lacks. PS3.5 §7.1.1, PS3.8 §E.1. */
export function oddDataSet(): CausewayError {
  return new CausewayError('malformed', 'The data set has an odd number of bytes, which no DIMSE message may have.');
}

function connectionEnded(): CausewayError {
  return new CausewayError('aborted', 'The connection ended before the message was sent.');
}
