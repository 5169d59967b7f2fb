/**
 * The name that somebody meant who wrote another: the same but for case, or a few letters away.
 * @param names at most some thousands
 * @returns undefined if none is near
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const lower = written.toLowerCase();
  const most = Math.min(3, Math.floor(written.length / 2));
  let best: string | undefined;
  let distance = most + 1;
  for (const name of names) {
    const candidate = name.toLowerCase();
    if (candidate === lower) return name;
    if (Math.abs(candidate.length - lower.length) >= distance) continue;
    const found = editDistance(candidate, lower, distance);
    if (found < distance) [best, distance] = [name, found];
  }
  return best;
}

/** Letters to be put in, taken out or changed, and neighbours that have changed their places. */
function editDistance(a: string, b: string, enough: number): number {
  let beforeThat: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const [ofA, ofB] = [a[row - 1], b[column - 1]];
      const changed = before[column - 1]! + (ofA === ofB ? 0 : 1);
      const swapped = ofA === b[column - 2] && ofB === a[row - 2] ? beforeThat[column - 2]! + 1 : changed;
      now.push(Math.min(changed, swapped, before[column]! + 1, now[column - 1]! + 1));
    }
    if (Math.min(...now) >= enough) return enough;
    [beforeThat, before] = [before, now];
  }
  return before[b.length]!;
}
