import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatPersonName,
  nameComponents,
  nameWords,
  parsePersonName,
  searchForm,
} from '../../../src/dicom/person-name.ts';

describe('a person name', () => {
  it('is split into the groups that are not empty', () => {
    expect(parsePersonName('Yamada^Tarou=山田^太郎=やまだ^たろう ')).toEqual({
      Alphabetic: 'Yamada^Tarou',
      Ideographic: '山田^太郎',
      Phonetic: 'やまだ^たろう',
    });
    expect(parsePersonName('=山田^太郎==')).toEqual({ Ideographic: '山田^太郎' });
    expect(parsePersonName('  ')).toEqual({});
  });

  it('keeps a group too many with the third', () => {
    expect(formatPersonName(parsePersonName('a=b=c=d'))).toBe('a=b=c=d');
  });

  it('has five components, and keeps one too many with the suffix', () => {
    expect(nameComponents('Adams^John Robert Quincy^^Rev.^B.A. M.Div.')).toEqual({
      familyName: 'Adams',
      givenName: 'John Robert Quincy',
      middleName: '',
      namePrefix: 'Rev.',
      nameSuffix: 'B.A. M.Div.',
    });
    expect(nameComponents('a^b^c^d^e^f').nameSuffix).toBe('e^f');
  });

  it('comes back from its groups as it was, but for delimiters and padding at the end', () => {
    const group = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[=\0]/g, '').trimEnd());
    fc.assert(
      fc.property(fc.array(group, { maxLength: 3 }), (groups) => {
        expect(formatPersonName(parsePersonName(groups.join('=')))).toBe(groups.join('=').replace(/=+$/, ''));
      }),
    );
  });
});

describe('the search form of a name', () => {
  it('is blind to case, accents, width and trailing delimiters', () => {
    expect(searchForm('Müller ^ Jörg^^^')).toBe(searchForm('MULLER^jorg'));
    expect(searchForm('Ｄｏｅ^Ｊｏｈｎ==')).toBe('doe^john');
    expect(searchForm('Łucja^Wałęsa')).toBe('lucja^walesa');
  });

  it('keeps components, groups and wildcards apart', () => {
    expect(searchForm('D?e^J*=山*')).toBe('d?e^j*=山*');
  });

  it('does not change when it is formed again', () => {
    const nameText = fc.string({ unit: fc.constantFrom(...'aZéÉüßøŁıçæ ^=*?-Ｄガж山한') });
    fc.assert(
      fc.property(nameText, (name) => {
        expect(searchForm(searchForm(name))).toBe(searchForm(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives words across components and groups', () => {
    expect(nameWords('van der Waals-Müller^Johannes=山田')).toEqual([
      'van',
      'der',
      'waals',
      'muller',
      'johannes',
      '山田',
    ]);
  });
});
