import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createReportTeller } from '../../../src/commitment/report-teller.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const dayMs = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('what requests left unfinished is deleted every day, also after a day on which it could not be', async () => {
  const ages: number[] = [];
  const store = {
    async takeDue() {
      return [];
    },
    async postpone() {},
    async delete() {},
    async abandonOlder(ageMs: number) {
      ages.push(ageMs);
      if (ages.length === 1) throw new CausewayError('unavailable', 'No database.');
    },
  };
  const teller = createReportTeller({ store, tell: async () => {}, log: silentLog, intervalMs: 3_600_000 });
  teller.start();
  await vi.advanceTimersByTimeAsync(dayMs);
  expect(ages).toEqual([dayMs]);
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect(ages).toEqual([dayMs, dayMs, dayMs]);
  await teller.close();
  await vi.advanceTimersByTimeAsync(2 * dayMs);
  expect(ages).toHaveLength(3);
});
