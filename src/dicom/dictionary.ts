import { dictionaryLines } from './dictionary-source.ts';
import { dictionarySupplement } from './dictionary-supplement.ts';
import type { Vr } from './json-model.ts';
import { tagHex } from './tag-hex.ts';

/** A VR as PS3.6 prints it: for some attributes other attributes decide (see `resolveVr`); delimiters have none. */
export type DictionaryVr = Vr | 'OB or OW' | 'US or SS' | 'US or OW' | 'US or SS or OW' | 'NONE';

/** One line of PS3.6 §6 to §8. */
export interface DictionaryEntry {
  /** Eight upper-case hexadecimal digits; of a repeating group the tag that was asked for. */
  readonly tag: string;
  readonly vr: DictionaryVr;
  /** Value multiplicity as printed: `1`, `1-n`, `2-2n`. */
  readonly vm: string;
  /** `PatientName`; also for retired attributes. */
  readonly keyword: string;
  /** The keyword in separate words, for people: `Patient Name`. */
  readonly name: string;
}

/** Attributes that decide how an ambiguous VR is read (PS3.5 Annex A, PS3.3 C.7.6.3 and C.11.1). */
export interface VrContext {
  /** (0028,0103), from this data set or the one around it; 0 where unknown. */
  readonly pixelRepresentation?: number | undefined;
  /** (0028,0100), likewise. */
  readonly bitsAllocated?: number | undefined;
  /** First value of the LUT Descriptor beside a LUT Data. */
  readonly lutEntries?: number | undefined;
  /** Implicit VR Little Endian reads every OB-or-OW as OW (PS3.5 §A.1). */
  readonly implicitVr: boolean;
}

interface Line {
  readonly vr: DictionaryVr;
  readonly vm: string;
  readonly keyword: string;
}

interface Dictionary {
  readonly lines: ReadonlyMap<number, Line>;
  readonly tags: ReadonlyMap<string, number>;
}

/** dcmjs writes ambiguous VRs in the shorthand of DCMTK's dictionary. */
const shorthand: Readonly<Record<string, DictionaryVr>> = {
  ox: 'OB or OW',
  xs: 'US or SS',
  lt: 'US or OW',
  up: 'UL',
  na: 'NONE',
};

let loaded: Dictionary | undefined;

/** Built at first use, so that a start need not wait for it. */
function dictionary(): Dictionary {
  loaded ??= load();
  return loaded;
}

function load(): Dictionary {
  const lines = new Map<number, Line>();
  const tags = new Map<string, number>();
  for (const [key, { vr, vm, name }] of dictionaryLines()) {
    const tag = numericTag(key);
    if (tag === undefined || !vr || !vm || !name) continue;
    lines.set(tag, { vr: shorthand[vr] ?? (vr as Vr), vm, keyword: name.replace('RETIRED_', '') });
  }
  for (const line of dictionarySupplement.trim().split('\n')) {
    const [tag = '', vr = '', vm = '', keyword = ''] = line.split(' ');
    lines.set(Number.parseInt(tag, 16), { vr: vr.replaceAll('/', ' or ') as DictionaryVr, vm, keyword });
  }
  for (const [tag, { keyword }] of lines) {
    if (!tags.has(keyword)) tags.set(keyword, tag);
  }
  return { lines, tags };
}

/** `(0010,0010)` and the first group of `(6000-60FF,0010)`; not private tags and not patterns such as group lengths. */
function numericTag(key: string): number | undefined {
  const parts = /^\(([0-9A-F]{4})(?:-[0-9A-F]{4})?,([0-9A-F]{4})(?:-[0-9A-F]{4})?\)$/.exec(key);
  return parts ? Number.parseInt(`${parts[1]}${parts[2]}`, 16) : undefined;
}

/** The line of the dictionary that covers a tag of a repeating group (PS3.6 §7.6: xx is even). */
function repeatingTag(tag: number): number | undefined {
  const group = tag >>> 16;
  const element = tag & 0xffff;
  if (group & 1) return undefined;
  if (group >= 0x5000 && group <= 0x501e) return 0x50000000 + element;
  if (group >= 0x6000 && group <= 0x601e) return 0x60000000 + element;
  if (group >= 0x7f00 && group < 0x7fe0) return 0x7f000000 + element;
  if (group === 0x0020 && element >= 0x3100 && element <= 0x31ff) return 0x00203100;
  if (group === 0x0028 && element >= 0x0400 && element < 0x0500) return 0x00280400 + (element & 0xf);
  if (group === 0x0028 && element >= 0x0800 && element < 0x0900) return 0x00280800 + (element & 0xf);
  if (group === 0x1000) return 0x10000010 + (element & 0xf);
  if (group === 0x1010) return 0x10100004;
  return undefined;
}

function lineOf(tag: number): Line | undefined {
  const { lines } = dictionary();
  const line = lines.get(tag);
  if (line) return line;
  const repeating = repeatingTag(tag);
  return repeating === undefined ? undefined : lines.get(repeating);
}

/** The VR that PS3.6 prints for a tag given as a number. Group lengths are UL. */
export function dictionaryVr(tag: number): DictionaryVr | undefined {
  return lineOf(tag)?.vr ?? ((tag & 0xffff) === 0 ? 'UL' : undefined);
}

/** Looks an attribute of the Standard up; private attributes have no entry. */
export function dictionaryEntry(tag: string): DictionaryEntry | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(tag)) return undefined;
  const line = lineOf(Number.parseInt(tag, 16));
  return line && { tag: tag.toUpperCase(), ...line, name: words(line.keyword) };
}

/** Every attribute with a keyword, by tag; of a repeating group the first. */
export function dictionaryEntries(): DictionaryEntry[] {
  return [...dictionary().tags]
    .map(([keyword, number]) => {
      const tag = tagHex(number);
      return { tag, ...dictionary().lines.get(number)!, keyword, name: words(keyword) };
    })
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Eight upper-case hexadecimal digits of a keyword such as `PatientName`; of a repeating group the first. */
export function tagOfKeyword(keyword: string): string | undefined {
  const tag = dictionary().tags.get(keyword);
  return tag === undefined ? undefined : tagHex(tag);
}

function words(keyword: string): string {
  return keyword.replace(/([a-z0-9])(?=[A-Z])/g, '$1 ').replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ');
}

/** Decides an ambiguous VR from the attributes around it. An attribute without VR (a delimiter) reads as UN. */
export function resolveVr(vr: DictionaryVr, context: VrContext): Vr {
  switch (vr) {
    case 'US or SS':
      return context.pixelRepresentation === 1 ? 'SS' : 'US';
    case 'OB or OW':
      return context.implicitVr || (context.bitsAllocated ?? 8) > 8 ? 'OW' : 'OB';
    case 'US or OW':
    case 'US or SS or OW':
      return context.lutEntries === 1 ? 'US' : 'OW';
    case 'NONE':
      return 'UN';
    default:
      return vr;
  }
}
