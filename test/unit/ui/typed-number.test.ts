import { expect, it } from 'vitest';
import { typedNumber } from '../../../src/ui/config/typed-number.ts';

it('means what is typed, and not the number that was there before it was one', () => {
  expect(['', '0', '0.', '0.5', '1.50', 5].map(typedNumber)).toEqual([undefined, 0, 0, 0.5, 1.5, 5]);
  expect(['-', '.', '-.'].map(typedNumber)).toEqual(['-', '.', '-.']);
});
