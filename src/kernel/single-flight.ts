/** Lets callers who want the same thing at the same time share the work of the first. */
export interface SingleFlight<T> {
  run(key: string, work: () => Promise<T>): Promise<T>;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flying = new Map<string, Promise<T>>();
  return {
    run(key, work) {
      const before = flying.get(key);
      if (before) return before;
      const flight = work().finally(() => flying.delete(key));
      flying.set(key, flight);
      return flight;
    },
  };
}
