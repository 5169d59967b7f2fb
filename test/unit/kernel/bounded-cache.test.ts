import { expect, test } from 'vitest';
import { createBoundedCache } from '../../../src/kernel/bounded-cache.ts';
import { createSingleFlight } from '../../../src/kernel/single-flight.ts';

test('a cache never holds more than its bytes, and lets go of what was used longest ago', () => {
  const cache = createBoundedCache<number>(100);
  for (let key = 0; key < 10; key += 1) cache.set(`k${key}`, key, 10);
  expect(cache.get('k0')).toBe(0);
  cache.set('k10', 10, 10);
  expect(cache.get('k1')).toBeUndefined();
  expect(cache.get('k0')).toBe(0);
  expect(cache.bytes).toBe(100);
});

test('a cache does not keep what would push out everything else', () => {
  const cache = createBoundedCache<string>(100);
  cache.set('large', 'x', 50);
  expect(cache.get('large')).toBeUndefined();
  expect(cache.bytes).toBe(0);
});

test('a value that is set again counts once, and entries are forgotten by the start of their keys', () => {
  const cache = createBoundedCache<string>(1000);
  cache.set('a 1', 'old', 50);
  cache.set('a 1', 'new', 60);
  cache.set('a 2', 'two', 10);
  cache.set('ab 1', 'other', 10);
  expect(cache.bytes).toBe(80);
  cache.deleteStartingWith('a ');
  expect(cache.get('a 1')).toBeUndefined();
  expect(cache.get('ab 1')).toBe('other');
  expect(cache.bytes).toBe(10);
});

test('those who want the same at the same time share one flight; the next one after a failure flies anew', async () => {
  const flight = createSingleFlight<number>();
  let flights = 0;
  const fails = () => {
    flights += 1;
    return Promise.reject(new Error('no'));
  };
  const both = await Promise.allSettled([flight.run('a', fails), flight.run('a', fails)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(flights).toBe(1);
  expect(await flight.run('a', async () => 7)).toBe(7);
});
