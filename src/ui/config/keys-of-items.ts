import { useState } from 'react';

/** Items of a list that is edited, and a key for each that stays while the item is edited and others come and go. */
export interface KeyedItems {
  readonly items: readonly unknown[];
  readonly keys: readonly number[];
}

/** @param last as it was before */
export function keyed(items: readonly unknown[], last: KeyedItems | undefined): KeyedItems {
  let next = Math.max(0, ...(last?.keys ?? [])) + 1;
  const isAsLong = items.length === last?.items.length;
  const keys = items.map((item, at) => {
    // What is edited is another object at the same place; what is not is the same, wherever it has come to be.
    const known = last?.items.indexOf(item) ?? -1;
    const from = known >= 0 ? known : isAsLong ? at : -1;
    return last?.keys[from] ?? next++;
  });
  return new Set(keys).size === keys.length ? { items, keys } : { items, keys: items.map(() => next++) };
}

/** Keys for what is drawn of a list, so that what is about an item stays with it. */
export function useKeysOfItems(items: readonly unknown[]): readonly number[] {
  const [last, setLast] = useState(() => keyed(items, undefined));
  if (last.items === items || last.items.length + items.length === 0) return last.keys;
  const next = keyed(items, last);
  setLast(next);
  return next.keys;
}
