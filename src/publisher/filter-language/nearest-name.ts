/**
 * The name that somebody meant who wrote another: the same but for case, or a few letters away.
 * @param names at most some thousands
 * @returns undefined if none is near
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const lower = written.toLowerCase();
  const most = Math.min(3, Math.floor(written.length / 3));
  let best: string | undefined;
  let distance = most + 1;
  for (const name of names) {
    const candidate = name.toLowerCase();
    if (candidate === lower) return name;
    if (Math.abs(candidate.length - lower.length) >= distance) continue;
    const found = editDistance(candidate, lower);
    if (found < distance) [best, distance] = [name, found];
  }
  return best;
}

/** Letters to be put in, taken out or changed. */
function editDistance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = before[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(changed, before[column]! + 1, now[column - 1]! + 1));
    }
    before = now;
  }
  return before[b.length]!;
}
