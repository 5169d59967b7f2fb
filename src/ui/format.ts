import { formatStrings as words } from './strings/format-strings.ts';

const moments = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const clockTimes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const numbers = new Intl.NumberFormat('en-GB');

/** `19 Jan 2004, 08:30:00`, in the time of who looks. */
export function moment(text: string): string {
  return moments.format(new Date(text));
}

export function clockTime(text: string): string {
  return clockTimes.format(new Date(text));
}

export function minute(text: string): string {
  return minutes.format(new Date(text));
}

export function wholeNumber(value: number): string {
  return numbers.format(value);
}

export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  while (value >= 1000 && unit < words.bytes.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${words.bytes[unit]}`;
}

/** `20040119` as `2004-01-19`; what is no DICOM date stays. */
export function dicomDate(text: string | undefined): string | undefined {
  return text?.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
}

/** `083000.5` as `08:30:00`. */
export function dicomTime(text: string | undefined): string | undefined {
  return text?.replace(/^(\d{2})(\d{2})(\d{2})?.*$/, (_, hours, minutes, seconds) =>
    [hours, minutes, ...(seconds === undefined ? [] : [seconds])].join(':'),
  );
}

/** `Doe^Jane^^Dr` as `Doe, Jane, Dr`, with the other groups behind it. */
export function personName(text: string | undefined): string | undefined {
  return text
    ?.split('=')
    .map((group) =>
      group
        .split('^')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .join(', '),
    )
    .filter((group) => group !== '')
    .join(' · ');
}

/** `054Y` as `54 y`; else the years from birth to the study; nothing where one of them is no day. */
export function age(given: string | undefined, born: string | undefined, at: string | undefined): string {
  const [, count, unit] = /^0*(\d+)([DWMY])$/.exec(given ?? '') ?? [];
  if (count !== undefined && unit !== undefined) return words.ages[unit as keyof typeof words.ages](count);
  const birth = dayOf(born);
  const then = dayOf(at);
  if (birth === undefined || then === undefined) return given ?? '';
  const hadBirthday = then.inYear >= birth.inYear;
  const years = then.year - birth.year - (hadBirthday ? 0 : 1);
  return years >= 0 ? words.ages.Y(String(years)) : '';
}

interface Day {
  readonly year: number;
  /** Month times a hundred and day: 1231 is the last. */
  readonly inYear: number;
}

/** Devices write `19500000` for who knows only the year, and days that no month has. */
function dayOf(text: string | undefined): Day | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? '')?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const last = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= last ? { year, inYear: month * 100 + day } : undefined;
}

/** `850 ms`, `12.3 s`, `4 min 10 s`, `3 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return words.milliseconds(Math.max(0, Math.round(milliseconds)));
  const seconds = milliseconds / 1000;
  if (seconds < 60) return words.seconds(seconds.toFixed(1));
  const wholeMinutes = Math.floor(seconds / 60);
  if (wholeMinutes < 60) return words.minutes(wholeMinutes, Math.floor(seconds % 60));
  return words.hours(Math.floor(wholeMinutes / 60), wholeMinutes % 60);
}
