import { Buffer } from 'node:buffer';
import { dictionaryEntry } from './dictionary.ts';
import { padded } from './element-encoding.ts';
import type { Vr } from './json-model.ts';
import { tagHex } from './tag-hex.ts';
import { vrTraits } from './vr-traits.ts';

const word = 'ANONYMIZED';

/** Texts of an even number of characters, or of VRs that are padded with a space. */
const texts: Partial<Readonly<Record<Vr, string>>> = {
  AE: word,
  AS: '000Y',
  CS: word,
  DA: '19000101',
  DS: '0',
  DT: '19000101000000',
  IS: '0',
  LO: word,
  LT: word,
  PN: 'ANONYMIZED',
  SH: word,
  ST: word,
  TM: '000000',
  UC: word,
  UR: 'about:blank',
  UT: word,
};

/**
 * A value that says nothing, valid for its VR and of the least multiplicity of the attribute; the same in every byte order
 * and character set. UIDs have dummies of their own.
 * @see PS3.15 §E.1.1, action D
 */
export function dummyValue(tag: number, vr: Vr): Buffer {
  const vm = dictionaryEntry(tagHex(tag))?.vm ?? '1';
  const least = Math.max(1, Number.parseInt(vm, 10) || 1);
  const text = texts[vr];
  if (text === undefined) return Buffer.alloc(Math.max(2, least * bytesOf(vr)));
  const values = Array.from({ length: least }, () => text).join('\\');
  return padded(Buffer.from(values, 'latin1'));
}

function bytesOf(vr: Vr): number {
  return vr === 'AT' ? 4 : vrTraits(vr).wordBytes;
}
