import { CausewayError } from '../kernel/errors.ts';
import { comparableDate, comparableDateTime, comparableTime } from './match-values.ts';

/** Inclusive bounds in the normal form of the VR (see `Condition`); a bound that is left out is open. */
export interface MomentRange {
  readonly from?: string;
  readonly to?: string;
}

/** How values of a VR are read as the first and the last moment that they cover. */
interface Precision {
  /** For people, in messages. */
  readonly form: string;
  first(value: string): string | undefined;
  last(value: string): string | undefined;
}

const day: Precision = { form: 'a date as YYYYMMDD', first: comparableDate, last: comparableDate };

const timeOfDay: Precision = {
  form: 'a time as HHMMSS.FFFFFF, which may be cut short',
  first: comparableTime,
  last: lastOfTime,
};

/**
 * Reads the value of a DA key: `YYYYMMDD` (or `YYYY.MM.DD`), `A-B`, `A-`, `-B`. Empty is universal: no bounds.
 * @throws CausewayError `bad-request`
 * @see PS3.4 §C.2.2.2.5
 */
export function dateRange(text: string): MomentRange {
  return rangeOf(text, day, partsAtHyphen(text));
}

/**
 * Reads the value of a TM key: `HHMMSS.FFFFFF`, cut short anywhere, or with colons; `A-B`, `A-`, `-B`.
 * A value that is cut short covers all that it leaves open: `10` is the hour from 10:00 to 10:59:59.999999.
 * @throws CausewayError `bad-request`
 * @see PS3.4 §C.2.2.2.5
 */
export function timeRange(text: string): MomentRange {
  return rangeOf(text, timeOfDay, partsAtHyphen(text));
}

/**
 * Reads the value of a DT key: `YYYYMMDDHHMMSS.FFFFFF&ZZXX`, cut short anywhere behind the year; `A-B`, `A-`, `-B`.
 * A hyphen with four digits that can be an offset from UTC (to -1200) is one, else it makes a range: `2023-0500` is
 * a year five hours behind UTC, `2023-2024` is two years.
 * @param offset `+HHMM` or `-HHMM`, of values that bring none: Timezone Offset From UTC (0008,0201) of the query
 * @throws CausewayError `bad-request`
 * @see PS3.5 §6.2, PS3.4 §C.2.2.2.5
 */
export function dateTimeRange(text: string, offset = '+0000'): MomentRange {
  const moment: Precision = {
    form: 'a date with time as YYYYMMDDHHMMSS.FFFFFF&ZZXX, which may be cut short',
    first: (value) => (readsAsDateTime(value) ? comparableDateTime(value, offset) : undefined),
    last: (value) => lastOfDateTime(value, offset),
  };
  return rangeOf(text, moment, partsOfDateTimes(text));
}

/**
 * Joins the values of a date key and its time key to one range of moments, `YYYYMMDDHHMMSS.FFFFFF`: it begins at the
 * first time of the first day and ends at the last time of the last.
 * @throws CausewayError `bad-request`
 * @see PS3.4 §C.2.2.2.5.4, PS3.18 §8.3.4.1
 */
export function combinedRange(dateText: string, timeText: string): MomentRange {
  const date = dateRange(dateText);
  const time = boundsOf(timeText, timeOfDay, partsAtHyphen(timeText));
  return ordered(
    bounds(
      date.from === undefined ? undefined : date.from + (time.from ?? '000000.000000'),
      date.to === undefined ? undefined : date.to + (time.to ?? '235959.999999'),
    ),
  );
}

/** The two ends of a range as written; one end alone for a single value. */
type Parts = readonly [single: string] | readonly [from: string, to: string];

function rangeOf(text: string, precision: Precision, parts: Parts | undefined): MomentRange {
  return ordered(boundsOf(text, precision, parts));
}

function boundsOf(text: string, { form, first, last }: Precision, parts: Parts | undefined): MomentRange {
  if (text.trim() === '') return {};
  if (text.trim() === '-') throw invalid('A range needs a value before or behind its hyphen.');
  if (parts === undefined) throw invalid(`The value is neither ${form} nor a range of two of them.`);
  const [from, to = from] = parts.map((part) => part.trim());
  const lower = from === '' || from === undefined ? undefined : first(from);
  const upper = to === '' || to === undefined ? undefined : last(to);
  if ((from !== '' && lower === undefined) || (to !== '' && upper === undefined)) {
    throw invalid(`The value is neither ${form} nor a range of two of them.`);
  }
  return bounds(lower, upper);
}

function bounds(from: string | undefined, to: string | undefined): MomentRange {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function ordered(range: MomentRange): MomentRange {
  if (range.from !== undefined && range.to !== undefined && range.from > range.to) {
    throw invalid('The range ends before it begins.');
  }
  return range;
}

function invalid(message: string): CausewayError {
  return new CausewayError('bad-request', message);
}

function partsAtHyphen(text: string): Parts | undefined {
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) return undefined;
  return to === undefined ? [from] : [from, to];
}

function partsOfDateTimes(text: string): Parts | undefined {
  const value = text.trim();
  if (readsAsDateTime(value)) return [value];
  for (let at = value.indexOf('-'); at !== -1; at = value.indexOf('-', at + 1)) {
    const from = value.slice(0, at).trim();
    const to = value.slice(at + 1).trim();
    if ((from === '' || readsAsDateTime(from)) && (to === '' || readsAsDateTime(to))) return [from, to];
  }
  return undefined;
}

function lastOfTime(value: string): string | undefined {
  const first = comparableTime(value);
  if (first === undefined) return undefined;
  const digits = value.trim().replaceAll(':', '');
  const [clock = '', fraction = ''] = digits.split('.');
  return `${clock}${'5959'.slice(clock.length - 2)}.${fraction.padEnd(6, '9')}`;
}

const dateTimeForm =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,6}))?)?)?)?)?)?([+-]\d{4})?$/;

function readsAsDateTime(value: string): boolean {
  const found = dateTimeForm.exec(value);
  return found !== null && (found[8] === undefined || isOffset(found[8])) && comparableDateTime(value) !== undefined;
}

/** PS3.5 §6.2: -1200 to +1400; -0000 is not permitted, but harmless. */
function isOffset(offset: string): boolean {
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3));
  return minutes < 60 && hours * 60 + minutes <= (offset.startsWith('-') ? 720 : 840);
}

function lastOfDateTime(value: string, offset: string): string | undefined {
  const found = readsAsDateTime(value) ? dateTimeForm.exec(value) : null;
  if (!found) return undefined;
  const [, year = '', month = '12', dayOfMonth, hour = '23', minute = '59', second = '59', fraction = ''] = found;
  const lastDay = dayOfMonth ?? String(daysIn(Number(year), Number(month)));
  return comparableDateTime(
    `${year}${month}${lastDay}${hour}${minute}${second}.${fraction.padEnd(6, '9')}${found[8] ?? ''}`,
    offset,
  );
}

function daysIn(year: number, month: number): number {
  const lastOfMonth = new Date(0);
  lastOfMonth.setUTCFullYear(year, month, 0);
  return lastOfMonth.getUTCDate();
}
