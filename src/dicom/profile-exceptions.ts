import { dictionaryEntry, tagOfKeyword } from './dictionary.ts';

/** Attributes that go or stay whatever the Basic Profile says, wherever they stand. */
export interface ProfileExceptions {
  readonly actions: ReadonlyMap<number, 'X' | 'K'>;
}

export const noExceptions: ProfileExceptions = { actions: new Map() };

/**
 * Reads lists of keywords, or of tags as eight hexadecimal digits; what names no attribute is passed over. A private attribute
 * that is kept brings the creator of its block, without which nobody knows what it is.
 */
export function profileExceptions(alsoRemove: readonly string[], keep: readonly string[]): ProfileExceptions {
  const actions = new Map<number, 'X' | 'K'>();
  const numbers = (attributes: readonly string[]) =>
    attributes.flatMap((attribute) => {
      const tag = tagOfAttribute(attribute);
      return tag === undefined ? [] : [Number.parseInt(tag, 16)];
    });
  for (const tag of numbers(keep)) {
    actions.set(tag, 'K');
    if (((tag >>> 16) & 1) === 1) actions.set((tag & 0xffff0000) + ((tag >>> 8) & 0xff), 'K');
  }
  for (const tag of numbers(alsoRemove)) actions.set(tag, 'X');
  return { actions };
}

/** Eight upper-case hexadecimal digits of a keyword or a tag. @returns undefined if the Standard has no such attribute */
export function tagOfAttribute(attribute: string): string | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(attribute)) return tagOfKeyword(attribute);
  const isPrivate = Number.parseInt(attribute.slice(0, 4), 16) % 2 === 1;
  return isPrivate || dictionaryEntry(attribute) !== undefined ? attribute.toUpperCase() : undefined;
}
