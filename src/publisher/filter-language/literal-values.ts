import { dateRange, dateTimeRange, type MomentRange, timeRange } from '../../dicom/date-time-range.ts';
import { comparableDate, comparableDateTime, comparableTime } from '../../dicom/match-values.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { ValueType } from './value-types.ts';

/** Types whose values are moments. */
export type MomentType = Extract<ValueType, 'date' | 'time' | 'date-time'>;

export const examples: Readonly<Record<MomentType, string>> = {
  date: "'2024-01-31'",
  time: "'08:30'",
  'date-time': "'2024-01-31T08:30'",
};

const isoMoment =
  /^(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(\.\d{1,6})?)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * The first and the last moment that a date or time covers as it is written, as the Standard writes it or ISO 8601.
 * @param offset of a date with time that brings none
 * @returns undefined for what is none
 */
export function literalMoment(type: MomentType, text: string, offset: string): Required<MomentRange> | undefined {
  try {
    const { from, to } = rangeOf(type, text.trim(), offset);
    return from === undefined || to === undefined ? undefined : { from, to };
  } catch (thrown) {
    if (thrown instanceof CausewayError) return undefined;
    throw thrown;
  }
}

function rangeOf(type: MomentType, text: string, offset: string): MomentRange {
  if (type === 'date') return /^\d{8}$|^\d{4}-\d\d-\d\d$/.test(text) ? dateRange(text.replaceAll('-', '')) : {};
  if (type === 'time') return /^[\d:.]+$/.test(text) ? timeRange(text) : {};
  const parts = isoMoment.exec(text);
  if (parts === null) return {};
  const [zone = ''] = parts.slice(8);
  return dateTimeRange(parts.slice(1, 8).join('') + (zone === 'Z' ? '+0000' : zone.replace(':', '')), offset);
}

/** The moment of a stored value, in the form of the ranges above. */
export function storedMoment(type: MomentType, text: string, offset: string): string | undefined {
  if (type === 'date') return comparableDate(text);
  return type === 'time' ? comparableTime(text) : comparableDateTime(text, offset);
}

const yearsOfUnit: Readonly<Record<string, number>> = { D: 1 / 365.25, W: 7 / 365.25, M: 1 / 12, Y: 1 };

/** Years of an Age String such as `045Y` or `003M`. */
export function yearsOf(age: string): number | undefined {
  const [, count, unit = ''] = /^(\d{3})([DWMY])$/.exec(age) ?? [];
  const factor = yearsOfUnit[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}
