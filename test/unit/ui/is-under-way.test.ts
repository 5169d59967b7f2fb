import { expect, it } from 'vitest';
import { isUnderWay } from '../../../src/ui/status/is-under-way.ts';

it('a graph is under way as long as something of it is to be done, whatever has failed', () => {
  const tasks = { SUCCESS: 1, FAILED: 1, running: 0 };
  expect(isUnderWay({ tasks: { ...tasks, INITIAL: 1 } })).toBe(true);
  expect(isUnderWay({ tasks: { ...tasks, INITIAL: 0 } })).toBe(false);
});
