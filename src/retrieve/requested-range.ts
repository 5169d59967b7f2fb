import { CausewayError } from '../kernel/errors.ts';

/** Bytes of a value that are asked for, from 0. */
export interface RequestedRange {
  readonly first: number;
  /** The last byte of the value where it is left out. */
  readonly last?: number;
}

/**
 * @param size of the whole value, bytes
 * @throws CausewayError `range-not-satisfiable`
 */
export function cut(range: RequestedRange | undefined, size: number): { first: number; length: number } {
  if (!range) return { first: 0, length: size };
  const last = Math.min(range.last ?? size - 1, size - 1);
  if (range.first < 0 || range.first > last) {
    throw new CausewayError('range-not-satisfiable', `The value has ${size} bytes; the range asked for is not in it.`, {
      details: { size },
    });
  }
  return { first: range.first, length: last - range.first + 1 };
}
