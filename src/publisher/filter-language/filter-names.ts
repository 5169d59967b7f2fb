import { dictionaryEntries } from '../../dicom/dictionary.ts';
import { arrivalNames } from './attribute-source.ts';
import { typeOfVr, type ValueType } from './value-types.ts';

/** A name that an expression may begin with. */
export interface FilterName {
  readonly keyword: string;
  /** Eight hexadecimal digits; undefined for what is about the arrival. */
  readonly tag: string | undefined;
  readonly vr: string | undefined;
  /** For people. */
  readonly name: string;
  readonly type: ValueType;
}

let known: readonly FilterName[] | undefined;

function all(): readonly FilterName[] {
  known ??= [
    ...Object.entries(arrivalNames).map(([keyword, { type, name }]) => ({
      keyword,
      tag: undefined,
      vr: undefined,
      name,
      type,
    })),
    ...dictionaryEntries()
      // Group lengths and delimiters are no attributes that anybody would ask about.
      .filter(({ tag, vr }) => vr !== 'NONE' && !tag.endsWith('0000') && !/^000[0-7]/.test(tag))
      .map(({ keyword, tag, vr, name }) => ({ keyword, tag, vr, name, type: typeOfVr(vr) })),
  ];
  return known;
}

/** Names that have a text in their keyword, tag or words; those whose keyword begins with it first. All, for an empty one. */
export function filterNames(text: string): readonly FilterName[] {
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/^\(?([0-9a-f]{4}),([0-9a-f]{4})\)?$/, '$1$2');
  if (wanted === '') return all();
  const found = all().filter(({ keyword, tag, name }) =>
    [keyword, tag ?? '', name].some((one) => one.toLowerCase().includes(wanted)),
  );
  const begins = ({ keyword }: FilterName) => keyword.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}
