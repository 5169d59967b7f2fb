import type { TimeSpan } from './configuration.ts';

const minutesADay = 1440;

/**
 * When things may leave next, local time: `now` if they may. A span belongs to the day on which it begins, and goes over
 * midnight if it ends before that; one that ends when it begins lasts the whole day.
 */
export function opensAt(schedule: readonly TimeSpan[], now: Date): Date {
  if (schedule.length === 0) return now;
  let next: Date | undefined;
  // A span that goes over midnight may have begun yesterday; every span begins once a week.
  for (let day = -1; day <= 7; day++) {
    for (const { days, from, till } of schedule) {
      const begin = localTime(now, day, minutesOf(from));
      if (days.length > 0 && !days.includes(begin.getDay())) continue;
      const isOverMidnight = minutesOf(till) <= minutesOf(from);
      const end = localTime(now, day, minutesOf(till) + (isOverMidnight ? minutesADay : 0));
      if (begin <= now && now < end) return now;
      if (begin > now && (next === undefined || begin < next)) next = begin;
    }
  }
  return next ?? localTime(now, 7, 0);
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** By the clock on the wall, also where that is put forward or back meanwhile. */
function localTime(now: Date, days: number, minutes: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 0, minutes);
}
