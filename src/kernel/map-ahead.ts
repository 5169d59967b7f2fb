/**
 * Maps a sequence in order, with work on the next few items under way while one is looked at.
 * @param ahead items whose work is begun or done and not yet taken, at least 1
 */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  ahead: number,
): AsyncGenerator<R, void, void> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A failure is reported when its turn comes; until then, and if it never does, it must not count as unhandled.
    result.catch(() => {});
    begun.push(result);
    if (begun.length >= ahead) yield await begun.shift()!;
  }
  for (const result of begun) yield await result;
}
