import { strings } from '../strings.ts';

const words = strings.attributes;

/** An attribute of the DICOM JSON Model (PS3.18 Annex F), as far as it is shown. */
export interface Attribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

export type DataSet = Readonly<Record<string, Attribute>>;

export type Keywords = (tag: string) => string | undefined;

export interface Entry {
  readonly tag: string;
  readonly attribute: Attribute;
  /** Of a sequence, those that hold what is wanted. */
  readonly items: readonly Item[];
  /** What is wanted of what the items hold: nothing more, where the sequence itself is what was wanted. */
  readonly wantedBelow: string;
}

interface Item {
  /** In the sequence, the first is 1. */
  readonly number: number;
  readonly dataSet: DataSet;
}

/**
 * The attributes that have the text in tag, keyword or value, themselves or somewhere below.
 * @param wanted in lower case; empty for all
 */
export function entriesWith(dataSet: DataSet, wanted: string, keywordOf: Keywords): Entry[] {
  return Object.entries(dataSet).flatMap(([tag, attribute]) => {
    const isWanted = wanted === '' || says(tag, attribute, wanted, keywordOf);
    const all = itemsOf(attribute);
    const items = isWanted ? all : all.filter((item) => entriesWith(item.dataSet, wanted, keywordOf).length > 0);
    if (!isWanted && items.length === 0) return [];
    return [{ tag, attribute, items, wantedBelow: isWanted ? '' : wanted }];
  });
}

function itemsOf({ vr, Value = [] }: Attribute): Item[] {
  if (vr !== 'SQ') return [];
  // Items that are empty may be told as null.
  return Value.map((item, at) => ({ number: at + 1, dataSet: (item ?? {}) as DataSet }));
}

function says(tag: string, attribute: Attribute, wanted: string, keywordOf: Keywords): boolean {
  if (`${tag} (${tag.slice(0, 4)},${tag.slice(4)}) ${keywordOf(tag) ?? ''}`.toLowerCase().includes(wanted)) return true;
  return attribute.vr !== 'SQ' && valueText(attribute).toLowerCase().includes(wanted);
}

/** @param most values of a list; all, unless given */
export function valueText(attribute: Attribute, most = Number.POSITIVE_INFINITY): string {
  if (attribute.BulkDataURI !== undefined) return words.bulk;
  if (attribute.InlineBinary !== undefined) return words.binary(Math.floor((attribute.InlineBinary.length * 3) / 4));
  return (attribute.Value ?? []).slice(0, most).map(oneValue).join(' \\ ');
}

/** Person names are objects, with a group for each way to write them; a group that is missing keeps its place (PS3.5 §6.2). */
function oneValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as Readonly<Record<string, string>>;
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
}
