import type { Readable } from 'node:stream';

/** Compares two streams without holding more than a chunk of each; both are destroyed at the end. */
export async function equalStreams(first: Readable, second: Readable): Promise<boolean> {
  // It may fail before it is looked at, which nobody would be listening for; reading it tells of that.
  second.on('error', () => {});
  const others = (second as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let other: Buffer | undefined = Buffer.alloc(0);

  async function skipToBytes(): Promise<void> {
    while (other?.length === 0) other = (await others.next()).value as Buffer | undefined;
  }

  try {
    for await (const one of first as AsyncIterable<Buffer>) {
      for (let at = 0; at < one.length; ) {
        await skipToBytes();
        if (!other) return false;
        const length = Math.min(one.length - at, other.length);
        if (one.compare(other, 0, length, at, at + length) !== 0) return false;
        at += length;
        other = other.subarray(length);
      }
    }
    await skipToBytes();
    return other === undefined;
  } finally {
    first.destroy();
    second.destroy();
  }
}
