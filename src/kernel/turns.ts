/** Lets what is about the same thing go one after the other, in the order in which it came. */
export interface Turns {
  /** Rejects as the work does, which harms none that comes after it. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async run(key, work) {
      const before = last.get(key);
      let end = () => {};
      const mine = new Promise<void>((resolve) => {
        end = resolve;
      });
      last.set(key, mine);
      try {
        await before;
        return await work();
      } finally {
        end();
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}
