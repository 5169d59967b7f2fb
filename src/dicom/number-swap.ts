import { Buffer } from 'node:buffer';

/** A copy in which each number is turned round; bytes behind the last whole number stay as they are. */
export function swapped(bytes: Uint8Array, width: 1 | 2 | 4 | 8): Buffer {
  const copy = Buffer.from(bytes);
  const whole = copy.subarray(0, copy.length - (copy.length % width));
  if (width === 2) whole.swap16();
  if (width === 4) whole.swap32();
  if (width === 8) whole.swap64();
  return copy;
}
