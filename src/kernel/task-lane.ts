/** Runs tasks side by side, but never more than so many. */
export interface TaskLane {
  /** Starts the task as soon as there is room. Resolves when it has started, so that the caller can prepare the next. */
  start(task: () => Promise<void>): Promise<void>;
  /** Resolves when all tasks are done. @throws what the first task to fail threw */
  idle(): Promise<void>;
}

export function createTaskLane(maxTasks: number): TaskLane {
  const running = new Set<Promise<void>>();
  let failure: { readonly thrown: unknown } | undefined;

  function rethrow(): void {
    if (failure) throw failure.thrown;
  }

  return {
    async start(task) {
      while (running.size >= maxTasks) await Promise.race(running);
      rethrow();
      const settled: Promise<void> = task()
        .catch((thrown: unknown) => {
          failure ??= { thrown };
        })
        .finally(() => running.delete(settled));
      running.add(settled);
    },
    async idle() {
      while (running.size > 0) await Promise.race(running);
      rethrow();
    },
  };
}
