import { confidentialityTable } from './confidentiality-table.ts';
import { dictionaryEntry, dictionaryVr } from './dictionary.ts';
import type { Vr } from './json-model.ts';
import { tagHex } from './tag-hex.ts';

/**
 * What is done with an attribute: X it goes, Z its value goes, D a dummy takes its place, U its UIDs are replaced, M its
 * dates are moved, K it stays. What is in a sequence that is K, U or M is seen to one by one; in one that is D, too, but
 * there nothing stays that could be read.
 */
export type ConfidentialityAction = 'X' | 'Z' | 'D' | 'U' | 'M' | 'K';

/**
 * The options of PS3.15 §E.3 that can be had, by the words of our table. Those that clean descriptors, structured content,
 * graphics or pixels, and Retain Safe Private, are not among them: nothing here understands what it would have to keep.
 */
export type ConfidentialityOption = 'UIDS' | 'DEVICE' | 'INSTITUTION' | 'PATIENT' | 'FULL_DATES' | 'MODIFIED_DATES';

/** One row of Table E.1-1. */
export interface ConfidentialityRow {
  /** Of the Basic Profile, as printed: `X/Z/D`. */
  readonly basic: string;
  /** K or C, by option; all options of the Standard. */
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Where the type of the attribute in the IOD decides, the action that is right for all types: an attribute that need not
 * be there may be empty, one that may be empty may hold a dummy. X/Z/U* keeps the items of references.
 */
const resolved: Readonly<Record<string, ConfidentialityAction>> = {
  X: 'X',
  Z: 'Z',
  D: 'D',
  U: 'U',
  'X/Z': 'Z',
  'X/D': 'D',
  'Z/D': 'D',
  'X/Z/D': 'D',
  'X/Z/U*': 'U',
};

/** UIDs that name a kind of thing and not one thing: SOP classes, transfer syntaxes, coding schemes and context groups. */
const kinds: ReadonlySet<number> = new Set([
  0x00080016, 0x0008001a, 0x0008001b, 0x00080062, 0x0008010c, 0x00080117, 0x00080118, 0x0008040e, 0x00081150,
  0x0008115a, 0x00083002, 0x00340003, 0x04000010, 0x04000510, 0x30100052, 0x30100053,
]);

/** URLs that name a vocabulary; all others lead to a place, and those of the web name the very UIDs that are to go. */
const vocabularyUrls: ReadonlySet<number> = new Set([0x0008010e, 0x00080120]);

/** Texts beside the table in which people are named all the same. */
const telling: ReadonlySet<string> = new Set(['ContactDisplayName', 'HL7InstanceIdentifier', 'OwnerID']);

let rows: ReadonlyMap<string, ConfidentialityRow> | undefined;

/** Every row, by its tag in eight characters, patterns as they stand in the table. */
export function confidentialityRows(): ReadonlyMap<string, ConfidentialityRow> {
  rows ??= new Map(confidentialityTable.trim().split('\n').map(parseRow));
  return rows;
}

function parseRow(line: string): [string, ConfidentialityRow] {
  const [tag = '', basic = '', ...options] = line.split(' ');
  return [tag, { basic, options: new Map(options.map((option) => option.split('=') as [string, string])) }];
}

/**
 * The action of the Basic Profile with options. What the table does not list is seen to by its VR: persons and dates get
 * dummies, and so do URLs and what people write as comments and notes; UIDs that name one thing are replaced; what the
 * dictionary does not know goes, as nobody can tell what it says.
 * Private attributes, curves, overlays (whose data goes, without which the rest describes nothing) and group lengths go.
 * @param vr as the data set says it
 * @see PS3.15 §E.1.1, Table E.1-1
 */
export function confidentialityAction(
  tag: number,
  vr: Vr,
  options: ReadonlySet<ConfidentialityOption>,
): ConfidentialityAction {
  const group = tag >>> 16;
  const known = dictionaryVr(tag);
  if ((group & 1) === 1 || group < 8 || (tag & 0xffff) === 0 || known === undefined) return 'X';
  if (group >>> 8 === 0x50 || group >>> 8 === 0x60) return 'X';
  const row = confidentialityRows().get(tagHex(tag));
  if (row !== undefined) return withOptions(row, options, known);
  const is = (one: Vr) => vr === one || known === one;
  if (is('UI')) return kinds.has(tag) || options.has('UIDS') ? 'K' : 'U';
  if (is('UR')) return vocabularyUrls.has(tag) ? 'K' : 'D';
  return is('PN') || isTemporal(vr) || isTemporal(known) || isRemark(tag) ? 'D' : 'K';
}

function isTemporal(vr: string): boolean {
  return vr === 'DA' || vr === 'DT' || vr === 'TM';
}

function isRemark(tag: number): boolean {
  const keyword = dictionaryEntry(tagHex(tag))?.keyword ?? '';
  return telling.has(keyword) || /^Comments|Comments?$|Notes$/.test(keyword);
}

/** Whether the UIDs of an attribute name kinds of things. */
export function namesKinds(tag: number): boolean {
  return kinds.has(tag);
}

/**
 * What an option says to clean is not kept for it: cleaning takes somebody who reads. Dates are moved; an offset from UTC and
 * timestamps that are certificates cannot be, and are seen to as without the option.
 */
function withOptions(
  row: ConfidentialityRow,
  options: ReadonlySet<ConfidentialityOption>,
  vr: string,
): ConfidentialityAction {
  for (const option of options) {
    const says = row.options.get(option);
    if (says === 'K') return 'K';
    if (says === 'C' && option === 'MODIFIED_DATES' && isTemporal(vr)) return 'M';
  }
  return resolved[row.basic]!;
}
