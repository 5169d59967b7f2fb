import { expect, it } from 'vitest';
import { createThrottle } from '../../../src/publisher/throttle.ts';

/** Time that passes only where somebody sleeps, and what the database would say of a rate that is shared. */
function simulated() {
  let ms = 0;
  let freeAt = 0;
  return {
    elapsed: () => ms,
    now: () => new Date(ms),
    reserve: async (seconds: number) => {
      const begin = Math.max(freeAt, ms);
      freeAt = begin + seconds * 1000;
      return new Date(begin);
    },
    sleep: async (wait: number, signal: AbortSignal) => {
      signal.throwIfAborted();
      ms += wait;
    },
  };
}

it('lets as many bytes go a second as it may', async () => {
  const time = simulated();
  const throttle = createThrottle({ bytesPerSecond: 1_000_000, ...time, signal: new AbortController().signal });
  for (let sent = 0; sent < 60_000_000; sent += 64_000) await throttle(64_000);
  expect(time.elapsed()).toBeGreaterThan(59_000);
  expect(time.elapsed()).toBeLessThan(60_500);
});

it('is shared: two who send at the same time have half of it each', async () => {
  const time = simulated();
  const signal = new AbortController().signal;
  const [one, other] = [1, 2].map(() => createThrottle({ bytesPerSecond: 1_000_000, ...time, signal }));
  for (let sent = 0; sent < 10_000_000; sent += 100_000) await Promise.all([one!(100_000), other!(100_000)]);
  expect(time.elapsed()).toBeGreaterThan(19_000);
  expect(time.elapsed()).toBeLessThan(20_500);
});

it('lets large pieces wait in the order in which they came', async () => {
  const time = simulated();
  const throttle = createThrottle({ bytesPerSecond: 100_000, ...time, signal: new AbortController().signal });
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((one) => throttle(500_000).then(() => order.push(one))));
  expect(order).toEqual([1, 2, 3]);
});

it('ends who waits when what is sent is given up, and lets the next one go on', async () => {
  const time = simulated();
  const controller = new AbortController();
  const throttle = createThrottle({ bytesPerSecond: 1_000, ...time, signal: controller.signal });
  await throttle(16_384);
  controller.abort(new Error('given up'));
  await expect(throttle(50_000)).rejects.toThrow('given up');
});
