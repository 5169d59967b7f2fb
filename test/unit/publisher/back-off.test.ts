import { expect, it } from 'vitest';
import { backOffMs } from '../../../src/publisher/back-off.ts';

const retries = { attempts: 10, firstDelaySeconds: 10, maxDelaySeconds: 300 };

it('doubles with each attempt that failed, up to the most', () => {
  const seconds = [1, 2, 3, 4, 5, 6, 7, 1000].map((failed) => backOffMs(failed, retries, 0.5) / 1000);
  expect(seconds).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
});

it('spreads what failed together over a quarter more and a quarter less', () => {
  expect(backOffMs(1, retries, 0)).toBe(7_500);
  expect(backOffMs(1, retries, 1)).toBe(12_500);
});
