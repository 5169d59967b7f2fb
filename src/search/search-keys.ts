import type { Vr } from '../dicom/json-model.ts';
import { type AttributeLevel, indexedAttributes } from '../index/indexed-attributes.ts';

/** An attribute that a search can match. */
export interface SearchKey {
  /** Eight upper-case hexadecimal digits. */
  readonly tag: string;
  readonly keyword: string;
  readonly vr: Vr;
  /** What it describes. */
  readonly level: AttributeLevel;
  /** Of a sequence: what can be matched within its items. */
  readonly items?: { readonly tag: string; readonly keyword: string; readonly vr: Vr }[];
}

/** Every key that the index holds, but for those that an administrator has added. */
export const searchKeys: readonly SearchKey[] = indexedAttributes.map(({ tag, keyword, vr, level, items }) => ({
  tag,
  keyword,
  vr,
  level,
  ...(items !== undefined && { items: items.map((item) => ({ tag: item.tag, keyword: item.keyword, vr: item.vr })) }),
}));
