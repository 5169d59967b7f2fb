import { groupBy } from '../kernel/group-by.ts';

/** What `createGroupCommit` is made of. */
export interface GroupCommitOptions<Item, Result> {
  /** Does the items of one group together; results in their order. Rejects if none of them was done. */
  readonly commit: (items: Item[]) => Promise<Result[]>;
  /** Items of one lane never go at the same time but in the same group: they would wait for each other anyway. */
  readonly laneOf: (item: Item) => string;
  readonly bytesOf: (item: Item) => number;
  /**
   * Which items would fail by this: of `all` and of one `lane` none is tried alone, as each of them would wait for it in
   * turn.
   */
  readonly fails: (thrown: unknown) => 'all' | 'lane' | 'item';
  /** Groups at the same time. */
  readonly maxGroups: number;
  readonly maxItemsAGroup: number;
  readonly maxBytesAGroup: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
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
 * one by one, or lane by lane.
 */
export function createGroupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const { commit, laneOf, bytesOf, fails, maxGroups, maxItemsAGroup, maxBytesAGroup } = options;
  let waiting: Waiting<Item, Result>[] = [];
  const busyLanes = new Set<string>();
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

  function start(): void {
    while (groups < maxGroups && waiting.length > 0) {
      const group = takeGroup();
      if (group.length === 0) return;
      const lanes = new Set(group.map(({ item }) => laneOf(item)));
      for (const lane of lanes) busyLanes.add(lane);
      groups++;
      void run(group).finally(() => {
        groups--;
        for (const lane of lanes) busyLanes.delete(lane);
        start();
      });
    }
  }

  async function run(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => {
        resolve(results[index]!);
      });
    } catch (thrown) {
      const parts = partsFailingBy(thrown, group);
      if (parts.length === 1) for (const { reject } of group) reject(thrown);
      else for (const part of parts) await run(part);
    }
  }

  /** What is to be tried apart from each other; one if that would be in vain. */
  function partsFailingBy(thrown: unknown, group: readonly Waiting<Item, Result>[]): Waiting<Item, Result>[][] {
    const failing = fails(thrown);
    if (failing === 'all') return [[...group]];
    if (failing === 'item') return group.map((one) => [one]);
    return [...groupBy(group, ({ item }) => laneOf(item)).values()];
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        start();
      }),
    isIdle: () => groups === 0 && waiting.length === 0,
  };
}
