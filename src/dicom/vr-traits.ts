import type { Vr } from './json-model.ts';
import { inlineBytes } from './scan-limits.ts';

/** How the bytes of a value are read. */
export type ValueKind =
  /** Characters of the default repertoire, several values between backslashes. */
  | 'plain'
  /** Digits to be read as a number. */
  | 'decimal'
  /** Characters as Specific Character Set says, several values between backslashes. */
  | 'text'
  | 'person-name'
  /** One value, in which a backslash is a character. */
  | 'long-text'
  | 'uri'
  | 'numbers'
  | 'tags'
  | 'binary'
  | 'sequence';

/** What PS3.5 §6.2 and §7.1.2 lay down for a VR. */
export interface VrTraits {
  readonly vr: Vr;
  readonly kind: ValueKind;
  /** Explicit VR: two reserved bytes and a length of 32 bits. */
  readonly longLength: boolean;
  /** Bytes of one number, or of one word that byte order applies to; 1 where it does not matter. */
  readonly wordBytes: 1 | 2 | 4 | 8;
  /** Longer values are located, not held. */
  readonly maxInlineBytes: number;
}

const kinds: Readonly<Record<Vr, readonly [kind: ValueKind, length: 'short' | 'long', wordBytes: 1 | 2 | 4 | 8]>> = {
  AE: ['plain', 'short', 1],
  AS: ['plain', 'short', 1],
  AT: ['tags', 'short', 2],
  CS: ['plain', 'short', 1],
  DA: ['plain', 'short', 1],
  DS: ['decimal', 'short', 1],
  DT: ['plain', 'short', 1],
  FD: ['numbers', 'short', 8],
  FL: ['numbers', 'short', 4],
  IS: ['decimal', 'short', 1],
  LO: ['text', 'short', 1],
  LT: ['long-text', 'short', 1],
  OB: ['binary', 'long', 1],
  OD: ['binary', 'long', 8],
  OF: ['binary', 'long', 4],
  OL: ['binary', 'long', 4],
  OV: ['binary', 'long', 8],
  OW: ['binary', 'long', 2],
  PN: ['person-name', 'short', 1],
  SH: ['text', 'short', 1],
  SL: ['numbers', 'short', 4],
  SQ: ['sequence', 'long', 1],
  SS: ['numbers', 'short', 2],
  ST: ['long-text', 'short', 1],
  SV: ['numbers', 'long', 8],
  TM: ['plain', 'short', 1],
  UC: ['text', 'long', 1],
  UI: ['plain', 'short', 1],
  UL: ['numbers', 'short', 4],
  UN: ['binary', 'long', 1],
  UR: ['uri', 'long', 1],
  US: ['numbers', 'short', 2],
  UT: ['long-text', 'long', 1],
  UV: ['numbers', 'long', 8],
};

const byVr = new Map<Vr, VrTraits>();
const byCode = new Map<number, VrTraits>();

for (const [name, [kind, length, wordBytes]] of Object.entries(kinds)) {
  const vr = name as Vr;
  const maxInlineBytes =
    kind === 'binary'
      ? inlineBytes.binary
      : kind === 'numbers' || kind === 'tags'
        ? inlineBytes.numbers
        : inlineBytes.text;
  const traits = { vr, kind, longLength: length === 'long', wordBytes, maxInlineBytes };
  byVr.set(vr, traits);
  byCode.set((vr.charCodeAt(0) << 8) | vr.charCodeAt(1), traits);
}

export function vrTraits(vr: Vr): VrTraits {
  return byVr.get(vr)!;
}

/** By the two letters as they stand in the file, the first in the high byte; undefined if PS3.5 has no such VR. */
export function vrTraitsOfCode(code: number): VrTraits | undefined {
  return byCode.get(code);
}

export function isVr(text: string): text is Vr {
  return byVr.has(text as Vr);
}
