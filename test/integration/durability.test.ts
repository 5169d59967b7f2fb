import { describe, expect, it } from 'vitest';
import { killRounds } from '../support/kill-rounds.ts';

describe('a server that is killed while it stores', () => {
  it('has everything that it acknowledged, and nothing half', { timeout: 120_000 }, async () => {
    const tally = await killRounds(6);
    expect(tally.losses).toEqual([]);
    expect(tally.acknowledged).toBeGreaterThan(0);
  });
});
