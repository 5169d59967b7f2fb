import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { status } from '../../src/dimse/command/status.ts';
import { storedInstances } from '../../src/dimse/scp/stored-instances.ts';
import { runSubOperations } from '../../src/dimse/scp/sub-operations.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { createTestServices, send, type TestServices, testSource } from '../support/services.ts';

const study = '2.25.90310';
const instances = 40;
const uidOf = (number: number) => `${study}.1.${number}`;

describe('instances that are retrieved by their UIDs', () => {
  let services: TestServices;
  let stored: ReturnType<typeof storedInstances>;
  const ask = (numbers: readonly number[]) => ({
    query: {
      level: 'instance' as const,
      conditions: [{ kind: 'uid-list' as const, path: ['00080018'] as const, values: numbers.map(uidOf) }],
    },
    identifier: {},
    association: { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' },
    stop: new AbortController().signal,
  });
  const every = Array.from({ length: instances }, (_, at) => at + 1);

  beforeAll(async () => {
    services = await createTestServices();
    stored = storedInstances(
      createSearch({ index: createSearchIndex({ pool: services.database.pool }) }),
      services.retrieve,
    );
    for (const number of every) {
      const uids = { study, series: `${study}.${number % 2}`, instance: uidOf(number) };
      const file = buildPart10({ elements: ctElements(uids, element('00200013', 'IS', String(number))) });
      await send(services.ingest, file, testSource);
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => services.close());

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

  it('and deleted while others are sent are neither sent nor failed, and what is damaged is', async () => {
    const { total, instances: found } = await stored.found(ask([2, 4, 6, 8]));
    const sent: string[] = [];
    const result = await runSubOperations({
      total,
      instances: found(),
      async prepare(instance) {
        if (sent.length === 0 && instance.sopInstanceUid === uidOf(2)) {
          const target = { studyInstanceUid: study, seriesInstanceUid: `${study}.0` };
          await services.erase.erase({ ...target, sopInstanceUid: uidOf(6) });
          await services.blobs.delete(instance.blobKey);
        }
        return async () => {
          await services.retrieve.dataSet(instance);
          sent.push(instance.sopInstanceUid);
          return { commandField: 0x8001, status: status.success };
        };
      },
      isGone: stored.isGone!,
      report: async () => {},
      stop: new AbortController().signal,
      gone: new AbortController().signal,
      log: silentLog,
    });
    expect(sent).toEqual([uidOf(4), uidOf(8)]);
    expect(result).toMatchObject({ completed: 2, failed: 1, failedSopInstanceUids: [uidOf(2)] });
  });
});
