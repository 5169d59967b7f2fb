import { dictionaryEntry, tagOfKeyword } from './dictionary.ts';
import { type PrivateAttribute, parsePrivateAttribute } from './private-attribute.ts';

/** Attributes that go or stay whatever the Basic Profile says, wherever they stand. */
export interface ProfileExceptions {
  readonly actions: ReadonlyMap<number, 'X' | 'K'>;
  /** Private ones that stay, each with the creator of its block, without which nobody knows what it is. */
  readonly privates: readonly PrivateAttribute[];
}

export const noExceptions: ProfileExceptions = { actions: new Map(), privates: [] };

/**
 * Reads lists of keywords, of tags as eight hexadecimal digits, and of private attributes with their creators; what names no
 * attribute is passed over. So is a private attribute that is to be kept by its number alone: it would be that of whoever has
 * reserved the block.
 */
export function profileExceptions(alsoRemove: readonly string[], keep: readonly string[]): ProfileExceptions {
  const actions = new Map<number, 'X' | 'K'>();
  const numbers = (attributes: readonly string[]) =>
    attributes.flatMap((attribute) => {
      const tag = tagOfAttribute(attribute);
      return tag === undefined ? [] : [Number.parseInt(tag, 16)];
    });
  for (const tag of numbers(keep.filter((attribute) => !isPrivateNumber(attribute)))) actions.set(tag, 'K');
  for (const tag of numbers(alsoRemove)) actions.set(tag, 'X');
  return { actions, privates: keep.flatMap((attribute) => parsePrivateAttribute(attribute) ?? []) };
}

/** Eight upper-case hexadecimal digits of a keyword or a tag. @returns undefined if the Standard has no such attribute */
export function tagOfAttribute(attribute: string): string | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(attribute)) return tagOfKeyword(attribute);
  return isPrivateNumber(attribute) || dictionaryEntry(attribute) !== undefined ? attribute.toUpperCase() : undefined;
}

/** Whether it is the tag of a private attribute, which says nothing of whose it is. */
export function isPrivateNumber(attribute: string): boolean {
  return /^[0-9A-F]{3}[13579BDF][0-9A-F]{4}$/i.test(attribute);
}
