import type { Association } from './association.ts';

/** For how long an association lies idle before it may give way, in milliseconds. */
export interface YieldTimes {
  readonly yieldIdleMs: number;
  readonly yieldUnusedMs: number;
}

/**
 * Which idle association gives way where all places are taken: whoever opens associations and leaves them lying locks
 * nobody else out. An address that has more of them than the caller's own has to give one up at once, anybody else one that
 * has been idle for `yieldIdleMs`, or for `yieldUnusedMs` if nothing was ever asked over it.
 * @param caller network address of who needs the place
 * @returns undefined if none has to
 */
export function associationToYield<Each extends Pick<Association, 'address' | 'idleMs' | 'isUnused'>>(
  associations: Iterable<Each>,
  caller: string,
  { yieldIdleMs, yieldUnusedMs }: YieldTimes,
): Each | undefined {
  const all = [...associations];
  const held = new Map<string, number>();
  for (const { address } of all) held.set(address, (held.get(address) ?? 0) + 1);
  const heldBy = (address: string): number => held.get(address) ?? 0;
  const most = Math.max(...held.values());
  // One more than the caller's own would be as many as the caller has then.
  const isGreedy = ({ address }: Each): boolean => heldBy(address) === most && most > heldBy(caller) + 1;
  const hasLain =
    (ms: number) =>
    ({ idleMs }: Each): boolean =>
      idleMs !== undefined && idleMs >= ms;
  return (
    longestIdle(all.filter(isGreedy)) ??
    longestIdle(all.filter(({ isUnused }) => isUnused).filter(hasLain(yieldUnusedMs))) ??
    longestIdle(all.filter(hasLain(yieldIdleMs)))
  );
}

function longestIdle<Each extends Pick<Association, 'idleMs'>>(associations: readonly Each[]): Each | undefined {
  let longest: Each | undefined;
  for (const each of associations) {
    if (each.idleMs !== undefined && each.idleMs > (longest?.idleMs ?? -1)) longest = each;
  }
  return longest;
}
