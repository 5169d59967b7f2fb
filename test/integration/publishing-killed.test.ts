import { expect, it } from 'vitest';
import { publishChaos } from '../support/publish-chaos.ts';

it('A server that is killed while its receivers misbehave delivers everything to all of them, once', {
  timeout: 180_000,
}, async () => {
  const tally = await publishChaos({ instances: 60, kills: 2, perSeries: 30, mostMs: 1_000, reportsNeverTold: 0 });
  expect(tally.losses).toEqual([]);
  expect(tally.graphs).toEqual({ SUCCESS: 8, FAILED: 0 });
});
