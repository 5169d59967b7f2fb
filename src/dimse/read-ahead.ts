import type { OutgoingDataSet } from './association/message-writer.ts';

/** How much is read before anything of it is sent. */
export interface ReadAhead {
  readonly bytes: number;
  /** However slowly it comes, the peer is not kept waiting for longer. */
  readonly ms: number;
}

/**
 * Reads the beginning of a data set, and all of it where it is short, so that what is wrong with it is known before its
 * command goes out.
 * @returns all of it, to be iterated once
 * @throws what reading it throws
 */
export async function readAhead(
  dataSet: AsyncIterable<Uint8Array>,
  { bytes, ms }: ReadAhead,
): Promise<OutgoingDataSet> {
  const until = performance.now() + ms;
  const iterator = dataSet[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  for (let readBytes = 0; readBytes === 0 || (readBytes <= bytes && performance.now() < until); ) {
    const next = await iterator.next();
    if (next.done) return read;
    read.push(next.value);
    readBytes += next.value.length;
  }
  return { [Symbol.asyncIterator]: () => readOn(read, iterator) };
}

/** No generator: one that is given up before it starts would not give up what it reads from. */
function readOn(read: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array> {
  return {
    async next() {
      const value = read.shift();
      return value === undefined ? iterator.next() : { done: false, value };
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
