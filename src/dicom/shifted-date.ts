const dayMs = 86_400_000;

/**
 * A day so many days later, or earlier where they are negative.
 * @param date eight digits @returns eight digits; the same for what is no day of the years 1 to 9999
 */
export function shiftedDate(date: string, days: number): string {
  const parts = /^(\d{4})(\d\d)(\d\d)$/.exec(date);
  if (parts === null) return date;
  const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const iso = new Date(moment.getTime() + days * dayMs).toISOString();
  return /^\d{4}-/.test(iso) ? iso.slice(0, 10).replaceAll('-', '') : date;
}
