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
  return { first: head.done ? undefined : head.value, all: resume(head, iterator) };
}

async function* resume<T>(head: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncGenerator<T, void, void> {
  let next = head;
  try {
    for (; !next.done; next = await iterator.next()) yield next.value;
  } finally {
    if (!next.done) await iterator.return?.();
  }
}
