import type { Schemas } from './api.ts';

const instances = ['status', 'images', 'series', 'studies', 'patients', 'deliveries'];
/** Rows say how their forwarding stands. */
const forwarded = ['images', 'series', 'studies', 'deliveries'];

/** What shows something else after an event, by the first parts of query keys. */
export const outdated = {
  'association-accepted': [],
  'association-rejected': ['status'],
  'association-ended': [],
  echo: [],
  instance: instances,
  deleted: instances,
  corrected: instances,
  graph: ['status', 'graphs', ...forwarded],
  task: ['graphs', 'tasks', 'deliveries'],
  configuration: ['configuration', 'versions'],
} as const satisfies Readonly<Record<Schemas['HouseEvent']['kind'], readonly string[]>>;

/** What that is of all that was read. */
export function isOutdatedBy(
  kind: keyof typeof outdated,
): (query: { readonly queryKey: readonly unknown[] }) => boolean {
  const kinds: ReadonlySet<unknown> = new Set(outdated[kind]);
  return ({ queryKey: [first] }) => kinds.has(first);
}
