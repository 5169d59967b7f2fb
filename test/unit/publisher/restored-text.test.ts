import { expect, it } from 'vitest';
import { restoredText, type TextOriginals } from '../../../src/publisher/restored-text.ts';

const originals: TextOriginals = {
  uids: new Map([['2.25.17', '1.2.840.1']]),
  patient: { name: 'Pseudonym^ABC0123456789X', id: 'ABC0123456789X' },
  original: { name: 'O"Hara^Mary', id: 'P-1' },
  days: new Map([['20190203', '20240506']]),
};

it.each([
  ['a UID of ours, and no other', 'study 2.25.17, 2.25.178', 'study 1.2.840.1, 2.25.178'],
  ['the name with its carets', 'Name: Pseudonym^ABC0123456789X.', 'Name: O"Hara^Mary.'],
  ['the name as people write it', 'Pseudonym ABC0123456789X, born', 'O"Hara Mary, born'],
  ['the id', 'id=ABC0123456789X', 'id=P-1'],
  ['a day of the study', 'on 20190203 (2019-02-03T10:00:00Z).', 'on 20240506 (2024-05-06T10:00:00Z).'],
  ['no other day', '20190204, 2019-02-04, 2019-0203', '20190204, 2019-02-04, 2019-0203'],
  ['nothing that only looks like a day', '120190203, 201902031, 0.20190203, 20190203.5', undefined],
])('a text that came back has the original of %s', (_what, text, expected) => {
  expect(restoredText(text, originals, (value) => value)).toBe(expected ?? text);
});
