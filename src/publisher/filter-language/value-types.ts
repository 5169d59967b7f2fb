import type { DictionaryVr } from '../../dicom/dictionary.ts';

/** What values can be compared with. `any`: only the data set tells. */
export type ValueType =
  | 'text'
  | 'number'
  | 'age'
  | 'date'
  | 'time'
  | 'date-time'
  | 'name'
  | 'uid'
  | 'sequence'
  | 'binary'
  | 'any';

/** For people: `Rows is a number`. */
export const describedType = {
  text: 'a text',
  number: 'a number',
  age: 'an age',
  date: 'a date',
  time: 'a time of day',
  'date-time': 'a date with time',
  name: 'a person name',
  uid: 'a UID',
  sequence: 'a sequence',
  binary: 'bytes',
  any: 'an attribute of which only the data set tells',
} as const satisfies Record<ValueType, string>;

const numbers = ['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'US or SS', 'UV'];
const texts = ['AE', 'AT', 'CS', 'LO', 'LT', 'SH', 'ST', 'UC', 'UR', 'UT'];

const types: ReadonlyMap<string, ValueType> = new Map([
  ...numbers.map((vr) => [vr, 'number'] as const),
  ...texts.map((vr) => [vr, 'text'] as const),
  ['AS', 'age'],
  ['DA', 'date'],
  ['DT', 'date-time'],
  ['PN', 'name'],
  ['SQ', 'sequence'],
  ['TM', 'time'],
  ['UI', 'uid'],
]);

/** Numbers that may be as well words of a table (`US or OW`) count as bytes. */
export function typeOfVr(vr: DictionaryVr): ValueType {
  return types.get(vr) ?? 'binary';
}
