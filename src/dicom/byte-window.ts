import { Buffer } from 'node:buffer';

/**
 * The part of a byte stream that is still needed: what has arrived and is not consumed. Grows with what arrives, never
 * with what a file claims. The fields are for reading; `bytes` between `start` and `end` is what is there.
 */
export interface ByteWindow {
  bytes: Buffer;
  start: number;
  end: number;
  /** Byte of the stream at which `start` stands. */
  offset: number;
  /** True if `bytes` was made here and may be written behind `end`; else it is a chunk that belongs to the caller. */
  own: boolean;
}

export function createByteWindow(): ByteWindow {
  return { bytes: Buffer.alloc(0), start: 0, end: 0, offset: 0, own: false };
}

export function available(window: ByteWindow): number {
  return window.end - window.start;
}

/** Adds what has arrived. A chunk that finds the window empty is looked at where it lies. */
export function append(window: ByteWindow, chunk: Uint8Array): void {
  if (chunk.length === 0) return;
  const held = window.end - window.start;
  if (held === 0) {
    window.bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    window.start = 0;
    window.end = chunk.length;
    window.own = false;
    return;
  }
  if (!window.own || window.end + chunk.length > window.bytes.length) {
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * (held + chunk.length), 4096));
    window.bytes.copy(grown, 0, window.start, window.end);
    window.bytes = grown;
    window.start = 0;
    window.end = held;
    window.own = true;
  }
  window.bytes.set(chunk, window.end);
  window.end += chunk.length;
}

/** Makes what is not consumed independent of the chunk that it came in. */
export function keep(window: ByteWindow): void {
  if (window.own) return;
  window.bytes = Buffer.from(window.bytes.subarray(window.start, window.end));
  window.start = 0;
  window.end = window.bytes.length;
  window.own = true;
}

/** Passes over bytes that are there. */
export function consume(window: ByteWindow, length: number): void {
  window.start += length;
  window.offset += length;
}
