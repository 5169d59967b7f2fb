/** A list of numbers of unknown length, eight bytes each. */
export interface GrowingNumbers {
  readonly length: number;
  push(value: number): void;
  at(index: number): number;
  /** The numbers so far; the list is not to be used afterwards. */
  take(): Float64Array;
}

export function createGrowingNumbers(): GrowingNumbers {
  let values = new Float64Array(16);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === values.length) {
        const grown = new Float64Array(2 * length);
        grown.set(values);
        values = grown;
      }
      values[length++] = value;
    },
    at: (index) => values[index] ?? Number.NaN,
    take: () => values.slice(0, length),
  };
}
