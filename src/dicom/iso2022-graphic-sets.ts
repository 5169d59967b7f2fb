/** The replacement character, in the place of what no character set defines. */
export const replacement = '\uFFFD';

/** What a run of code positions reads as, and how many of them stand for no character. */
interface DecodedRun {
  readonly text: string;
  readonly undefinedCodes: number;
}

/**
 * A graphic character set of ISO/IEC 2022. It decodes runs of bytes that all lie in one half of the code table and
 * disregards their high bit, because any set may be invoked in either half.
 */
export interface GraphicSet {
  readonly bytesPerCode: 1 | 2;
  decode(bytes: Uint8Array, start: number, end: number): DecodedRun;
  /**
   * The code position of a character, high bits clear: 0x20 to 0x7F, or 0x2121 to 0x7E7E.
   * @returns undefined for characters that the registered set does not have, whether some readers know them in it or not
   */
  encode(character: string): number | undefined;
}

/** First and last code position, inclusive. */
type CodeRange = readonly [first: number, last: number];

/**
 * What decoders of the encodings below read, but the registrations of the sets do not have: rows that vendors added, and
 * characters of later editions. A peer that knows only what is registered must not be told them.
 */
const notRegistered: Readonly<Record<string, readonly CodeRange[]>> = {
  // The euro, the drachma and the iota subscript of ISO 8859-7:2003.
  '126': [
    [0x24, 0x25],
    [0x2a, 0x2a],
  ],
  // Directional marks of ISO 8859-8:1999.
  '138': [[0x7d, 0x7e]],
  // The no-break space of ISO 8859-11.
  '166': [[0x20, 0x20]],
  // Small Roman numerals, vertical forms and letters of GBK.
  '58': [
    [0x2221, 0x222a],
    [0x2660, 0x266f],
    [0x283b, 0x2840],
  ],
  // Rows 9 to 15, NEC's row 13 among them, and IBM's rows.
  '87': [
    [0x2921, 0x2f7e],
    [0x7521, 0x7e7e],
  ],
  // IBM's characters, and a tilde of which readers do not agree what it is.
  '159': [
    [0x2237, 0x2237],
    [0x7321, 0x7e7e],
  ],
  // The Hangul filler, and what came later than 1987: the euro, the registered and the postal code sign.
  '149': [
    [0x2266, 0x2268],
    [0x2454, 0x2454],
  ],
};

/** Registration numbers of the single-byte sets to the encoding whose upper half is that set. */
const upperHalfOf = {
  '101': 'iso-8859-2',
  '109': 'iso-8859-3',
  '110': 'iso-8859-4',
  '126': 'iso-8859-7',
  '127': 'iso-8859-6',
  '138': 'iso-8859-8',
  '144': 'iso-8859-5',
  '148': 'iso-8859-9',
  '166': 'windows-874',
  '203': 'iso-8859-15',
} as const;

/** JIS X 0208, JIS X 0212, KS X 1001 and GB 2312 in their EUC form: the pair with high bits, behind a prefix where there is one. */
const eucFormOf = {
  '58': { encoding: 'gbk', prefix: undefined },
  '87': { encoding: 'euc-jp', prefix: undefined },
  '149': { encoding: 'euc-kr', prefix: undefined },
  '159': { encoding: 'euc-jp', prefix: 0x8f },
} as const;

/** The code positions 0x20 to 0x7F of a set as text, one character each. */
type CodeTable = string;

/** Makes a set of its 96 characters; the table is built when it is first needed. */
function tableSet(buildTable: () => CodeTable, unwritten: readonly CodeRange[] = []): GraphicSet {
  let table: CodeTable | undefined;
  let codes: ReadonlyMap<string, number> | undefined;
  return {
    bytesPerCode: 1,
    encode(character) {
      if (codes === undefined) {
        table ??= buildTable();
        codes = codesOf([...table].entries(), 0x20, unwritten);
      }
      return codes.get(character);
    },
    decode(bytes, start, end) {
      table ??= buildTable();
      let text = '';
      let undefinedCodes = 0;
      for (let i = start; i < end; i++) {
        const character = table[((bytes[i] ?? 0) & 0x7f) - 0x20] ?? replacement;
        if (character === replacement) undefinedCodes++;
        text += character;
      }
      return { text, undefinedCodes };
    },
  };
}

