/**
 * Values one at a time, until the signal aborts: also while one is waited for, as whoever makes them may not heed it.
 * What makes them is told to end, and not waited for.
 */
export async function* takenUntil<T>(
  signal: AbortSignal,
  values: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T, void, void> {
  const iterator = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  const ended = { done: true, value: undefined } as const;
  let stop = (): void => {};
  const stopped = new Promise<typeof ended>((resolve) => (stop = () => resolve(ended)));
  signal.addEventListener('abort', stop, { once: true });
  let isDone = false;
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), stopped]);
      isDone = next.done === true && next !== ended;
      if (next.done === true) return;
      yield next.value;
    }
  } catch (thrown) {
    isDone = true;
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
