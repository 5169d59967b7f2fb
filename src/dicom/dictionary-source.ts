import dcmjsDictionary from 'dcmjs/dictionary';

/** A line of dcmjs' dictionary; the file has no types and some lines are not complete. */
export interface DictionaryLine {
  /** Two letters, or one of the shorthands of DCMTK's dictionary where other attributes decide. */
  readonly vr?: string;
  readonly vm?: string;
  /** The keyword, behind `RETIRED_` where the attribute is retired. */
  readonly name?: string;
}

/** By `(gggg,eeee)`, by `(gggg-gggg,eeee)` for repeating groups, and by `(gggg,"creator",ee)` for private attributes. */
export function dictionaryLines(): readonly (readonly [key: string, line: DictionaryLine])[] {
  return Object.entries(dcmjsDictionary);
}
