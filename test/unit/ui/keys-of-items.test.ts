import { describe, expect, it } from 'vitest';
import { keyed } from '../../../src/ui/config/keys-of-items.ts';

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
const first = keyed([a, b, c], undefined);
const [ofA, ofB, ofC] = first.keys;

describe('the key of an item', () => {
  it('stays while it is edited', () => {
    expect(keyed([a, { name: 'other' }, c], first).keys).toEqual([ofA, ofB, ofC]);
  });

  it("stays while others go and come, and is nobody else's", () => {
    expect(keyed([b, c], first).keys).toEqual([ofB, ofC]);
    const more = keyed([a, b, c, {}], first).keys;
    expect([more.slice(0, 3), new Set(more).size]).toEqual([[ofA, ofB, ofC], 4]);
    const without = keyed([a, c], first);
    expect([ofA, ofC]).not.toContain(keyed([a, c, {}], without).keys[2]);
  });

  it('is one for each, also where one stands there twice', () => {
    expect(new Set(keyed([a, a], first).keys).size).toBe(2);
  });
});
