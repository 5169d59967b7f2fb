import { expect, it } from 'vitest';
import type { ArrivalStore, Replay } from '../../../src/index/publishing-arrivals.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { createDestinationsInUse } from '../../../src/publisher/destinations-in-use.ts';
import { createPlanner } from '../../../src/publisher/planner.ts';
import { aPublisher } from '../../support/publishing-bench.ts';

it('looks after each part of a replay for what has arrived meanwhile', async () => {
  const did: string[] = [];
  let left = 3;
  const replay = { id: '1', publisher: 'there', again: false, status: 'INITIAL' } as Replay;
  const arrivals: Partial<ArrivalStore> = {
    keepOnly: async () => {},
    follow: async () => {},
    read: async () => {
      did.push('read');
      return 0;
    },
    atRest: async () => [],
    nextReplay: async () => (left > 0 ? replay : undefined),
    continueReplay: async (_replay, _unit, _plan, limit) => {
      did.push('replay');
      left -= 1;
      return left > 0 ? limit : 0;
    },
  };
  const destination = { confirm: undefined, results: undefined, close: async () => {} };
  const planner = createPlanner({
    arrivals: arrivals as ArrivalStore,
    configuration: {
      read: async () => ({
        version: 1,
        configuration: {
          api: [],
          filter: { expression: '' },
          upload: {
            batchSize: 1,
            quietSeconds: 1,
            schedule: [],
            deidentify: { profile: 'none', alsoRemove: [], keep: [] },
          },
          publishers: [aPublisher()],
        },
      }),
    },
    destinations: createDestinationsInUse(() => destination as never, silentLog),
    clock: { now: () => new Date() },
    onGraph: () => {},
    log: silentLog,
  });
  await planner.plan();
  expect(did).toEqual(['read', 'replay', 'read', 'replay', 'read', 'replay', 'read']);
});
