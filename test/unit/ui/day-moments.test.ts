import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginOfDay, dayAfter, endOfDay } from '../../../src/ui/day-moments.ts';

describe('a day of a filter', () => {
  const zone = process.env['TZ'];
  beforeAll(() => {
    process.env['TZ'] = 'Europe/Berlin';
  });
  afterAll(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it('begins and ends at midnight of who looks, as times are shown', () => {
    expect(beginOfDay('2026-05-10')).toBe('2026-05-09T22:00:00.000Z');
    expect(endOfDay('2026-05-10')).toBe('2026-05-10T21:59:59.999Z');
    expect(dayAfter('2026-05-10')).toBe('2026-05-10T22:00:00.000Z');
  });

  it('has as many hours as it has', () => {
    expect([beginOfDay('2026-03-29'), dayAfter('2026-03-29')]).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(dayAfter('2026-12-31')).toBe('2026-12-31T23:00:00.000Z');
  });

  it.each(['yesterday', '2026-02-30', '2026-13-01', '20260510'])('is left to the server to refuse: %s', (text) => {
    expect(beginOfDay(text)).toBe(text);
  });
});
