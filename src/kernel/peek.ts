/** An iterable whose first element has come. */
export interface Peeked<T> {
  /** Undefined if there is none. */
  readonly first: T | undefined;
  /** All of them, the first included; to be iterated once. */
  readonly all: AsyncIterable<T>;
}

/** Waits for the first element, so that what keeps it from coming is known before an answer begins. */
export async function peek<T>(iterable: AsyncIterable<T>): Promise<Peeked<T>> {
  const iterator = iterable[Symbol.asyncIterator]();
  const head = await iterator.next();
  return { first: head.done ? undefined : head.value, all: { [Symbol.asyncIterator]: () => resume(head, iterator) } };
}

/** No generator: one that is given up before it starts would not give up what it reads from. */
function resume<T>(head: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncIterator<T> {
  let unread: IteratorResult<T> | undefined = head;
  return {
    async next() {
      const next = unread ?? (await iterator.next());
      unread = undefined;
      return next;
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
