import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterSetOf, type TextKind } from '../../../src/dicom/character-set.ts';
import { characterSetEncoder } from '../../../src/dicom/character-set-encoder.ts';
import { alphabetOf, characterSets } from '../../support/character-set-samples.ts';

const encoded = (terms: readonly string[], text: string, kind: TextKind = 'person-name'): string | undefined =>
  characterSetEncoder(terms)?.encode(text, kind)?.toString('latin1');

describe('the examples of PS3.5 Annexes H to K are written as they stand there', () => {
  it.each([
    [
      ['', 'ISO 2022 IR 87'],
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
      'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
    ],
    [
      ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
      'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
      '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J',
    ],
    [
      ['', 'ISO 2022 IR 149'],
      'Hong^Gildong=洪^吉洞=홍^길동',
      'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf',
    ],
    [['GB18030'], 'Wang^XiaoDong=王^小东', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab'],
    [['GBK'], 'Wang^XiaoDong=王^小东', 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab'],
    [['', 'ISO 2022 IR 58'], 'Zhang^XiaoDong=张^小东=', 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab='],
  ])('%j', (terms, text, bytes) => {
    expect(encoded(terms, text)).toBe(bytes);
  });
});

it.each(characterSets)('%j reads every text that it can write as it was, of any kind', (...terms) => {
  const encoder = characterSetEncoder(terms)!;
  expect(encoder.definedTerms).toEqual(terms);
  const alphabet = alphabetOf(encoder);
  expect(alphabet.length).toBeGreaterThan(40);
  const marks = ['^', '=', '\\', ' ', '\r\n', '\t', 'A', 'z', '0'];
  const character = fc.oneof(fc.constantFrom(...alphabet), fc.constantFrom(...marks));
  const text = fc.array(character, { maxLength: 40 }).map((characters) => characters.join(''));
  const kinds = fc.constantFrom<TextKind>('person-name', 'multi-value', 'text');
  fc.assert(
    fc.property(text, kinds, (written, kind) => {
      const bytes = encoder.encode(written, kind);
      // In katakana's code table there is no backslash but the one that delimits.
      if (kind === 'text' && terms[0]?.endsWith('13') && written.includes('\\')) return bytes === undefined;
      const reader = characterSetOf(terms);
      return bytes !== undefined && reader.decode(bytes, kind) === written && reader.problems() === 0;
    }),
    { numRuns: 200 },
  );
  const any = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(any, kinds, (written, kind) => {
      const bytes = encoder.encode(written, kind);
      return bytes === undefined || characterSetOf(terms).decode(bytes, kind) === written;
    }),
    { numRuns: 100 },
  );
});

describe('code extensions', () => {
  const mixed = ['', 'ISO 2022 IR 87', 'ISO 2022 IR 144', 'ISO 2022 IR 149'];

  it('end in front of every delimiter, control character and the end of the value', () => {
    const alphabet = alphabetOf(characterSetEncoder(mixed)!);
    const text = fc.array(fc.constantFrom(...alphabet, '^', '=', '\\', '\n'), { maxLength: 30 });
    fc.assert(
      fc.property(text, (characters) => {
        const bytes = encoded(mixed, characters.join(''))!;
        // Runs of two bytes a character, each with its beginning and end; no delimiter is within one.
        const lower = bytes.replace(/\x1b(?:-L|\$\)C)|[\x80-\xff]/g, '');
        return !/\x1b[$(]B/.test(lower.replace(/\x1b\$B(?:[\x21-\x7e]{2})+\x1b\(B/g, ''));
      }),
    );
  });

  it('put the first set that has a character into place, and stay with it', () => {
    // JIS X 0208 has Cyrillic letters, too.
    expect(encoded(mixed, '山田Иван', 'multi-value')).toBe("\x1b$B;3ED'*'S'Q'_\x1b(B");
    expect(encoded(['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'Jörg Иван', 'multi-value')).toBe(
      'J\xf6rg \x1b-L\xb8\xd2\xd0\xdd\x1b-A',
    );
  });

  it('are no part of a single value', () => {
    expect(encoded(['ISO_IR 100'], 'Müller')).toBe('M\xfcller');
    expect(encoded(['ISO_IR 100'], '山田')).toBeUndefined();
    expect(encoded(['ISO 2022 IR 100'], '山田')).toBeUndefined();
  });
});

describe('what is not written', () => {
  it.each<[string, readonly string[], string]>([
    ['characters that NEC and IBM added to JIS X 0208', ['', 'ISO 2022 IR 87'], '①髙'],
    ['the euro, in ISO 8859-7 before 2003', ['ISO_IR 126'], '€'],
    ['the euro, in ISO 8859-1', ['ISO_IR 100'], '€'],
    ['characters of GBK that GB 2312 has not', ['', 'ISO 2022 IR 58'], 'ⅰ'],
    ['the Private Use Area', ['GB18030'], '\ue5e5'],
    ['characters that editions of GB 18030 have in different places', ['GB18030'], 'ḿ'],
    ['characters behind the Basic Multilingual Plane, in GBK', ['GBK'], '𠮷'],
    ['a yen sign that would be a delimiter', ['ISO_IR 13'], '¥'],
    ['an escape character', ['ISO_IR 100'], 'a\x1b(Bü'],
    ['what was replaced before', ['ISO_IR 100'], 'M\ufffdller'],
  ])('%s', (_what, terms, text) => {
    expect(encoded(terms, text, 'multi-value')).toBeUndefined();
  });

  it('anything in a character set that nobody knows', () => {
    expect(characterSetEncoder(['ISO_IR 999'])).toBeUndefined();
    expect(characterSetEncoder(['', 'KLINGON'])).toBeUndefined();
  });
});

it.each([
  [['iso8859-1'], ['ISO_IR 100']],
  [['ISO_IR 100 '], ['ISO_IR 100']],
  [['ISO 2022 IR 100'], ['ISO 2022 IR 100']],
  [
    ['ISO_IR 100', 'ISO_IR 144'],
    ['ISO 2022 IR 100', 'ISO 2022 IR 144'],
  ],
  [['ISO 2022 IR 87'], ['', 'ISO 2022 IR 87']],
  [
    ['ISO 2022 IR 149', 'ISO 2022 IR 6'],
    ['', 'ISO 2022 IR 149'],
  ],
  [
    ['ISO 2022 IR 6', 'ISO 2022 IR 87'],
    ['', 'ISO 2022 IR 87'],
  ],
  [['ISO_IR 100', 'ISO_IR 192'], ['ISO_IR 192']],
  [['ISO_IR 6'], []],
  [[''], []],
  [[], []],
])('%j is spelt %j', (terms, spelt) => {
  expect(characterSetEncoder(terms)?.definedTerms).toEqual(spelt);
});
