import type { BulkContent, SentBulk } from '../../dicom/sent-bulk.ts';

/** One part of bulk data. */
export interface BulkPart {
  /** In the body, from 1. */
  readonly number: number;
  readonly mediaType: string;
  readonly transferSyntaxUid: string | undefined;
  /** Content-Location as sent. */
  readonly location: string | undefined;
  readonly content: BulkContent;
}

/** The bulk data of one request, by where it says that it is. */
export interface BulkParts {
  add(part: BulkPart): void;
  /** Notes every BulkDataURI of a data set, be it valid or not. */
  markReferred(json: unknown): void;
  of(uri: string): SentBulk | undefined;
  /** Parts that no data set refers to. */
  unused(): Iterable<{ readonly number: number; readonly reason: string }>;
}

/** Several parts of one location are frames, in the order sent. */
export function createBulkParts(): BulkParts {
  const byLocation = new Map<string, BulkPart[]>();
  const nowhere: BulkPart[] = [];
  const referred = new Set<string>();
  return {
    add(part) {
      if (part.location === undefined) {
        nowhere.push(part);
        return;
      }
      const location = resolved(part.location);
      const before = byLocation.get(location);
      if (before === undefined) byLocation.set(location, [part]);
      else before.push(part);
    },
    markReferred(json) {
      for (const uri of bulkDataUris(json)) referred.add(resolved(uri));
    },
    of(uri) {
      const parts = byLocation.get(resolved(uri));
      const [first] = parts ?? [];
      if (parts === undefined || first === undefined) return undefined;
      return {
        mediaType: first.mediaType,
        transferSyntaxUid: first.transferSyntaxUid,
        contents: parts.map(({ content }) => content),
      };
    },
    *unused() {
      for (const { number } of nowhere) yield { number, reason: 'is bulk data without a Content-Location' };
      for (const [location, parts] of byLocation) {
        if (referred.has(location)) continue;
        for (const { number } of parts) yield { number, reason: 'is bulk data that no data set refers to' };
      }
    },
  };
}

/** Both names may be relative to the request, and need not be written alike (RFC 3986 §6.2). */
function resolved(uri: string): string {
  const base = 'http://relative.invalid/';
  return URL.canParse(uri, base) ? new URL(uri, base).href : uri;
}

function* bulkDataUris(json: unknown): Generator<string> {
  const open: unknown[] = [json];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'BulkDataURI' && typeof inner === 'string') yield inner;
      else if (typeof inner === 'object') open.push(inner);
    }
  }
}
