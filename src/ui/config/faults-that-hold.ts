import { valueAt } from './json-pointer.ts';
import type { Faults } from './validate.ts';

/**
 * Of what the server found wrong with a document, what is still about the same thing in the one that was made of it: the value is
 * as it was sent, and no list on the way there has become longer or shorter, so that others stand in its places.
 */
export function faultsThatHold(
  found: readonly { readonly path: string; readonly message: string }[],
  sent: unknown,
  now: unknown,
): Faults {
  return new Map(
    found.filter(({ path }) => isUnchanged(path, sent, now)).map(({ path, message }) => [path, message] as const),
  );
}

function isUnchanged(path: string, sent: unknown, now: unknown): boolean {
  const steps = path.split('/');
  const above = steps.slice(0, -1).map((_, at) => steps.slice(0, at + 1).join('/'));
  const areListsAlike = above.every((pointer) => {
    const [then, since] = [valueAt(sent, pointer), valueAt(now, pointer)];
    return Array.isArray(then) === Array.isArray(since) && lengthOf(then) === lengthOf(since);
  });
  return areListsAlike && Object.is(valueAt(sent, path), valueAt(now, path));
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
