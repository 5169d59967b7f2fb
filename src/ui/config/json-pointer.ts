type Json = unknown;

/** What stands at a JSON Pointer (RFC 6901); undefined if nothing does. */
export function valueAt(document: Json, pointer: string): Json {
  let value = document;
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, Json>)[key];
  }
  return value;
}

/**
 * What stood at a JSON Pointer of a document before it was changed: elements of lists are what their names say, wherever they stand
 * now. @param pointer into the document as it is now
 */
export function valueOfNamesake(before: Json, now: Json, pointer: string): Json {
  let [then, current] = [before, now];
  for (const key of keysOf(pointer)) {
    if (typeof then !== 'object' || then === null) return undefined;
    const next = valueAt(current, `/${key}`);
    const name = valueAt(next, '/name');
    const there = (then as Record<string, Json>)[key];
    const isNamed = Array.isArray(then) && (name !== undefined || valueAt(there, '/name') !== undefined);
    then = isNamed ? (then as Json[]).find((item) => valueAt(item, '/name') === name) : there;
    current = next;
  }
  return then;
}

/** The document with another value at the pointer; objects on the way there are made, and undefined removes. */
export function withValue<Document>(document: Document, pointer: string, value: Json): Document {
  return changed(document, keysOf(pointer), value) as Document;
}

function changed(node: Json, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  if (Array.isArray(node) || (node === undefined && /^\d+$/.test(key))) {
    const list: readonly Json[] = node ?? [];
    const at = Number(key);
    if (rest.length === 0 && value === undefined) return list.filter((_, index) => index !== at);
    return [...list.slice(0, at), changed(list[at], rest, value), ...list.slice(at + 1)];
  }
  const { [key]: old, ...others } = (node ?? {}) as Record<string, Json>;
  const next = changed(old, rest, value);
  return next === undefined ? others : { ...(node as object), [key]: next };
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Pointers to what is not the same in both, leaves only. */
export function differences(one: Json, other: Json, pointer = ''): string[] {
  if (Object.is(one, other)) return [];
  const areObjects = [one, other].every((value) => typeof value === 'object' && value !== null);
  if (!areObjects) return [pointer];
  const [a, b] = [one as Record<string, Json>, other as Record<string, Json>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
