/**
 * Days as somebody at this screen means them: they begin and end at midnight here, as times are shown here. What is no date
 * stays, for the server to say so.
 */

/** The moment at which a day of an `<input type="date">` begins, ISO 8601. */
export function beginOfDay(date: string): string {
  return midnight(date, 0)?.toISOString() ?? date;
}

/** The last millisecond of it, for what asks for a last moment. */
export function endOfDay(date: string): string {
  const next = midnight(date, 1);
  return next === undefined ? date : new Date(next.getTime() - 1).toISOString();
}

/** The begin of the next, for what asks for what lies before a moment. */
export function dayAfter(date: string): string {
  return midnight(date, 1)?.toISOString() ?? date;
}

function midnight(date: string, days: number): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const isDay = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(date);
  // Not by adding hours: days have 23 to 25.
  return isDay ? new Date(year, month - 1, day + days) : undefined;
}
