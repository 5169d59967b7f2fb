import { Buffer } from 'node:buffer';
import { append, available, type ByteWindow, consume, createByteWindow } from './byte-window.ts';
import { swapped } from './number-swap.ts';

/** Bytes, or the place where others are to be put in. */
export type Piece = Uint8Array | 'splice';

interface Copy {
  readonly from: number;
  readonly length: number;
  readonly wordBytes: 1 | 2 | 4 | 8;
}

/** Bytes of the source that others take the place of, which follow from them. */
interface Rewriting {
  readonly from: number;
  readonly length: number;
  readonly make: (bytes: Buffer) => Uint8Array;
}

/**
 * Puts a stream together anew from pieces of another one and from bytes that stand in none. What is to be done is told
 * in the order of the source and before its bytes are let go; nothing is held but what has arrived and is yet to be told of.
 */
export interface PieceWriter {
  /** The next bytes of the source. */
  arrived(chunk: Uint8Array): void;
  write(piece: Piece): void;
  /** @param from offset in the source @param wordBytes bytes of a number to be turned round, 1 for none */
  copy(from: number, length: number, wordBytes?: Copy['wordBytes']): void;
  /** Held until it is complete: for short values only. @param from offset in the source */
  rewrite(from: number, length: number, make: Rewriting['make']): void;
  /** What is told from here on is not given away before `release`, unless much of it has arrived. @param from where it begins in the source */
  hold(from: number): void;
  release(): void;
  /** Forgets what is held. @returns false if some of it has been given away */
  discard(): boolean;
  /** @param offset up to which the source has been told of @returns what can be written now */
  take(offset: number): Piece[];
  /** Bytes that are still to be copied: not 0 at the end of a source that broke off. */
  readonly pendingBytes: number;
}

/** Of what is held back. */
const maxHeldBytes = 1_048_576;

export function createPieceWriter(): PieceWriter {
  const source = createByteWindow();
  const pending: (Piece | Copy | Rewriting)[] = [];
  /** How many of `pending` are not held. */
  let free = Number.POSITIVE_INFINITY;
  let heldFrom = 0;
  let copied = 0;

  function copyWhatIsThere({ from, length, wordBytes }: Copy, out: Piece[]): boolean {
    passTo(source, from + copied);
    if (source.offset < from + copied) return false;
    const left = length - copied;
    const there = Math.min(left, available(source));
    const whole = there === left ? there : there - (there % wordBytes);
    if (whole > 0) {
      const bytes = source.bytes.subarray(source.start, source.start + whole);
      out.push(wordBytes === 1 ? bytes : swapped(bytes, wordBytes));
      consume(source, whole);
      copied += whole;
    }
    return copied === length;
  }

  function rewriteWhatIsThere({ from, length, make }: Rewriting, out: Piece[]): boolean {
    passTo(source, from);
    if (source.offset < from || available(source) < length) return false;
    out.push(make(source.bytes.subarray(source.start, source.start + length)));
    consume(source, length);
    return true;
  }

  return {
    arrived: (chunk) => append(source, chunk),
    write: (piece) => {
      if (piece === 'splice' || piece.length > 0) pending.push(piece);
    },
    copy(from, length, wordBytes = 1) {
      if (length > 0) pending.push({ from, length, wordBytes });
    },
    rewrite(from, length, make) {
      pending.push({ from, length, make });
    },
    hold(from) {
      free = pending.length;
      heldFrom = from;
    },
    release() {
      free = Number.POSITIVE_INFINITY;
    },
    discard() {
      if (free === Number.POSITIVE_INFINITY) return false;
      pending.length = free;
      free = Number.POSITIVE_INFINITY;
      return true;
    },
    take(offset) {
      const out: Piece[] = [];
      let done = 0;
      if (source.offset + available(source) - heldFrom > maxHeldBytes) free = Number.POSITIVE_INFINITY;
      for (const next of pending) {
        if (done === free) break;
        if (next === 'splice' || next instanceof Uint8Array) out.push(next);
        else if (!('make' in next ? rewriteWhatIsThere(next, out) : copyWhatIsThere(next, out))) break;
        copied = 0;
        done++;
      }
      pending.splice(0, done);
      free -= done;
      if (pending.length === 0) passTo(source, offset);
      return joined(out);
    },
    get pendingBytes() {
      return pending.reduce(
        (sum, next) => sum + (next === 'splice' || next instanceof Uint8Array ? 0 : next.length),
        -copied,
      );
    },
  };
}

/** Passes over what lies before an offset, as far as it is there. */
function passTo(source: ByteWindow, offset: number): void {
  if (offset > source.offset) consume(source, Math.min(offset - source.offset, available(source)));
}

/** A data set has many small pieces, and each one written alone costs more than it holds. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  let run: Uint8Array[] = [];
  const flush = () => {
    if (run.length > 0) out.push(run.length === 1 ? run[0]! : Buffer.concat(run));
    run = [];
  };
  for (const piece of pieces) {
    if (piece === 'splice') {
      flush();
      out.push(piece);
    } else {
      run.push(piece);
    }
  }
  flush();
  return out;
}
