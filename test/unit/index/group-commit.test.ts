import { describe, expect, it } from 'vitest';
import { createGroupCommit } from '../../../src/index/group-commit.ts';

const outage = new Error('away');
const heldUp = new Error('held up');

/** Commits that end when they are told to. */
function heldCommits() {
  const held: { items: string[]; finish: () => void }[] = [];
  const commit = (items: string[]) =>
    new Promise<string[]>((resolve, reject) => {
      const finish = () =>
        items.includes('a-poison')
          ? reject(new Error('poison'))
          : items.includes('a-outage')
            ? reject(outage)
            : items.some((item) => item.startsWith('h'))
              ? reject(heldUp)
              : resolve(items.map((item) => `${item}!`));
      held.push({ items, finish });
    });
  const { add: insert, isIdle } = createGroupCommit<string, string>({
    commit,
    laneOf: (item) => item[0]!,
    bytesOf: (item) => item.length,
    fails: (thrown) => (thrown === outage ? 'all' : thrown === heldUp ? 'lane' : 'item'),
    maxGroups: 2,
    maxItemsAGroup: 3,
    maxBytesAGroup: 100,
  });
  const groups = () => held.map(({ items }) => items.join(' '));
  async function finishAll(): Promise<void> {
    for (let index = 0; index < held.length; index++) {
      held[index]!.finish();
      await new Promise((resolve) => setImmediate(resolve));
    }
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

  it('tries none of a lane alone where what failed would fail each of it, and lets no other lane wait for that', async () => {
    const { insert, groups, finishAll } = heldCommits();
    const results = Promise.allSettled(['a1', 'c1', 'h1', 'h2', 'b1'].map(insert));
    await finishAll();
    expect(groups()).toEqual(['a1', 'c1', 'h1 h2 b1', 'h1 h2', 'b1']);
    expect((await results).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
    ]);
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
