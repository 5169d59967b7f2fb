import { Buffer } from 'node:buffer';
import { type Repertoire, repertoireOf, type StandaloneEncoding } from './character-set-terms.ts';
import { type CodeExtensions, decodeIso2022, designatesSets, type TextKind } from './iso2022.ts';
import {
  ascii,
  countReplacements,
  type GraphicSet,
  replacement,
  romaji,
  withoutPrivateUse,
} from './iso2022-graphic-sets.ts';

export type { TextKind } from './iso2022.ts';

export type GuessedEncoding = 'utf-8' | 'latin1';

/** Reads the text of one data set (or item) as its Specific Character Set (0008,0005) says. */
export interface CharacterSet {
  /**
   * Decodes a whole value field, delimiters and padding included. Never throws: what cannot be read becomes U+FFFD.
   * @param kind `person-name` for PN; `multi-value` for LO SH UC; `text` for LT ST UT, where `\` is a character
   */
  decode(bytes: Uint8Array, kind: TextKind): string;
  /** As they were written. */
  readonly definedTerms: readonly string[];
  /** Defined Terms that nobody defined, as they were written. */
  readonly unknownTerms: readonly string[];
  /** What values of ASCII alone turned out to be in, where they were not. */
  readonly guessedEncodings: ReadonlySet<GuessedEncoding>;
  /** Places so far where the bytes were not what was declared: replaced by U+FFFD, or read by a guess. */
  problems(): number;
}

/**
 * Makes the reader for the values of Specific Character Set; no values at all are the default repertoire, ASCII.
 *
 * Where the bytes contradict the declaration, in this order:
 * - escape sequences of sets that were not declared are obeyed, but not in what is valid as the UTF-8 that was; an ESC that
 *   begins none is a character there;
 * - a value with bytes over 0x7F where none are allowed, or under an unknown term, is UTF-8 if it is valid as such,
 *   else ISO 8859-1;
 * - a value declared as UTF-8 of which not one such byte is valid is ISO 8859-1;
 * - a value of JIS X 0201 that is not, but is valid as Shift JIS, is Shift JIS.
 * Each counts as a problem.
 * @see PS3.5 §6.1, PS3.3 §C.12.1.1.2
 */
export function characterSetOf(definedTerms: readonly string[]): CharacterSet {
  const repertoires = definedTerms.map(repertoireOf);
  const unknownTerms = definedTerms.filter((_, i) => repertoires[i] === undefined);
  const encoding = standaloneEncodingOf(repertoires);
  const extensions = codeExtensionsOf(repertoires);
  const expectsOnlyAscii = extensions.initial.g1 === undefined && extensions.assumedG1 === undefined;
  const asciiIsAscii = extensions.initial.g0 === ascii || encoding !== undefined;
  const guessedEncodings = new Set<GuessedEncoding>();
  let problems = 0;

  function decodeExtended(bytes: Uint8Array, kind: TextKind): string {
    const escaped = bytes.includes(0x1b);
    if (encoding !== undefined && !(escaped && isIso2022(bytes, encoding))) {
      if (escaped) problems++;
      return decodeStandalone(bytes, encoding);
    }
    if (expectsOnlyAscii && !escaped) {
      problems++;
      const utf8 = decodeStrictly(bytes, 'utf-8');
      guessedEncodings.add(utf8 === undefined ? 'latin1' : 'utf-8');
      return utf8 ?? latin1Text(bytes);
    }
    const decoded = decodeIso2022(bytes, kind, extensions);
    if (decoded.problems > 0 && extensions.initial.g0 === romaji && !escaped) {
      problems++;
      return decodeStrictly(bytes, 'shift_jis') ?? decoded.text;
    }
    problems += decoded.problems;
    return decoded.text;
  }

  function decodeStandalone(bytes: Uint8Array, from: StandaloneEncoding): string {
    const decoded = decoderOf(from, false).decode(bytes);
    // In UTF-8 what stands there was meant.
    const text = from === 'utf-8' ? decoded : withoutPrivateUse(decoded);
    const replaced = countReplacements(text);
    if (replaced === 0) return text;
    problems += replaced;
    return from === 'utf-8' && !/[^\0-\x7F\uFFFD]/.test(text) ? latin1Text(bytes) : text;
  }

  return {
    decode: (bytes, kind) =>
      isPlainAscii(bytes) && (asciiIsAscii || !bytes.includes(0x7e)) && (asciiIsAscii || kind !== 'text')
        ? latin1Text(bytes)
        : decodeExtended(bytes, kind),
    definedTerms,
    unknownTerms,
    guessedEncodings,
    problems: () => problems,
  };
}

/** UTF-8, GB18030 and GBK permit no other value beside them, and are taken wherever they stand. */
function standaloneEncodingOf(repertoires: readonly (Repertoire | undefined)[]): StandaloneEncoding | undefined {
  return repertoires.find((repertoire) => repertoire?.kind === 'standalone')?.encoding;
}

function codeExtensionsOf(repertoires: readonly (Repertoire | undefined)[]): CodeExtensions {
  const declared = new Set<GraphicSet>([ascii]);
  const upperHalves: GraphicSet[] = [];
  for (const repertoire of repertoires) {
    if (repertoire?.kind !== 'graphic-sets') continue;
    if (repertoire.g0 === romaji) declared.add(romaji);
    if (repertoire.set !== undefined) declared.add(repertoire.set);
    if (repertoire.g1 !== undefined) upperHalves.push(repertoire.g1);
  }
  const first = repertoires[0]?.kind === 'graphic-sets' ? repertoires[0] : undefined;
  return {
    initial: { g0: first?.g0 ?? ascii, g1: first?.g1 },
    declared,
    assumedG1: upperHalves[0],
  };
}

/** Whether a value under another encoding is ISO 2022 all the same. What it has in its upper half is hardly ever valid UTF-8. */
function isIso2022(bytes: Uint8Array, declared: StandaloneEncoding): boolean {
  if (!designatesSets(bytes)) return false;
  const isUpperHalfUsed = bytes.some((byte) => byte > 0x7f);
  return !(declared === 'utf-8' && isUpperHalfUsed && decodeStrictly(bytes, declared) !== undefined);
}

/** No bytes over 0x7F and no ESC: nearly every value that arrives, so this is kept to one loop. */
function isPlainAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f || byte === 0x1b) return false;
  }
  return true;
}

function latin1Text(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1');
}

type Decoder = InstanceType<typeof TextDecoder>;
type DecoderName = StandaloneEncoding | 'shift_jis';
const decoders = new Map<string, Decoder>();

function decoderOf(encoding: DecoderName, fatal: boolean): Decoder {
  const key = `${encoding} ${fatal}`;
  let decoder = decoders.get(key);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { fatal });
    decoders.set(key, decoder);
  }
  return decoder;
}

function decodeStrictly(bytes: Uint8Array, encoding: DecoderName): string | undefined {
  try {
    const text = decoderOf(encoding, true).decode(bytes);
    return text.includes(replacement) ? undefined : text;
  } catch {
    return undefined;
  }
}
