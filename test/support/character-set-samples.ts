import type { CharacterSetEncoder } from '../../src/dicom/character-set-encoder.ts';

const single = ['13', '100', '101', '109', '110', '126', '127', '138', '144', '148', '166', '203'];

/** Values of Specific Character Set as PS3.3 §C.12.1.1.2 has them: each set alone, and those by code extension with others. */
export const characterSets: readonly (readonly [string, ...string[]])[] = [
  ...single.map((registration) => [`ISO_IR ${registration}`] as const),
  ...single.map((registration) => [`ISO 2022 IR ${registration}`] as const),
  ...['100', '101', '126', '127', '138', '148', '203'].map(
    (registration) => [`ISO 2022 IR ${registration}`, 'ISO 2022 IR 144', 'ISO 2022 IR 166'] as const,
  ),
  ['', 'ISO 2022 IR 87'],
  ['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'],
  ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
  ['ISO 2022 IR 13', 'ISO 2022 IR 87', 'ISO 2022 IR 159'],
  ['ISO 2022 IR 100', 'ISO 2022 IR 87', 'ISO 2022 IR 13'],
  ['', 'ISO 2022 IR 149'],
  ['', 'ISO 2022 IR 58'],
  ['ISO 2022 IR 100', 'ISO 2022 IR 149', 'ISO 2022 IR 58', 'ISO 2022 IR 87'],
  ['ISO_IR 192'],
  ['GB18030'],
  ['GBK'],
];

/** Characters behind ASCII that a character set has, of the Basic Multilingual Plane and a few of those behind it. */
export function alphabetOf({ encode }: CharacterSetEncoder): readonly string[] {
  const alphabet: string[] = [];
  for (let code = 0xa0; code <= 0xffff; code++) {
    // Surrogates are no characters, and U+FEFF in front of a text is a mark of its encoding.
    const isNone = (code >= 0xd800 && code <= 0xdfff) || code === 0xfeff;
    const character = String.fromCodePoint(code);
    if (!isNone && encode(character, 'multi-value') !== undefined) alphabet.push(character);
  }
  return [...alphabet, ...['𠮷', '😀', '𪚥'].filter((one) => encode(one, 'multi-value') !== undefined)];
}
