/** Of one target one fetch after the other: what is on its way for whoever asked before does not come twice. */
export interface FetchesInTurn {
  /**
   * @param onArrival told when something comes, be it by this fetch or by one before
   * @param work calls `arrived` when something has come
   * @throws what `work` throws, be it that of a fetch before: whoever does not send is not waited for again
   */
  run<T>(key: string, onArrival: () => void, work: (arrived: () => void) => Promise<T>): Promise<T>;
}

export function createFetchesInTurn(): FetchesInTurn {
  const lines = new Map<string, { last: Promise<unknown>; readonly told: Set<() => void> }>();
  return {
    async run(key, onArrival, work) {
      const line = lines.get(key) ?? { last: Promise.resolve(), told: new Set() };
      lines.set(key, line);
      line.told.add(onArrival);
      const mine = line.last.then(() =>
        work(() => {
          for (const tell of line.told) tell();
        }),
      );
      line.last = mine;
      try {
        return await mine;
      } finally {
        line.told.delete(onArrival);
        if (line.last === mine) lines.delete(key);
      }
    },
  };
}
