import { describe, expect, it } from 'vitest';
import { foldName, nameMatches } from '../../../src/dicom/match-name.ts';
import { parsePersonName } from '../../../src/dicom/person-name.ts';

const matching = (name: string, key: string) => nameMatches(parsePersonName(name), key);

describe('folding a name', () => {
  it.each([
    ['MÜLLER', 'muller'],
    ['Mu\u0308ller', 'muller'],
    ['Strauß', 'strauss'],
    ['Łęcki', 'lecki'],
    ['İstanbul ı', 'istanbul i'],
    ['ΠΑΠΑΔΌΠΟΥΛΟΣ', 'παπαδοπουλοσ'],
    ['Παπαδόπουλος', 'παπαδοπουλοσ'],
    ['Йозеф Ёлкин', 'иозеф елкин'],
    ['Ｄｏｅ', 'doe'],
    ['ﾊﾞｰﾊﾞ', 'バーバ'],
    ['ハ\u3099', 'バ'],
    ['กำ', 'กํา'],
    ['한국', '한국'],
  ])('%s is %s', (text, folded) => {
    expect(foldName(text)).toBe(folded.normalize('NFC'));
  });

  it.each([
    ['バ', 'ハ'],
    ['กา', 'กี'],
    ['कि', 'की'],
  ])('keeps %s and %s apart', (one, other) => {
    expect(foldName(one)).not.toBe(foldName(other));
  });
});

describe('a name', () => {
  it.each([
    ['Doe^John', 'doe^john'],
    ['Doe^John', 'DÖE^JOHN'],
    ['Doe^John', 'Doe^John^^^'],
    ['Doe^John', 'Doe*'],
    ['Doe^John', '*oh*'],
    ['Doe^John', 'D?e^*'],
    ['Doe', 'Doe^*'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', '山田*'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', '=山田*'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', 'Yamada*==やまだ*'],
    ['=山田^太郎', '*=山田^太郎'],
  ])('%s matches %s', (name, key) => {
    expect(matching(name, key)).toBe(true);
  });

  it.each([
    ['Doe^John', 'Doe'],
    ['Doe^John', 'John*'],
    ['Doe', 'Doe^John'],
    ['Doe^John', 'Doe^J'],
    ['Yamada^Tarou=山田^太郎', 'Yamada^Tarou=田中'],
    ['Yamada^Tarou=山田^太郎', '=Yamada*'],
    ['', '*'],
    ['', '=*'],
  ])('%s does not match %s', (name, key) => {
    expect(matching(name, key)).toBe(false);
  });
});
