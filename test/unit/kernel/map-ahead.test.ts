import { expect, test } from 'vitest';
import { mapAhead } from '../../../src/kernel/map-ahead.ts';

async function* count(to: number) {
  for (let number = 1; number <= to; number += 1) yield number;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('results come in order, whichever is ready first, with no more work under way than allowed', async () => {
  let running = 0;
  let most = 0;
  const work = async (number: number) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < 20 - number; turn += 1) await Promise.resolve();
    running -= 1;
    return number * 10;
  };
  expect(await all(mapAhead(count(9), work, 3))).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  expect(most).toBe(3);
});

test('a failure comes when its turn is, after what was before it', async () => {
  const work = async (number: number) => {
    if (number === 2) throw new Error('two');
    return number;
  };
  const results = mapAhead(count(9), work, 4);
  expect(await results.next()).toMatchObject({ value: 1 });
  await expect(results.next()).rejects.toThrow('two');
});
