import { Buffer } from 'node:buffer';
import { characterSetOf, type TextKind } from './character-set.ts';
import { canonicalTerms, type Repertoire, repertoireOf } from './character-set-terms.ts';
import { encodeGb, type GbEncoding } from './encode-gb.ts';
import { encodeIso2022, type WrittenSets } from './encode-iso2022.ts';
import { ascii, type GraphicSet } from './iso2022-graphic-sets.ts';

/** Writes the text of a data set in a Specific Character Set. */
export interface CharacterSetEncoder {
  /** Values of Specific Character Set (0008,0005) as the Standard spells them; none for ASCII alone. */
  readonly definedTerms: readonly string[];
  /**
   * Writes a whole value field, delimiters included, without padding. What it returns reads as the text, exactly.
   * @param kind as `CharacterSet.decode` takes it
   * @returns undefined where the character set does not have every character
   */
  encode(text: string, kind: TextKind): Buffer | undefined;
}

const encoders = new Map<string, CharacterSetEncoder | undefined>();

/** As many as anybody asks for in earnest. */
const maxEncoders = 1_000;

/**
 * Makes the writer for the values of Specific Character Set.
 * @returns undefined if one of them is not known
 * @see PS3.5 §6.1, PS3.3 §C.12.1.1.2
 */
export function characterSetEncoder(definedTerms: readonly string[]): CharacterSetEncoder | undefined {
  const terms = canonicalTerms(definedTerms);
  if (terms === undefined) return undefined;
  const name = terms.join('\\');
  const known = encoders.get(name);
  if (known !== undefined) return known;
  const encoder = createEncoder(terms);
  if (encoders.size < maxEncoders) encoders.set(name, encoder);
  return encoder;
}

export const utf8Encoder: CharacterSetEncoder = {
  definedTerms: ['ISO_IR 192'],
  encode: (text) => Buffer.from(text, 'utf8'),
};

function createEncoder(definedTerms: readonly string[]): CharacterSetEncoder {
  const repertoires = definedTerms.map((term) => repertoireOf(term)!);
  const [first] = repertoires;
  if (first?.kind === 'standalone') return first.encoding === 'utf-8' ? utf8Encoder : gbEncoder(first.encoding);
  const sets = writtenSets(repertoires);
  const asciiIsAscii = sets.initial.g0 === ascii;
  const reader = characterSetOf(definedTerms);
  return {
    definedTerms,
    encode(text, kind) {
      if (asciiIsAscii && isAscii(text)) return Buffer.from(text, 'latin1');
      const bytes = encodeIso2022(text, kind, sets);
      if (bytes === undefined) return undefined;
      // What would read as anything else is not written: a yen sign where it would be taken for a delimiter, say.
      const before = reader.problems();
      return reader.decode(bytes, kind) === text && reader.problems() === before ? bytes : undefined;
    },
  };
}

function gbEncoder(encoding: GbEncoding): CharacterSetEncoder {
  const definedTerms = [encoding.toUpperCase()];
  return { definedTerms, encode: (text) => (text.includes('\x1b') ? undefined : encodeGb(text, encoding)) };
}

function isAscii(text: string): boolean {
  return /^[\0-\x1a\x1c-\x7f]*$/.test(text);
}

/** Several values permit escape sequences to the sets of all of them; a single one puts what it has into place. */
function writtenSets(repertoires: readonly Repertoire[]): WrittenSets {
  const [first] = repertoires;
  const own = first?.kind === 'graphic-sets' ? first : undefined;
  const initial = { g0: own?.g0 ?? ascii, g1: own?.g1 };
  const designated = new Set<GraphicSet>();
  for (const repertoire of repertoires.length > 1 ? repertoires : []) {
    if (repertoire.kind !== 'graphic-sets') continue;
    // ASCII comes with every single-byte set but that of katakana, and with none of two bytes (PS3.3 table C.12-3).
    if (repertoire.set?.bytesPerCode !== 2) designated.add(repertoire.g0 ?? ascii);
    if (repertoire.set !== undefined) designated.add(repertoire.set);
  }
  return { initial, designated: [...designated] };
}
