import { dictionaryEntry } from './dictionary.ts';
import type { ScanWarning } from './scanned-instance.ts';
import { tagHex } from './tag-hex.ts';

/** More warnings of one file than this tell nobody anything. */
const maxWarnings = 100;

/** Collects what was odd about a file. */
export interface ScanWarnings {
  readonly list: readonly ScanWarning[];
  /** No more are kept. */
  readonly full: boolean;
  add(warning: ScanWarning): void;
  /** Takes back what was said of bytes from this offset on. */
  withdrawFrom(offset: number): void;
}

export function createScanWarnings(): ScanWarnings {
  const list: ScanWarning[] = [];
  return {
    list,
    get full() {
      return list.length >= maxWarnings;
    },
    add(warning) {
      // An element is looked at again when more of it has arrived.
      const known = list.some(({ offset, message }) => offset === warning.offset && message === warning.message);
      if (!known && list.length < maxWarnings) list.push(warning);
    },
    withdrawFrom(first) {
      const kept = list.filter(({ offset = 0 }) => offset < first);
      list.splice(0, list.length, ...kept);
    },
  };
}

/** `(0010,0020) PatientID`, for messages. */
export function attributeInWords(tag: number): string {
  const hex = tagHex(tag);
  const keyword = dictionaryEntry(hex)?.keyword;
  return `(${hex.slice(0, 4)},${hex.slice(4)})${keyword ? ` ${keyword}` : ''}`;
}
