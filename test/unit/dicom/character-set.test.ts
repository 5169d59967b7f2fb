import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterSetOf, type TextKind } from '../../../src/dicom/character-set.ts';
import { hasSharedFiles, sharedDicomDir } from '../../support/shared-files.ts';

const latin1Bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

function decode(terms: readonly string[], text: string | Uint8Array, kind: TextKind = 'person-name'): string {
  return characterSetOf(terms).decode(typeof text === 'string' ? latin1Bytes(text) : text, kind);
}

/** Decodes bytes that are meant to be entirely as declared. */
function decodeExactly(terms: readonly string[], text: string | Uint8Array, kind: TextKind = 'person-name'): string {
  const set = characterSetOf(terms);
  const decoded = set.decode(typeof text === 'string' ? latin1Bytes(text) : text, kind);
  expect(set.problems()).toBe(0);
  expect(set.unknownTerms).toEqual([]);
  return decoded;
}

describe('the examples of PS3.5 Annexes H to K', () => {
  it('reads Japanese with kanji in G0 behind ASCII (H.3.1)', () => {
    const bytes = 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B';
    expect(decodeExactly(['', 'ISO 2022 IR 87'], bytes)).toBe('Yamada^Tarou=山田^太郎=やまだ^たろう');
  });

  it('reads Japanese with half-width katakana as Value 1 (H.3.2)', () => {
    const bytes =
      '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J';
    expect(decodeExactly(['ISO 2022 IR 13', 'ISO 2022 IR 87'], bytes)).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう');
  });

  it('reads Korean designated to G1 anew behind each delimiter (I.2)', () => {
    const bytes = 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf';
    expect(decodeExactly(['', 'ISO 2022 IR 149'], bytes)).toBe('Hong^Gildong=洪^吉洞=홍^길동');
  });

  it('reads long Korean text that is designated anew on each line (I.3)', () => {
    const bytes = '\x1b$)CThe 1st line includes \xb1\xe6\xb5\xbf.\r\n\x1b$)C\xb1\xe6\xb5\xbf too.';
    expect(decodeExactly(['', 'ISO 2022 IR 149'], bytes, 'text')).toBe('The 1st line includes 길동.\r\n길동 too.');
  });

  it('reads Chinese in UTF-8, GB18030 and GBK (J.1, J.3, J.4)', () => {
    const name = 'Wang^XiaoDong=王^小东';
    expect(decodeExactly(['ISO_IR 192'], new TextEncoder().encode(name))).toBe(name);
    expect(decodeExactly(['GB18030'], 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab')).toBe(name);
    expect(decodeExactly(['GBK'], 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab')).toBe(name);
  });

  it('reads Chinese with GB 2312 by code extension (K.2, K.3)', () => {
    const bytes = 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=';
    expect(decodeExactly(['', 'ISO 2022 IR 58'], bytes)).toBe('Zhang^XiaoDong=张^小东=');
    const lines = '1. \x1b$)A\xb5\xda\xd2\xbb\xd0\xd0\xce\xc4\xd7\xd6\xa1\xa3\r\n';
    expect(decodeExactly(['', 'ISO 2022 IR 58'], lines, 'text')).toBe('1. 第一行文字。\r\n');
  });
});

it('reads the Private Use Area of UTF-8 as it stands', () => {
  expect(decodeExactly(['ISO_IR 192'], new TextEncoder().encode('a\uf8ff^\ue000'))).toBe('a\uf8ff^\ue000');
});

describe('single-byte character sets', () => {
  it.each([
    ['ISO_IR 100', 'Buc^J\xe9r\xf4me', 'Buc^Jérôme'],
    ['ISO_IR 101', 'Wa\xb3\xeasa^\xa3ucja', 'Wałęsa^Łucja'],
    ['ISO_IR 109', '\xa1al^\xd5or\xf8', 'Ħal^Ġorĝ'],
    ['ISO_IR 110', 'K\xe0rli\xf2\xb9', 'Kārliōš'],
    ['ISO_IR 126', '\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2', 'Διονυσιος'],
    ['ISO_IR 127', '\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1', 'قباني^لنزار'],
    ['ISO_IR 138', '\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4', 'שרון^דבורה'],
    ['ISO_IR 144', '\xbb\xee\xdace\xdc\xd1yp\xd3', 'Люкceмбypг'],
    ['ISO_IR 148', '\xc7avu\xfeo\xf0lu^\xdd', 'Çavuşoğlu^İ'],
    ['ISO_IR 166', '\xb9\xd2\xc1\xca\xa1\xd8\xc5^\xaa\xd7\xe8\xcd', 'นามสกุล^ชื่อ'],
    ['ISO_IR 203', '\xa4 \xbd\xbe', '€ œŸ'],
    ['ISO_IR 13', '\xd4\xcf\xc0\xde^\xc0\xdb\xb3', 'ﾔﾏﾀﾞ^ﾀﾛｳ'],
  ])('reads %s, also where code extensions are declared', (term, bytes, text) => {
    expect(decodeExactly([term], bytes)).toBe(text);
    expect(decodeExactly([term.replace('ISO_IR', 'ISO 2022 IR'), 'ISO 2022 IR 87'], bytes)).toBe(text);
  });

  it('switches between them by escape sequences and back at delimiters', () => {
    const bytes = 'Dionysios=\x1b-F\xc4\xe9^J\xe9r\xf4me\\\x1b-L\xbb\\\xe9';
    expect(decodeExactly(['ISO 2022 IR 100', 'ISO 2022 IR 126', 'ISO 2022 IR 144'], bytes)).toBe(
      'Dionysios=Δι^Jérôme\\Л\\é',
    );
  });

  it('reads the yen sign and the overline of JIS X 0201, but keeps the delimiter where there is one', () => {
    expect(decode(['ISO_IR 13'], '1\\2~', 'text')).toBe('1¥2‾');
    expect(decode(['ISO_IR 13'], 'A\\B', 'multi-value')).toBe('A\\B');
    expect(decode(['ISO_IR 100'], '1\\2~', 'text')).toBe('1\\2~');
  });
});

describe('delimiters', () => {
  it('are not seen within a double-byte character', () => {
    // In JIS X 0208 the pair 0x3D 0x5C holds both "=" and "\"; in GBK and GB18030 0x5C may be a second byte.
    expect(decodeExactly(['', 'ISO 2022 IR 87'], '\x1b$B=\\\x1b(B^A')).toBe('旬^A');
    expect(decodeExactly(['GBK'], 'A\\\x95\x5c', 'multi-value')).toBe('A\\昞');
    expect(decodeExactly(['GB18030'], '\x95\x5c^B')).toBe('昞^B');
  });

  it('do not reset text in which a backslash is a character', () => {
    expect(decodeExactly(['', 'ISO 2022 IR 149'], '\x1b$)C\xb1\xe6\\^=\xb5\xbf', 'text')).toBe('길\\^=동');
  });

  it.each(['\r', '\n', '\f', '\t'])('include the control character %j in every kind of text', (control) => {
    expect(decode(['', 'ISO 2022 IR 87'], `\x1b$B;3${control}Yamada`, 'text')).toBe(`山${control}Yamada`);
  });
});

describe('spellings of the Defined Terms', () => {
  it.each([
    'ISO_IR 100',
    'ISO_IR_100',
    'ISO-IR 100',
    'ISO IR 100',
    'iso_ir 100',
    ' ISO_IR 100 ',
    'ISO_IR 100\0',
    'ISOIR100',
    'ISO 2022 IR 100',
    'ISO2022IR100',
    'ISO-8859-1',
    'iso8859_1',
  ])('%j is Latin-1', (term) => {
    expect(decodeExactly([term], 'J\xe9r\xf4me')).toBe('Jérôme');
  });

  it.each(['ISO_IR 192', 'UTF-8', 'utf8', 'ISO 2022 IR 192'])('%j is UTF-8', (term) => {
    expect(decodeExactly([term], new TextEncoder().encode('小'))).toBe('小');
  });

  it('a term that nobody defined is told and the bytes are read by a guess', () => {
    const set = characterSetOf(['ISO_IR 4711']);
    expect(set.unknownTerms).toEqual(['ISO_IR 4711']);
    expect(set.decode(latin1Bytes('ASCII'), 'text')).toBe('ASCII');
    expect(set.problems()).toBe(0);
    expect(set.decode(new TextEncoder().encode('Müller'), 'text')).toBe('Müller');
    expect(set.decode(latin1Bytes('M\xfcller'), 'text')).toBe('Müller');
    expect(set.problems()).toBe(2);
  });

  it('ISO 2022 IR 6 alone and no term at all are ASCII', () => {
    for (const terms of [[], [''], ['ISO 2022 IR 6'], ['ISO_IR 6']]) expect(decodeExactly(terms, 'A^B')).toBe('A^B');
  });
});

describe('bytes that contradict what is declared', () => {
  function withProblems(terms: readonly string[], bytes: string, kind: TextKind = 'person-name') {
    const set = characterSetOf(terms);
    return { text: set.decode(latin1Bytes(bytes), kind), problems: set.problems() };
  }

  it('are read as UTF-8 or else Latin-1 where only ASCII is declared', () => {
    expect(withProblems([], 'M\xc3\xbcller')).toEqual({ text: 'Müller', problems: 1 });
    expect(withProblems([], 'M\xfcller')).toEqual({ text: 'Müller', problems: 1 });
  });

  it('are read as Latin-1 where UTF-8 is declared and no byte of it is', () => {
    expect(withProblems(['ISO_IR 192'], 'M\xfcller^J\xf6rg')).toEqual({ text: 'Müller^Jörg', problems: 2 });
  });

  it('become U+FFFD where UTF-8 is cut short', () => {
    expect(withProblems(['ISO_IR 192'], 'M\xc3\xbcller^J\xc3')).toEqual({ text: 'Müller^J\uFFFD', problems: 1 });
  });

  it('are read by their escape sequences even if those are not declared', () => {
    expect(withProblems(['ISO_IR 100'], 'Yamada=\x1b$B;3ED\x1b(B')).toEqual({ text: 'Yamada=山田', problems: 1 });
  });

  it('are what is declared around an ESC that begins no escape sequence, and UTF-8 around any', () => {
    expect(withProblems(['ISO_IR 192'], 'M\xc3\xbcller\x1bx')).toEqual({ text: 'Müller\x1bx', problems: 1 });
    expect(withProblems(['ISO_IR 192'], 'M\xc3\xbcller\x1b(B')).toEqual({ text: 'Müller\x1b(B', problems: 1 });
    expect(withProblems(['GB18030'], '\xd5\xc5\x1b')).toEqual({ text: '张\x1b', problems: 1 });
    expect(withProblems(['GBK'], '\x1b$)A\xd5\xc5')).toEqual({ text: '张', problems: 1 });
    expect(withProblems(['ISO_IR 192'], 'Hong=\x1b$)C\xfb\xf3')).toEqual({ text: 'Hong=洪', problems: 1 });
    expect(withProblems(['ISO_IR 192'], '\x1b$B;3ED\x1b(B')).toEqual({ text: '山田', problems: 1 });
  });

  it('are read with the declared set where an escape sequence is missing', () => {
    expect(withProblems(['', 'ISO 2022 IR 149'], 'Hong=\x1b$)C\xfb\xf3^\xd1\xce')).toEqual({
      text: 'Hong=洪^吉',
      problems: 1,
    });
  });

  it('are read as Shift JIS where JIS X 0201 is declared', () => {
    expect(withProblems(['ISO_IR 13'], '\x8e\x52\x93\x63^\x91\xbe\x98\x59')).toEqual({
      text: '山田^太郎',
      problems: 1,
    });
  });

  it('become U+FFFD where an escape sequence is none, and where half a character is missing', () => {
    expect(withProblems(['', 'ISO 2022 IR 87'], 'A\x1b%GB')).toEqual({ text: 'A\uFFFD%GB', problems: 1 });
    expect(withProblems(['', 'ISO 2022 IR 87'], '\x1b$B;3E')).toEqual({ text: '山\uFFFD', problems: 1 });
    expect(withProblems(['', 'ISO 2022 IR 87'], 'A\x1b')).toEqual({ text: 'A\uFFFD', problems: 1 });
  });

  it('become U+FFFD where a set leaves a code undefined', () => {
    expect(withProblems(['ISO_IR 166'], '\xa1\xdb')).toEqual({ text: 'ก\uFFFD', problems: 1 });
  });
});

const anyTerms = fc.array(
  fc.oneof(
    fc.constantFrom('', 'ISO 2022 IR 6', 'ISO_IR 13', 'ISO 2022 IR 13', 'ISO_IR 100', 'ISO 2022 IR 144', 'ISO_IR 166'),
    fc.constantFrom('ISO 2022 IR 87', 'ISO 2022 IR 159', 'ISO 2022 IR 149', 'ISO 2022 IR 58'),
    fc.constantFrom('ISO_IR 192', 'GB18030', 'GBK'),
    fc.string({ maxLength: 20 }),
  ),
  { maxLength: 4 },
);
const anyKind = fc.constantFrom<TextKind[]>('person-name', 'multi-value', 'text');
const bytesWithEscapes = fc
  .array(
    fc.oneof(
      fc.constantFrom('\x1b$B', '\x1b(B', '\x1b(J', '\x1b$)C', '\x1b$)A', '\x1b-F', '\x1b$(D', '\x1b', '^', '=', '\\'),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    ),
  )
  .map((parts) => latin1Bytes(parts.join('')));

describe('any bytes under any terms', () => {
  it('decode to well-formed text without an error', () => {
    fc.assert(
      fc.property(anyTerms, bytesWithEscapes, anyKind, (terms, bytes, kind) => {
        const set = characterSetOf(terms);
        const text = set.decode(bytes, kind);
        expect(text).not.toMatch(/\p{Surrogate}/u);
        if (text.includes('\uFFFD')) expect(set.problems()).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('keep ASCII as it is, but for JIS X 0201', () => {
    const ascii = fc.array(fc.integer({ min: 0x20, max: 0x7e })).map((codes) => Uint8Array.from(codes));
    const terms = anyTerms.filter((all) => !all.some((term) => term.includes('13')));
    fc.assert(
      fc.property(terms, ascii, anyKind, (all, bytes, kind) => {
        expect(characterSetOf(all).decode(bytes, kind)).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  it('decode what UTF-8 encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), anyKind, (text, kind) => {
        fc.pre(!text.startsWith('\uFEFF') && !/[\uF880-\uF8FF\x1b]/.test(text));
        expect(decode(['ISO_IR 192'], new TextEncoder().encode(text), kind)).toBe(text);
      }),
    );
  });
});

describe.skipIf(!hasSharedFiles)('the shared character set files', () => {
  /** The value of an attribute with a 16-bit length in Explicit VR Little Endian. */
  function attributeBytes(file: string, group: number, element: number): Buffer {
    const bytes = readFileSync(join(sharedDicomDir, file));
    const tag = Buffer.alloc(4);
    tag.writeUInt16LE(group, 0);
    tag.writeUInt16LE(element, 2);
    const at = bytes.indexOf(tag, 132);
    return bytes.subarray(at + 8, at + 8 + bytes.readUInt16LE(at + 6));
  }

  it.each([
    ['synth/charset/gbk.dcm', 'Wang^XiaoDong=王^小东'],
    ['synth/charset/iso2022_149.dcm', 'Hong^Gildong=홍^길동'],
    ['synth/charset/iso2022_58.dcm', 'Zhang^XiaoDong=张^小东'],
    ['synth/charset/iso2022_87.dcm', 'Yamada^Tarou=山田^太郎'],
    ['synth/charset/latin2.dcm', 'Wałęsa^Łucja'],
    ['synth/charset/latin5.dcm', 'Çavuşoğlu^İ'],
    ['synth/charset/thai.dcm', 'นามสกุล^ชื่อ'],
    ['synth/charset/utf8.dcm', 'Ünïcødé^Émoji\u0301=山田^😀=やまだ'],
    ['real/pydicom+pydicom/charset_files/chrArab.dcm', 'قباني^لنزار'],
    ['real/pydicom+pydicom/charset_files/chrH31.dcm', 'Yamada^Tarou=山田^太郎=やまだ^たろう'],
    ['real/pydicom+pydicom/charset_files/chrI2.dcm', 'Hong^Gildong=洪^吉洞=홍^길동'],
    ['real/pydicom+pydicom/charset_files/chrX1.dcm', 'Wang^XiaoDong=王^小東='],
    ['real/pydicom+pydicom/charset_files/chrX2.dcm', 'Wang^XiaoDong=王^小东='],
  ])('%s has the patient %s', (file, name) => {
    const terms = attributeBytes(file, 0x0008, 0x0005).toString('latin1').split('\\');
    expect(decodeExactly(terms, attributeBytes(file, 0x0010, 0x0010)).trimEnd()).toBe(name);
  });
});
