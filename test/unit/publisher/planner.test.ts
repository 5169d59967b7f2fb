import { expect, it } from 'vitest';
import type { ArrivalStore, Replay } from '../../../src/index/publishing-arrivals.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { completeConfiguration } from '../../../src/publisher/complete-configuration.ts';
import { createDestinationsInUse } from '../../../src/publisher/destinations-in-use.ts';
import { createPlanner } from '../../../src/publisher/planner.ts';
import { aPublisher } from '../../support/publishing-bench.ts';

const destination = { confirm: undefined, results: undefined, close: async () => {} };

/** @param publishers names of those of each version of the configuration, as it is asked for */
function plannerOver(arrivals: Partial<ArrivalStore>, publishers: readonly string[][]) {
  let asked = 0;
  const latest = async () => {
    const version = Math.min(++asked, publishers.length);
    const names = publishers[version - 1]!;
    return {
      version,
      configuration: completeConfiguration({ publishers: names.map((name) => aPublisher({ name })) }),
    };
  };
  return createPlanner({
    arrivals: {
      keepOnly: async () => true,
      follow: async () => {},
      atRest: async () => [],
      ...arrivals,
    } as ArrivalStore,
    configuration: { read: latest, latest },
    destinations: createDestinationsInUse(() => destination as never, silentLog),
    clock: { now: () => new Date() },
    onGraph: () => {},
    log: silentLog,
  });
}

it('looks after each part of a replay for what has arrived meanwhile', async () => {
  const did: string[] = [];
  let left = 3;
  const replay = { id: '1', publisher: 'there', again: false, status: 'INITIAL' } as Replay;
  const arrivals: Partial<ArrivalStore> = {
    read: async () => {
      did.push('read');
      return 0;
    },
    nextReplay: async () => (left > 0 ? replay : undefined),
    continueReplay: async (_replay, _unit, _plan, limit) => {
      did.push('replay');
      left -= 1;
      return left > 0 ? limit : 0;
    },
  };
  await plannerOver(arrivals, [['there']]).plan();
  expect(did).toEqual(['read', 'replay', 'read', 'replay', 'read', 'replay', 'read']);
});

it('reads each page of the feed for the publishers that there are by then', async () => {
  const readFor: string[][] = [];
  const pages = [2_000, 'outdated', 2_000, 0] as const;
  const read: ArrivalStore['read'] = async ({ publishers }) => pages[readFor.push([...publishers]) - 1];
  const planner = plannerOver({ read, nextReplay: async () => undefined }, [['a'], ['a', 'b'], ['b'], ['c']]);
  await planner.plan();
  expect(readFor).toEqual([['a'], ['a', 'b'], ['b'], ['c']]);
});

it('gives no replay up whose publisher has been configured since it began', async () => {
  const did: string[] = [];
  const replay = { id: '1', publisher: 'late', again: false, status: 'INITIAL' } as Replay;
  const arrivals: Partial<ArrivalStore> = {
    read: async () => 0,
    nextReplay: async () => (did.length === 0 ? replay : undefined),
    continueReplay: async () => did.push('replay'),
    failReplay: async () => void did.push('failed'),
  };
  await plannerOver(arrivals, [['early'], ['early', 'late']]).plan();
  expect(did).toEqual(['replay']);
});
