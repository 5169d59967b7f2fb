import type { Readable } from 'node:stream';

/** Compares two streams without holding more than a chunk of each; both are destroyed at the end. */
export async function equalStreams(first: Readable, second: Readable): Promise<boolean> {
  const others = second[Symbol.asyncIterator]();
  let other: Buffer = Buffer.alloc(0);
  try {
    for await (const one of first as AsyncIterable<Buffer>) {
      for (let at = 0; at < one.length; ) {
        if (other.length === 0) {
          const next = await others.next();
          if (next.done) return false;
          other = next.value as Buffer;
        }
        const length = Math.min(one.length - at, other.length);
        if (one.compare(other, 0, length, at, at + length) !== 0) return false;
        at += length;
        other = other.subarray(length);
      }
    }
    return other.length === 0 && (await others.next()).done === true;
  } finally {
    first.destroy();
    second.destroy();
  }
}
