import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGroupCommit } from '../../../src/index/group-commit.ts';

const outage = new Error('away');
const heldUp = new Error('held up');

const heldUpPauseMs = 1_000;
const mostHeldUpMs = 3_500;

afterEach(() => {
  vi.useRealTimers();
});

/** Commits that end when they are told to. */
function heldCommits({ isHeldUp = () => true, maxGroups = 2 }: { isHeldUp?: () => boolean; maxGroups?: number } = {}) {
  const held: { items: string[]; finish: () => void }[] = [];
  const commit = (items: string[], tell: (position: number, result: string) => void) =>
    new Promise<void>((resolve, reject) => {
      const finish = () => {
        const tellAll = () => items.forEach((item, position) => void tell(position, `${item}!`));
        if (items.includes('a-poison')) reject(new Error('poison'));
        else if (items.includes('a-outage')) reject(outage);
        else if (isHeldUp() && items.some((item) => /^[hi]/.test(item))) {
          if (items[0]!.endsWith('first')) tell(0, `${items[0]}!`);
          reject(heldUp);
        } else resolve(tellAll());
      };
      held.push({ items, finish });
    });
  const { add: insert, isIdle } = createGroupCommit<string, string>({
    commit,
    laneOf: (item) => item[0]!,
    bytesOf: (item) => item.length,
    fails: (thrown) => (thrown === outage ? 'all' : thrown === heldUp ? 'lane' : 'item'),
    maxGroups,
    maxItemsAGroup: 3,
    maxBytesAGroup: 100,
    heldUpPauseMs,
    mostHeldUpMs,
  });
  const groups = () => held.map(({ items }) => items.join(' '));
  let finished = 0;
  async function finishAll(): Promise<void> {
    for (let index = finished; index < held.length; index++) {
      held[index]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
    finished = held.length;
  }
  return { insert, isIdle, held, groups, finishAll };
}

describe('group commit', () => {
  it('sends the first at once and what comes meanwhile together, each lane in one group at a time', async () => {
    const { insert, groups, finishAll } = heldCommits();
    const results = Promise.all(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'a5'].map(insert));
    expect(groups()).toEqual(['a1', 'b1']);
    await finishAll();
    expect(groups()).toEqual(['a1', 'b1', 'a2 a3 a4', 'b2', 'a5']);
    expect(await results).toEqual(['a1!', 'a2!', 'a3!', 'b1!', 'a4!', 'b2!', 'a5!']);
  });

  it('lets one that cannot be done harm no other', async () => {
    const { insert, groups, finishAll } = heldCommits();
    const results = Promise.allSettled(['a1', 'a2', 'a-poison', 'a3'].map(insert));
    await finishAll();
    expect(groups()).toEqual(['a1', 'a2 a-poison a3', 'a2', 'a-poison', 'a3']);
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('tries none alone where what failed would fail each of them', async () => {
    const { insert, groups, finishAll } = heldCommits();
    const results = Promise.allSettled(['a1', 'a2', 'a-outage'].map(insert));
    await finishAll();
    expect(groups()).toEqual(['a1', 'a2 a-outage']);
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  describe('with a lane that is held up', () => {
    /** The clock, and that of the timers. */
    const useOwnTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });

    it('tries all of it again after a pause, in which others go, and lets none of them go with it', async () => {
      useOwnTime();
      let isHeldUp = true;
      const { insert, isIdle, groups, finishAll } = heldCommits({ isHeldUp: () => isHeldUp });
      const others = Promise.all(['a1', 'c1'].map(insert));
      const inLane = Promise.all(['h1', 'h2'].map(insert));
      const besides = insert('b1');
      await finishAll();
      expect(groups()).toEqual(['a1', 'c1', 'h1 h2 b1', 'h1 h2', 'b1']);
      await Promise.all([others, besides]);
      expect(isIdle()).toBe(false);
      const [meanwhile, behind] = [insert('b2'), insert('h3')];
      await finishAll();
      await meanwhile;
      isHeldUp = false;
      vi.advanceTimersByTime(heldUpPauseMs);
      await finishAll();
      expect(groups().slice(5)).toEqual(['b2', 'h1 h2', 'h3']);
      expect(await inLane).toEqual(['h1!', 'h2!']);
      expect(await behind).toBe('h3!');
      expect(isIdle()).toBe(true);
    });

    it('does nothing once more that was done before the rest was held up', async () => {
      useOwnTime();
      let isHeldUp = true;
      const { insert, groups, finishAll } = heldCommits({ isHeldUp: () => isHeldUp });
      const before = Promise.all(['a1', 'c1'].map(insert));
      const [first, second] = ['h-first', 'h2'].map(insert);
      await finishAll();
      expect(await first).toBe('h-first!');
      isHeldUp = false;
      vi.advanceTimersByTime(heldUpPauseMs);
      await finishAll();
      expect(await second).toBe('h2!');
      expect(groups()).toEqual(['a1', 'c1', 'h-first h2', 'h2']);
      await before;
    });

    it('lets others go between two lanes that are tried again', async () => {
      useOwnTime();
      const { insert, groups, finishAll, held } = heldCommits({ maxGroups: 1 });
      const lanes = ['hA', 'iA'].map((item) => insert(item).catch(() => 'given up'));
      await finishAll();
      vi.advanceTimersByTime(heldUpPauseMs);
      const besides = insert('b1');
      held.at(-1)!.finish();
      await finishAll();
      expect(await besides).toBe('b1!');
      expect(groups().indexOf('b1')).toBeLessThan(groups().lastIndexOf('iA'));
      for (let pauses = 0; pauses < 5; pauses++) {
        await finishAll();
        vi.advanceTimersByTime(heldUpPauseMs);
      }
      await finishAll();
      expect(await Promise.all(lanes)).toEqual(['given up', 'given up']);
    });

    it('gives up each item when it has waited for long enough, also one that came behind others', async () => {
      useOwnTime();
      const { insert, groups, isIdle, finishAll } = heldCommits();
      const first = Promise.allSettled([insert('h1')]);
      await finishAll();
      const behind = Promise.allSettled([insert('h2')]);
      for (let pauses = 0; pauses < 4; pauses++) {
        vi.advanceTimersByTime(heldUpPauseMs);
        await finishAll();
      }
      expect(groups()).toEqual([...Array<string>(5).fill('h1'), 'h2']);
      expect(await first).toEqual([{ status: 'rejected', reason: heldUp }]);
      expect(await behind).toEqual([{ status: 'rejected', reason: heldUp }]);
      expect(isIdle()).toBe(true);
      const late = insert('a1');
      await finishAll();
      expect(await late).toBe('a1!');
    });
  });

  it('keeps groups below their bytes, but lets a large one go alone', async () => {
    const { insert, groups, finishAll } = heldCommits();
    const large = `a${'x'.repeat(150)}`;
    const results = Promise.all(['a1', large, 'a2', 'a3'].map(insert));
    await finishAll();
    expect(groups()).toEqual(['a1', large, 'a2 a3']);
    await results;
  });

  it('is idle when nothing waits and nothing is under way', async () => {
    const { insert, isIdle, finishAll } = heldCommits();
    expect(isIdle()).toBe(true);
    const result = insert('a1');
    expect(isIdle()).toBe(false);
    await finishAll();
    await result;
    expect(isIdle()).toBe(true);
  });
});
