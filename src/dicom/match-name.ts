import type { DicomJsonElement, PersonNameValue } from './json-model.ts';
import { trimmed } from './match-values.ts';
import { matchesWildcard } from './match-wildcard.ts';

/** Letters that Unicode does not decompose into a base letter and a mark, but people do. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ħ: 'h',
  ŧ: 't',
  // At the end of words, the other form of σ.
  ς: 'σ',
};

/**
 * Removes from text what person-name matching is blind to: case, accents, width (PS3.4 §C.2.2.2.1 leaves the choice
 * to us). The delimiters `^`, `=`, `\` and the wildcards are neither made nor removed.
 */
export function foldName(text: string): string {
  const lower = text.toUpperCase().toLowerCase().replace(/\s/g, ' ');
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  return lower
    .replace(/[^\x00-\x7f]+/g, (run) =>
      run
        .normalize('NFKD')
        // Accents only: vowels of Thai and the voicing of kana are marks, too.
        .replace(/[\u0300-\u036f]/g, '')
        .replace(/[øłđðþæœıħŧς]/g, (letter) => plainLetters[letter] ?? letter)
        .replace(/[\\^=*?\s]/g, ' ')
        .toLowerCase(),
    )
    .normalize('NFC');
}

/** One component group, folded: blanks around its components and empty components at its end carry no meaning. */
export function foldNameGroup(group: string): string {
  return foldName(trimmed(group))
    .replace(/[=\\]/g, ' ')
    .split('^')
    .map((component) => component.trim())
    .join('^')
    .replace(/\^+$/, '');
}

/** The three groups of a name, folded: alphabetic, ideographic, phonetic; an empty string where there is none. */
export function foldedGroups(name: PersonNameValue): [string, string, string] {
  return [
    foldNameGroup(name.Alphabetic ?? ''),
    foldNameGroup(name.Ideographic ?? ''),
    foldNameGroup(name.Phonetic ?? ''),
  ];
}

/** The names of an element; text where a name should be counts as its alphabetic group. */
export function namesOf(element: DicomJsonElement | undefined): PersonNameValue[] {
  return (element?.Value ?? []).flatMap((value) => {
    if (typeof value === 'string') return [{ Alphabetic: value }];
    return value !== null && typeof value === 'object' ? [value as PersonNameValue] : [];
  });
}

/**
 * What a `name` column holds: folded groups joined by `=`, empty ones at the end left out, several names joined by `\`.
 * @returns undefined where there is no name at all
 */
export function nameSearchText(element: DicomJsonElement | undefined): string | undefined {
  const names = namesOf(element)
    .map((name) => foldedGroups(name).join('=').replace(/=+$/, ''))
    .filter((name) => name !== '');
  return names.length > 0 ? names.join('\\') : undefined;
}

/**
 * What a group of a name is compared with, folded: `*` and `?` are wildcards, all else is literal. Several because
 * `Doe^*` also means a `Doe` without given name: empty components at the end of a name are not kept.
 */
export function nameGroupPatterns(group: string): string[] {
  const folded = foldNameGroup(group);
  const withoutTail = folded.replace(/(\^\*+)+$/, '');
  return withoutTail === folded ? [folded] : [folded, withoutTail];
}

/**
 * The patterns of a name key, one entry a component group. A key without `=` has one entry and is compared with each
 * group of a name; otherwise the groups are compared in their places, and an empty entry says nothing about its group.
 */
export function namePatterns(key: string): string[][] {
  return key
    .split('=')
    .slice(0, 3)
    .map((group) => nameGroupPatterns(group));
}

/**
 * Whether a person name matches a key, literally but for case, accents, width and blanks around components
 * (PS3.4 §C.2.2.2.1, §C.2.2.2.4). A key has to match a whole group: `Doe` is not `Doe^John`, `Doe*` is.
 */
export function nameMatches(name: PersonNameValue, key: string): boolean {
  const groups = foldedGroups(name);
  if (groups.every((group) => group === '')) return false;
  const patterns = namePatterns(key);
  const matchesAny = (group: string, alternatives: readonly string[]) =>
    alternatives.some((pattern) => matchesWildcard(group, pattern));
  if (patterns.length === 1) return groups.some((group) => group !== '' && matchesAny(group, patterns[0] ?? []));
  return patterns.every(
    (alternatives, place) => alternatives[0] === '' || matchesAny(groups[place] ?? '', alternatives),
  );
}