function range(first: number, last: number): string {
  let text = '';
  for (let code = first; code <= last; code++) text += String.fromCodePoint(code);
  return text;
}

/** ISO-IR 6: what everything starts from. */
export const ascii = tableSet(() => range(0x20, 0x7f));

/** ISO-IR 100, the upper half of ISO 8859-1. Not by TextDecoder, whose `iso-8859-1` is windows-1252. */
export const latin1 = tableSet(() => range(0xa0, 0xff));

/** ISO-IR 14, the Latin half of JIS X 0201: ASCII but for the yen sign and the overline. */
export const romaji = tableSet(
  () => range(0x20, 0x7f).replace('\\', '¥').replace('~', '‾'),
  // Many readers take the overline for a tilde.
  [[0x7e, 0x7e]],
);

/** ISO-IR 13, the katakana half of JIS X 0201: half-width forms at 0x21 to 0x5F. */
export const katakana = tableSet(() => replacement + range(0xff61, 0xff9f).padEnd(95, replacement));

/** A single-byte set by its registration number. */
export function singleByteSet(registration: keyof typeof upperHalfOf): GraphicSet {
  return tableSet(() => {
    const upperHalf = Uint8Array.from({ length: 96 }, (_, i) => 0xa0 + i);
    return withoutPrivateUse(new TextDecoder(upperHalfOf[registration]).decode(upperHalf));
  }, notRegistered[registration]);
}

/** A double-byte set by its registration number: 87 JIS X 0208, 159 JIS X 0212, 149 KS X 1001, 58 GB 2312. */
export function doubleByteSet(registration: keyof typeof eucFormOf): GraphicSet {
  const { encoding, prefix } = eucFormOf[registration];
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let codes: ReadonlyMap<string, number> | undefined;
  function decode(bytes: Uint8Array, start: number, end: number): DecodedRun {
    decoder ??= new TextDecoder(encoding);
    const pairs = (end - start) >> 1;
    const euc = new Uint8Array(pairs * (prefix === undefined ? 2 : 3));
    let at = 0;
    for (let i = start; i < start + pairs * 2; i += 2) {
      if (prefix !== undefined) euc[at++] = prefix;
      euc[at++] = (bytes[i] ?? 0) | 0x80;
      euc[at++] = (bytes[i + 1] ?? 0) | 0x80;
    }
    const cutInHalf = (end - start) % 2 === 1;
    const text = withoutPrivateUse(decoder.decode(euc)) + (cutInHalf ? replacement : '');
    return { text, undefinedCodes: countReplacements(text) };
  }
  function* characters(): Generator<readonly [number, string], void, void> {
    for (let row = 0x21; row <= 0x7e; row++) {
      for (let cell = 0x21; cell <= 0x7e; cell++)
        yield [(row << 8) | cell, decode(Uint8Array.of(row, cell), 0, 2).text];
    }
  }
  return {
    bytesPerCode: 2,
    decode,
    encode(character) {
      codes ??= codesOf(characters(), 0, notRegistered[registration]);
      return codes.get(character);
    },
  };
}

/** No character, or one that its reader would have to know of from elsewhere. */
const nobodysOrReplaced = /[\uFFFD\uE000-\uF8FF]/;

/** Code positions by character; of two that a character has, the first. */
function codesOf(
  characters: Iterable<readonly [number, string]>,
  offset: number,
  unwritten: readonly CodeRange[] = [],
): ReadonlyMap<string, number> {
  const codes = new Map<string, number>();
  for (const [at, character] of characters) {
    const code = at + offset;
    if (nobodysOrReplaced.test(character) || unwritten.some(([first, last]) => code >= first && code <= last)) continue;
    if (!codes.has(character)) codes.set(character, code);
  }
  return codes;
}

/** ICU, behind TextDecoder, gives code positions that a legacy encoding leaves undefined to this corner of the Private Use Area. */
export function withoutPrivateUse(text: string): string {
  return text.replace(/[\uF880-\uF8FF]/g, replacement);
}

export function countReplacements(text: string): number {
  let count = 0;
  for (let at = text.indexOf(replacement); at !== -1; at = text.indexOf(replacement, at + 1)) count++;
  return count;
}
