import { groupBy } from '../kernel/group-by.ts';

/** What `createGroupCommit` is made of. */
export interface GroupCommitOptions<Item, Result> {
  /**
   * Does the items of one group together, and tells the result of each, by its position, as soon as it stands: done once more,
   * it may not be what it was. Rejects if it goes no further; what is told is told.
   */
  readonly commit: (items: Item[], tell: (position: number, result: Result) => void) => Promise<void>;
  /** Items of one lane never go at the same time but in the same group: they would wait for each other anyway. */
  readonly laneOf: (item: Item) => string;
  readonly bytesOf: (item: Item) => number;
  /**
   * Which items would fail by this: of `all` and of one `lane` none is tried alone, as each of them would wait for it in
   * turn. A lane by which it failed is held up: it is tried again for a while.
   */
  readonly fails: (thrown: unknown) => 'all' | 'lane' | 'item';
  /** Groups at the same time. */
  readonly maxGroups: number;
  readonly maxItemsAGroup: number;
  readonly maxBytesAGroup: number;
  /** Until a lane that is held up is tried again: others go in the meantime. */
  readonly heldUpPauseMs: number;
  /** Until what has waited for a lane that is held up fails. */
  readonly mostHeldUpMs: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
  /** As `performance.now` says it. */
  heldUpSince: number | undefined;
}

/** Items on their way in. */
export interface GroupCommit<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Whether an item would go at once and alone. */
  isIdle(): boolean;
}

/**
 * Lets items that arrive together share the cost of a commit. One that arrives alone goes at once; what arrives while
 * it is under way makes up the next group. An item that cannot be done harms no other: its group is done again
 * one by one, or lane by lane. A lane that is held up takes the place of a group only while it is being tried.
 */
export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const { commit, laneOf, bytesOf, fails, maxGroups, maxItemsAGroup, maxBytesAGroup } = options;
  const { heldUpPauseMs, mostHeldUpMs } = options;
  let waiting: Waiting<Item, Result>[] = [];
  const busyLanes = new Set<string>();
  /** Those of `busyLanes` that wait for something else than their group. */
  const heldUpLanes = new Set<string>();
  /** Of lanes that were held up; each goes alone. */
  const toTryAgain: Waiting<Item, Result>[][] = [];
  let hasTriedAgain = false;
  let groups = 0;

  function takeGroup(): Waiting<Item, Result>[] {
    const group: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    let bytes = 0;
    for (const one of waiting) {
      const size = bytesOf(one.item);
      const fits = group.length === 0 || (group.length < maxItemsAGroup && bytes + size <= maxBytesAGroup);
      if (fits && !busyLanes.has(laneOf(one.item))) {
        group.push(one);
        bytes += size;
      } else {
        rest.push(one);
      }
    }
    waiting = rest;
    return group;
  }

  /** By turns: those that are held up would otherwise take all the time there is, once they are several. */
  function nextGroup(): Waiting<Item, Result>[] {
    const others = hasTriedAgain ? takeGroup() : [];
    const again = others.length > 0 ? undefined : toTryAgain.shift();
    hasTriedAgain = again !== undefined;
    return again ?? (others.length > 0 ? others : takeGroup());
  }

  function start(): void {
    while (groups < maxGroups) {
      const group = nextGroup();
      if (group.length === 0) return;
      const lanes = new Set(group.map(({ item }) => laneOf(item)));
      for (const lane of lanes) busyLanes.add(lane);
      groups++;
      void run(group).then((heldUp) => {
        groups--;
        for (const lane of lanes) {
          if (heldUp.includes(lane)) continue;
          busyLanes.delete(lane);
          heldUpLanes.delete(lane);
        }
        start();
      });
    }
  }

  /** @returns the lanes that are to be tried again */
  async function run(group: readonly Waiting<Item, Result>[]): Promise<string[]> {
    const left = new Set(group);
    try {
      await commit(
        group.map(({ item }) => item),
        (position, result) => {
          const one = group[position]!;
          left.delete(one);
          one.resolve(result);
        },
      );
      for (const { reject } of left) reject(new Error('Nothing was told of an item that was committed.'));
      return [];
    } catch (thrown) {
      const rest = [...left];
      if (rest.length === 0) return [];
      const failing = fails(thrown);
      const parts = partsFailing(failing, rest);
      const heldUp: string[] = [];
      if (parts.length > 1) for (const part of parts) heldUp.push(...(await run(part)));
      else if (failing === 'lane') heldUp.push(...tryLater(rest, thrown));
      else for (const { reject } of rest) reject(thrown);
      return heldUp;
    }
  }

  /** What is to be tried apart from each other; one if that would be in vain. */
  function partsFailing(
    failing: 'all' | 'lane' | 'item',
    group: readonly Waiting<Item, Result>[],
  ): Waiting<Item, Result>[][] {
    if (failing === 'all') return [[...group]];
    if (failing === 'item') return group.map((one) => [one]);
    return [...groupBy(group, ({ item }) => laneOf(item)).values()];
  }

  /** @param group of one lane @returns the lane, unless all of the group has waited long enough, and fails */
  function tryLater(group: readonly Waiting<Item, Result>[], thrown: unknown): string[] {
    const now = performance.now();
    const patient = group.filter((one) => {
      one.heldUpSince ??= now;
      const isPatient = now - one.heldUpSince < mostHeldUpMs;
      if (!isPatient) one.reject(thrown);
      return isPatient;
    });
    if (patient.length === 0) return [];
    const lane = laneOf(patient[0]!.item);
    heldUpLanes.add(lane);
    setTimeout(() => {
      toTryAgain.push(patient);
      start();
    }, heldUpPauseMs);
    return [lane];
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        const heldUpSince = heldUpLanes.has(laneOf(item)) ? performance.now() : undefined;
        waiting.push({ item, resolve, reject, heldUpSince });
        start();
      }),
    isIdle: () => groups === 0 && waiting.length === 0 && heldUpLanes.size === 0,
  };
}
