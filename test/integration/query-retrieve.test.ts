import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Condition } from '../../src/dicom/query.ts';
import { status } from '../../src/dimse/command/status.ts';
import { storedMatches } from '../../src/dimse/scp/find-matches.ts';
import { storedInstances } from '../../src/dimse/scp/stored-instances.ts';
import { runSubOperations } from '../../src/dimse/scp/sub-operations.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import type { StoredSearch } from '../../src/search/search.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { createTestServices, send, type TestServices, testSource } from '../support/services.ts';

const study = '2.25.90310';
const instances = 40;
const uidOf = (number: number) => `${study}.1.${number}`;

let services: TestServices;
let search: StoredSearch;
beforeAll(async () => {
  services = await createTestServices();
  search = createSearch({ index: createSearchIndex({ pool: services.database.pool }) });
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => services.close());

const association = { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' };

describe('instances that are retrieved by their UIDs', () => {
  let stored: ReturnType<typeof storedInstances>;
  const ask = (numbers: readonly number[]) => ({
    query: {
      level: 'instance' as const,
      conditions: [{ kind: 'uid-list' as const, path: ['00080018'] as const, values: numbers.map(uidOf) }],
    },
    identifier: {},
    association,
    stop: new AbortController().signal,
  });
  const every = Array.from({ length: instances }, (_, at) => at + 1);

  beforeAll(async () => {
    stored = storedInstances(search, services.retrieve);
    for (const number of every) {
      const uids = { study, series: `${study}.${number % 2}`, instance: uidOf(number) };
      const file = buildPart10({ elements: ctElements(uids, element('00200013', 'IS', String(number))) });
      await send(services.ingest, file, testSource);
    }
  });

  it('are found with a query for many of them, in the order of series and instance numbers', async () => {
    const { total, instances: found } = await stored.found(ask([...every, 999]));
    const queries = vi.spyOn(services.database.pool, 'query');
    const numbers: string[] = [];
    for await (const { sopInstanceUid } of found()) numbers.push(sopInstanceUid);
    expect(total).toBe(instances);
    const inOrder = [...every.filter((one) => one % 2 === 0), ...every.filter((one) => one % 2 === 1)];
    expect(numbers).toEqual(inOrder.map(uidOf));
    expect(queries.mock.calls.length).toBeLessThan(5);
  });

  it('and deleted while others are sent are neither sent nor failed, replaced ones go as they are, and what is damaged fails', async () => {
    const { total, instances: found } = await stored.found(ask([2, 4, 6, 8]));
    const sent: string[] = [];
    const lengths: number[] = [];
    const replaced = (number: number) => {
      const uids = { study, series: `${study}.${number % 2}`, instance: uidOf(number) };
      const own = [element('00200013', 'IS', String(number)), element('00204000', 'LT', 'Corrected'.repeat(20))];
      return buildPart10({ elements: ctElements(uids, ...own) });
    };
    const result = await runSubOperations<IndexedInstance>({
      total,
      instances: found(),
      async prepare(instance) {
        if (sent.length === 0 && instance.sopInstanceUid === uidOf(2)) {
          const target = { studyInstanceUid: study, seriesInstanceUid: `${study}.0` };
          await services.erase.erase({ ...target, sopInstanceUid: uidOf(6) });
          await services.blobs.delete(instance.blobKey);
          const [before] = await services.retrieve.instancesAmong([{ ...target, sopInstanceUid: uidOf(8) }]);
          await send(services.ingestWith({ onDifferentContent: 'replace' }), replaced(8), testSource);
          await services.blobs.delete(before!.blobKey);
        }
        return async () => {
          lengths.push((await services.retrieve.dataSet(instance)).length);
          sent.push(instance.sopInstanceUid);
          return { commandField: 0x8001, status: status.success };
        };
      },
      isReceiver: () => false,
      lookAgain: stored.lookAgain,
      report: async () => {},
      stop: new AbortController().signal,
      gone: new AbortController().signal,
      log: silentLog,
    });
    expect(sent).toEqual([uidOf(4), uidOf(8)]);
    expect(lengths[1]! - lengths[0]!).toBeGreaterThan(100);
    expect(result).toMatchObject({ completed: 2, failed: 1, failedSopInstanceUids: [uidOf(2)] });
  });
});

describe('patients that are looked for with counts', () => {
  beforeAll(async () => {
    // Five patients of one issuer, one ID of another, one patient whose ID has two values, and one without any.
    const patients: [patient: string, issuer: string][] = [
      ...Array.from({ length: 5 }, (_, at) => [`P${at}`, 'EAST'] as [string, string]),
      ['P0', 'WEST'],
      ['P0', ''],
      ['P8\\P9', ''],
      ['', ''],
    ];
    for (const [at, [patient, issuer]] of patients.entries()) {
      for (let instance = 0; instance <= at % 3; instance += 1) {
        const root = `2.25.90311.${at}`;
        const uids = {
          study: `${root}.${instance % 2}`,
          series: `${root}.${instance % 2}.1`,
          instance: `${root}.1.${instance}`,
        };
        const own = [element('00100020', 'LO', patient), element('00100021', 'LO', issuer)];
        const others = ctElements(uids, element('00081030', 'LO', 'Counted')).filter(({ tag }) => tag !== '00100020');
        const elements = [...others, ...own].sort((a, b) => (a.tag < b.tag ? -1 : 1));
        const outcome = await send(services.ingest, buildPart10({ elements }), testSource);
        expect(outcome).toMatchObject({ status: 'stored' });
      }
    }
  });

  it('are counted many with a statement, as each would be alone', async () => {
    const tags = { '00201200': 'study', '00201202': 'series', '00201204': 'instance' } as const;
    const described = { kind: 'single', path: ['00081030'], vr: 'LO', value: 'Counted' } as const;
    const connections = vi.spyOn(services.database.pool, 'connect');
    const found = [];
    const query = {
      level: 'patient' as const,
      conditions: [described],
      include: [['00100010'], ['00100020'], ['00100021'], ...Object.keys(tags).map((tag) => [tag])] as [string][],
      ignored: [],
    };
    const stop = new AbortController().signal;
    for await (const { attributes } of storedMatches(search).matches({ query, identifier: {}, association, stop })) {
      found.push(attributes);
    }
    expect(found).toHaveLength(9);
    expect(connections.mock.calls.length).toBeLessThan(4);
    for (const attributes of found) {
      const value = (tag: string) => attributes[tag]?.Value?.[0] as string | undefined;
      const id = value('00100020');
      const issuer = value('00100021');
      for (const [tag, level] of Object.entries(tags)) {
        if (id === undefined) {
          expect(attributes[tag]).toBeUndefined();
          continue;
        }
        const conditions: Condition[] = [
          { kind: 'single', path: ['00100020'], vr: 'LO', value: id },
          issuer === undefined
            ? { kind: 'empty', path: ['00100021'], vr: 'LO' }
            : { kind: 'single', path: ['00100021'], vr: 'LO', value: issuer },
        ];
        const { count } = await search.count({ level, conditions });
        expect([id, issuer, level, attributes[tag]?.Value]).toEqual([id, issuer, level, [count]]);
        expect(count).toBeGreaterThan(0);
      }
    }
  });
});
