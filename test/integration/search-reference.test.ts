import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQidoQuery } from '../../src/dicom/qido-query.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import type { Search } from '../../src/search/search.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import {
  jsonOf,
  type PlainQuery,
  type PlainStudy,
  plainQueryArbitrary,
  studyArbitrary,
} from '../support/reference-archive.ts';
import { type PlainDataSet, referenceMatches } from '../support/reference-matcher.ts';

type Level = PlainQuery['level'];
const uidOfLevel = { study: 'StudyInstanceUID', series: 'SeriesInstanceUID', instance: 'SOPInstanceUID' } as const;
const tagOfLevel = { study: '0020000D', series: '0020000E', instance: '00080018' } as const;

let database: TestDatabase;
let search: Search;
const entities: Record<Level, PlainDataSet[]> = { study: [], series: [], instance: [] };

beforeAll(async () => {
  database = await createTestDatabase();
  const { connection, pool } = database;
  const writePool = createPool({ connection, maxConnections: 1, log: silentLog, session: writeSession });
  const index = createIndex({ pool, writePool });
  const instances = fc.sample(studyArbitrary, 200).flatMap(described);
  const requests = instances.map((instance) => ({ instance, onDifferentContent: 'reject' as const }));
  for (const result of await index.insertInstances(requests)) expect(result).toEqual({ status: 'inserted' });
  await writePool.end();
  search = createSearch({ index: createSearchIndex({ pool }) });
});

afterAll(() => database?.drop());

/** Notes what each level of a study is, and makes of it what ingest hands to the index. */
function described({ attributes, series }: PlainStudy, s: number) {
  const modalities = series.flatMap((one) => one.attributes['Modality'] ?? []);
  const study: PlainDataSet = {
    ...attributes,
    StudyInstanceUID: [`1.2.826.0.1.${s}`],
    ModalitiesInStudy: modalities,
    NumberOfStudyRelatedInstances: [String(series.flatMap((one) => one.instances).length)],
  };
  entities.study.push(study);
  return series.flatMap((one, e) => {
    const ofSeries = { ...study, ...one.attributes, SeriesInstanceUID: [`1.2.826.0.1.${s}.${e}`] };
    entities.series.push(ofSeries);
    return one.instances.map((instance, i) => {
      entities.instance.push({ ...ofSeries, ...instance, SOPInstanceUID: [`1.2.826.0.1.${s}.${e}.${i}`] });
      const identified = newInstance({ study: s, series: e, instance: i });
      const identifying = ['00080016', '00080018', '0020000D', '0020000E'];
      const json = {
        ...Object.fromEntries(identifying.map((tag) => [tag, identified.attributes[tag]!])),
        ...jsonOf({ ...attributes, ...one.attributes, ...instance }),
      };
      return { ...identified, attributes: json, metadata: deflateRawSync(JSON.stringify(json)) };
    });
  });
}

/** UIDs of all matches, page by page; undefined for a query that is refused. */
async function found({ level, parameters }: PlainQuery): Promise<string[] | undefined> {
  try {
    const { query } = parseQidoQuery({ level, parameters: [...parameters, ['limit', '1000']] });
    const page = await search.find(query);
    expect(page).toMatchObject({ remaining: 0, warnings: [] });
    return page.matches.map((match) => String(match[tagOfLevel[level]]?.Value?.[0])).sort();
  } catch (thrown) {
    if (thrown instanceof CausewayError && thrown.code === 'bad-request') return undefined;
    throw thrown;
  }
}

describe('a search', () => {
  it('finds what another reading of PS3.4 §C.2.2.2 finds', { timeout: 60_000 }, async () => {
    const tally = { pairs: 0, queries: 0, refused: 0, selective: 0 };
    const property = fc.asyncProperty(plainQueryArbitrary, async (query) => {
      const uids = await found(query);
      tally.queries += 1;
      if (uids === undefined) {
        tally.refused += 1;
        return;
      }
      const candidates = entities[query.level];
      const uidOf = (entity: PlainDataSet) => String(entity[uidOfLevel[query.level]]?.[0]);
      const expected = candidates.filter((entity) => referenceMatches(entity, query.parameters));
      const inSearch = new Set(uids);
      expect({
        missing: expected.filter((entity) => !inSearch.has(uidOf(entity))).slice(0, 1),
        extra: candidates.filter((entity) => inSearch.has(uidOf(entity)) && !expected.includes(entity)).slice(0, 1),
        count: uids.length,
      }).toEqual({ missing: [], extra: [], count: expected.length });
      tally.pairs += candidates.length;
      if (expected.length > 0 && expected.length < candidates.length) tally.selective += 1;
    });
    await fc.assert(property, { numRuns: 600 });
    expect(tally.pairs).toBeGreaterThan(100_000);
    expect(tally.selective / tally.queries).toBeGreaterThan(0.4);
    expect(tally.refused / tally.queries).toBeLessThan(0.1);
  });
});
