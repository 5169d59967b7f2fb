import { expect, it } from 'vitest';
import { totalInWords } from '../../../src/ui/total.ts';

it.each([
  ['as it was counted', { total: 1, totalIsExact: true }, '1'],
  ['as it was counted, where nothing else is said', { total: 12_345 }, '12,345'],
  ['as at least that, where counting ended before', { total: 100_000, totalIsExact: false }, '> 100,000'],
  [
    'nowhere, where counting took too long and only the row that was read is known',
    { total: 1, totalIsExact: false },
    undefined,
  ],
])('a total is shown %s', (_, total, shown) => {
  expect(totalInWords(total, 1)).toBe(shown);
});
