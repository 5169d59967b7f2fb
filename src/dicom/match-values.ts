import type { DicomJson, DicomJsonElement } from './json-model.ts';

/** The values of an element as trimmed strings, empty ones left out; numbers as their shortest decimal notation. */
export function textValues(element: DicomJsonElement | undefined): string[] {
  return (element?.Value ?? []).flatMap((value) => {
    if (typeof value === 'number') return [String(value)];
    if (typeof value !== 'string') return [];
    const text = trimmed(value);
    return text === '' ? [] : [text];
  });
}

/**
 * Without the blanks that carry no meaning (PS3.5 §6.2), and without what no database keeps: NUL, which pads UIDs, and
 * halves of surrogate pairs.
 */
export function trimmed(text: string): string {
  return text
    .replace(/\0/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim();
}

/** The values of an element that are finite numbers. */
export function numberValues(element: DicomJsonElement | undefined): number[] {
  return (element?.Value ?? []).flatMap((value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? [number] : [];
  });
}

const datePattern = /^(\d{4})(\.?)(\d{2})\2(\d{2})$/;
const timePattern = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?$/;
const dateTimePattern = /^(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6}))?([+-]\d{4})?$/;

/** `YYYYMMDD` of a DA value, also in the dotted form of ACR-NEMA; undefined if it is not a day of the calendar. */
export function comparableDate(value: string): string | undefined {
  const found = datePattern.exec(trimmed(value));
  if (!found) return undefined;
  const [, year = '', , month = '', day = ''] = found;
  return isDay(Number(year), Number(month), Number(day)) ? year + month + day : undefined;
}

/** `HHMMSS.FFFFFF` of a TM value, parts left out being zero; undefined if it is not a time of day. */
export function comparableTime(value: string): string | undefined {
  const found = timePattern.exec(trimmed(value));
  if (!found) return undefined;
  const [, hour = '', minute = '00', second = '00', fraction = ''] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  return `${hour}${minute}${second}.${fraction.padEnd(6, '0')}`;
}

/**
 * `YYYYMMDDHHMMSS.FFFFFF` in UTC of a DT value, parts left out being their first possible value.
 * @param offset `+HHMM` or `-HHMM` for values without one of their own
 */
export function comparableDateTime(value: string, offset = '+0000'): string | undefined {
  const found = dateTimePattern.exec(trimmed(value));
  if (!found) return undefined;
  const [, year = '', month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = ''] = found;
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const moment = new Date(0);
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  moment.setUTCHours(Number(hour), Number(minute) - offsetMinutes(found[8] ?? offset), Math.min(Number(second), 59));
  const utc = moment.toISOString();
  if (!/^\d{4}-/.test(utc)) return undefined;
  return `${utc.slice(0, 19).replace(/\D/g, '')}.${fraction.padEnd(6, '0')}`;
}

/** The data set's Timezone Offset From UTC (0008,0201) where it is a valid one. */
export function timezoneOffset(dataset: DicomJson): string | undefined {
  const [offset] = textValues(dataset['00080201']);
  return offset !== undefined && /^[+-]\d{4}$/.test(offset) ? offset : undefined;
}

function offsetMinutes(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5));
  return offset.startsWith('-') ? -minutes : minutes;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}
