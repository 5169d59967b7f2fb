import type { Match } from '../dicom/query.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import type { PageKey } from './search-order.ts';

/**
 * Where pages ended, so that the next one, far behind, goes on there instead of passing over all before it: it is found
 * at once, and a study that has come meanwhile pushes nothing over from one page to the next.
 */
export interface PageBookmarks {
  /** The key of the match in front of `offset`. */
  find(match: Match, offset: number): PageKey | undefined;
  keep(match: Match, offset: number, key: PageKey): void;
}

export interface PageBookmarksOptions {
  /** Pages before this offset are counted out, whatever was asked before. */
  readonly fromOffset: number;
  /** How long a reader may take for a page. */
  readonly maxAgeMs: number;
}

const maxBytes = 4_194_304;
/** Of an entry beside its texts. */
const entryBytes = 200;

export function createPageBookmarks({ fromOffset, maxAgeMs }: PageBookmarksOptions): PageBookmarks {
  const bookmarks = createBoundedCache<{ readonly key: PageKey; readonly at: number }>(maxBytes);
  const nameOf = ({ level, conditions }: Match, offset: number) => JSON.stringify([offset, level, conditions]);
  return {
    find(match, offset) {
      if (offset < fromOffset) return undefined;
      const found = bookmarks.get(nameOf(match, offset));
      return found === undefined || performance.now() - found.at > maxAgeMs ? undefined : found.key;
    },
    keep(match, offset, key) {
      if (offset < fromOffset) return;
      const name = nameOf(match, offset);
      bookmarks.set(name, { key, at: performance.now() }, entryBytes + 2 * name.length);
    },
  };
}
