const defaultLimit = 50;

/** Which page of a list is asked for; both numbers are validated already. */
export function pageOf(query: URLSearchParams): { readonly limit: number; readonly offset: number } {
  return { limit: Number(query.get('limit') ?? defaultLimit), offset: Number(query.get('offset') ?? 0) };
}

/** A page of a list; `next` is the offset of the one behind it, where there is one. */
export function pageOfItems<T>(items: T[], total: number, offset: number) {
  const end = offset + items.length;
  return { items, total, ...(items.length > 0 && end < total && { next: String(end) }) };
}
