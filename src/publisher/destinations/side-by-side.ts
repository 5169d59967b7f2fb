/**
 * Runs tasks, so many at a time, and yields what they answer as it comes. The first failure is thrown when those that had
 * begun by then have ended and told what they did; none is begun after it.
 */
export async function* sideBySide<T>(tasks: Iterable<() => Promise<T>>, atOnce: number): AsyncGenerator<T, void, void> {
  const running = new Set<Promise<void>>();
  const done: T[] = [];
  let failure: { readonly thrown: unknown } | undefined;
  const begin = (task: () => Promise<T>): void => {
    const settled: Promise<void> = task()
      .then(
        (answer) => {
          done.push(answer);
        },
        (thrown: unknown) => {
          failure ??= { thrown };
        },
      )
      .finally(() => running.delete(settled));
    running.add(settled);
  };
  try {
    for (const task of tasks) {
      begin(task);
      while (running.size >= atOnce) await Promise.race(running);
      yield* done.splice(0);
      if (failure !== undefined) break;
    }
    while (running.size > 0) {
      await Promise.race(running);
      yield* done.splice(0);
    }
    yield* done.splice(0);
  } finally {
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.thrown;
}
