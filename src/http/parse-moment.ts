const isoMoment = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** A date or moment of a query string (RFC 3339); without an offset it is in UTC, a date is its begin. Undefined if it is none. */
export function parseMoment(value: string): Date | undefined {
  // A plus sign that was not encoded arrives as a blank.
  const text = value.trim().replace(' ', '+').toUpperCase();
  if (!isoMoment.test(text)) return undefined;
  const inUtc = /T/.test(text) && !/(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
  const found = new Date(inUtc);
  return Number.isNaN(found.getTime()) ? undefined : found;
}
