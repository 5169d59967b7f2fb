import { CausewayError } from '../kernel/errors.ts';

/** Inclusive, from 0. */
interface ByteRangeRequest {
  readonly first: number;
  /** Undefined: to the end. */
  readonly last?: number;
}

/** What a Range header asks for: bytes from `first`, or the last `suffix` bytes. */
export type RangeHeader = ByteRangeRequest | { readonly suffix: number };

/**
 * @returns undefined where there is no range of bytes, or several of them: the whole is an answer that is always
 *   allowed (RFC 9110 §14.2)
 */
export function parseRangeHeader(header: string | undefined): RangeHeader | undefined {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  if (parts === null) return undefined;
  const [, first = '', last = ''] = parts;
  if (first === '') return last === '' ? undefined : { suffix: Number(last) };
  if (last === '') return { first: Number(first) };
  return Number(last) < Number(first) ? undefined : { first: Number(first), last: Number(last) };
}

/** @throws CausewayError `range-not-satisfiable` if the value has no byte of the range */
export function resolveRange(range: RangeHeader, size: number): { readonly first: number; readonly last: number } {
  const first = 'suffix' in range ? Math.max(0, size - range.suffix) : range.first;
  const last = 'suffix' in range ? size - 1 : Math.min(range.last ?? size - 1, size - 1);
  if (first > last) {
    throw new CausewayError('range-not-satisfiable', `The value has ${size} bytes; the range asks for others.`, {
      details: { size },
    });
  }
  return { first, last };
}
