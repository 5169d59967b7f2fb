import type { PersonNameValue } from './json-model.ts';
import { foldNameGroup } from './match-name.ts';

/** The five components of one group, in the order of PS3.5 §6.2.1. */
export interface NameComponents {
  readonly familyName: string;
  readonly givenName: string;
  readonly middleName: string;
  readonly namePrefix: string;
  readonly nameSuffix: string;
}

/**
 * Splits one decoded PN value into its component groups; blanks at their end are padding.
 * A fourth group, which the Standard does not know, stays with the third, so that nothing is lost.
 * @see PS3.5 §6.2.1, PS3.18 §F.2.2
 */
export function parsePersonName(text: string): PersonNameValue {
  const [alphabetic = '', ideographic = '', ...rest] = text.split('=').map((group) => group.replace(/[ \0]+$/, ''));
  const phonetic = rest.join('=').replace(/=+$/, '');
  const name: PersonNameValue = {};
  if (alphabetic !== '') name.Alphabetic = alphabetic;
  if (ideographic !== '') name.Ideographic = ideographic;
  if (phonetic !== '') name.Phonetic = phonetic;
  return name;
}

/** The PN value of a name, without delimiters of empty groups at its end. */
export function formatPersonName(name: PersonNameValue): string {
  return [name.Alphabetic ?? '', name.Ideographic ?? '', name.Phonetic ?? ''].join('=').replace(/=+$/, '');
}

/** The components of one group. What follows a fifth `^` stays with the suffix. */
export function nameComponents(group: string): NameComponents {
  const [familyName = '', givenName = '', middleName = '', namePrefix = '', ...rest] = group.split('^');
  return { familyName, givenName, middleName, namePrefix, nameSuffix: rest.join('^').replace(/\^+$/, '') };
}

/** A name as people say it, prefix and given names first; the groups in the order of PS3.5 §6.2.1. */
export function readableName({ Alphabetic, Ideographic, Phonetic }: PersonNameValue): string {
  return [Alphabetic, Ideographic, Phonetic]
    .filter((group): group is string => typeof group === 'string' && group !== '')
    .map((group) => {
      const { familyName, givenName, middleName, namePrefix, nameSuffix } = nameComponents(group);
      const name = [namePrefix, givenName, middleName, familyName].filter(Boolean).join(' ');
      return [name, nameSuffix].filter(Boolean).join(', ');
    })
    .join(' = ');
}

/**
 * A PN value, or a pattern for one, in the form in which names are compared: without case, accents and width, without
 * blanks around components, without empty components and groups at the end.
 */
export function searchForm(name: string): string {
  return name.split('=').map(foldNameGroup).join('=').replace(/=+$/, '');
}

/** The words of a name in their search form: what `fuzzymatching` compares the beginnings of (PS3.18 §8.3.4.2). */
export function nameWords(name: string): string[] {
  return wordsOf(searchForm(name));
}

/** The words of a name without case and width, but with their accents: who compares letter by letter needs them. */
export function accentedWords(name: string): string[] {
  return wordsOf(name.normalize('NFKC').toLowerCase());
}

function wordsOf(text: string): string[] {
  return text.split(/[\s^=,.-]+/).filter((word) => word !== '');
}
