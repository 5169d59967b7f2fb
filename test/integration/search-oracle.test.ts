import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson, DicomJsonElement, PersonNameValue, Vr } from '../../src/dicom/json-model.ts';
import { matches } from '../../src/dicom/matches.ts';
import { formatPersonName } from '../../src/dicom/person-name.ts';
import type { Condition } from '../../src/dicom/query.ts';
import { conditionsOf } from '../../src/dicom/query-conditions.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createExtendedTagStore, type ExtendedTagStore } from '../../src/index/extended-tag-store.ts';
import { indexedAttributes } from '../../src/index/indexed-attributes.ts';
import type { Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { createTagReindex } from '../../src/index/reindex-extended-tags.ts';
import { createSearchIndex, type SearchIndex } from '../../src/index/search-index.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import type { Search } from '../../src/search/search.ts';
import { newInstance } from '../support/new-instance.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import {
  type Archive,
  archiveArbitrary,
  entitiesOf,
  extendedInArchive,
  instancesOf,
  type PeerQuery,
  queryArbitrary,
  uidAt,
} from '../support/search-archive.ts';

let database: TestDatabase;
let writePool: TestDatabase['pool'];
let index: Index;
let searchIndex: SearchIndex;
let search: Search;
let extendedTags: ExtendedTagStore;

beforeAll(async () => {
  database = await createTestDatabase();
  writePool = createPool({ connection: database.connection, maxConnections: 1, log: silentLog, session: writeSession });
  index = createIndex({ pool: database.pool, writePool });
  extendedTags = createExtendedTagStore(database.pool);
});

afterAll(async () => {
  await writePool.end();
  await database.drop();
});

async function store(archive: Archive): Promise<void> {
  await index.clear();
  // One for each archive, as it remembers where pages ended. Every page but the first is far behind.
  searchIndex = createSearchIndex({ pool: database.pool, farOffset: 1 });
  search = createSearch({ index: searchIndex, extendedTags, batchMatches: 2 });
  const requests = instancesOf(archive).map((instance) => ({ instance, onDifferentContent: 'reject' as const }));
  for (const result of await index.insertInstances(requests)) expect(result).toEqual({ status: 'inserted' });
}

/** Values of extended tags are written as instances come, or read from what is stored. */
async function storeWithTags(archive: Archive, when: 'before' | 'afterwards'): Promise<void> {
  for (const { path } of extendedInArchive) await extendedTags.delete(path);
  if (when === 'afterwards') await store(archive);
  const id = await extendedTags.add(extendedInArchive);
  if (when === 'before') await store(archive);
  const reindex = createTagReindex({ pool: database.pool, log: silentLog, batchRows: 3, pollMs: 5 });
  reindex.start();
  try {
    await expect
      .poll(async () => (await extendedTags.operation(id))?.status, { timeout: 20_000, interval: 5 })
      .toBe('completed');
  } finally {
    await reindex.close();
  }
  // Values that are none have disabled some.
  for (const { path } of extendedInArchive) await extendedTags.enableQueries(path, true);
}

/** Undefined for a query that is no query, such as a range that ends before it begins. */
function conditionsIn({ keys, options }: PeerQuery): Condition[] | undefined {
  try {
    return conditionsOf(keys, options);
  } catch (thrown) {
    if (thrown instanceof CausewayError && thrown.code === 'bad-request') return undefined;
    throw thrown;
  }
}

/** Matches that the counts of days tell. */
const ofDays: readonly Condition[][] = [
  [],
  [{ kind: 'single', path: ['00080061'], vr: 'CS', value: 'CT' }],
  [{ kind: 'range', path: ['00080020'], vr: 'DA', from: '20000101' }],
  [
    { kind: 'range', path: ['00080020'], vr: 'DA', from: '19990101', to: '20240229' },
    { kind: 'single', path: ['00080061'], vr: 'CS', value: 'MR' },
  ],
];

const extendedPath = new RegExp(extendedInArchive.map(({ path }) => path).join('|'));

describe('a search in the index', () => {
  it('finds what matches() says, in order and page by page', { timeout: 120_000 }, async () => {
    let searches = 0;
    let selective = 0;
    let byExtended = 0;
    const kinds = new Set<string>();
    const property = fc.asyncProperty(
      archiveArbitrary,
      fc.array(queryArbitrary, { minLength: 60, maxLength: 60, size: 'max' }),
      fc.constantFrom('before', 'afterwards'),
      async (archive, queries, when) => {
        await storeWithTags(archive, when);
        const tags = await extendedTags.tags();
        await Promise.all(
          queries.map(async (query) => {
            const conditions = conditionsIn(query);
            if (conditions === undefined) return;
            const { level, limit, offset } = query;
            const used = conditions.filter(
              (condition) => searchIndex.unsearchable(condition, level, tags) === undefined,
            );
            const entities = entitiesOf(archive, level);
            const expected = entities.filter((entity) => matches(entity, { conditions: used }));
            const page = await search.find({ level, conditions, include: [], limit, offset });
            expect(
              { found: page.matches.map((match) => uidAt(match, level)), remaining: page.remaining },
              `${JSON.stringify(used)} in ${JSON.stringify(entities)}`,
            ).toEqual({
              found: expected.slice(offset, offset + limit).map((entity) => uidAt(entity, level)),
              remaining: Math.max(expected.length - offset - limit, 0),
            });
            expect((await search.count({ level, conditions })).count).toBe(expected.length);
            if (searches % 12 === 0) {
              const all: unknown[] = [];
              for await (const batch of search.findAll({ level, conditions, include: [] })) {
                all.push(...batch.matches.map((match) => uidAt(match, level)));
              }
              expect(all).toEqual(expected.map((entity) => uidAt(entity, level)));
            }
            searches += 1;
            if (expected.length > 0 && expected.length < entities.length) selective += 1;
            for (const { kind } of used) kinds.add(kind);
            if (JSON.stringify(used).match(extendedPath)) byExtended += 1;
          }),
        );
        for (const conditions of ofDays) {
          const expected = entitiesOf(archive, 'study').filter((entity) => matches(entity, { conditions }));
          // From the end, so that no page begins where another ended.
          for (let offset = expected.length; offset > 0; offset--) {
            const page = await search.find({ level: 'study', conditions, include: [], limit: 100, offset });
            expect(page.matches.map((match) => uidAt(match, 'study'))).toEqual(
              expected.slice(offset).map((entity) => uidAt(entity, 'study')),
            );
          }
        }
      },
    );
    // The query that failed is in the message; making an archive smaller would take minutes.
    await fc.assert(property, { numRuns: 60, endOnFailure: true });
    // What the generators make must be worth asking.
    expect(searches).toBeGreaterThan(2_000);
    expect(selective / searches).toBeGreaterThan(0.05);
    expect(byExtended / searches).toBeGreaterThan(0.05);
    expect([...kinds].sort()).toEqual([
      'any',
      'combined-range',
      'empty',
      'fuzzy-name',
      'range',
      'sequence',
      'single',
      'uid-list',
      'wildcard',
    ]);
  });

  it('finds by every attribute that is indexed', async () => {
    const attributes: DicomJson = {};
    for (const [n, { tag, vr, items, counted }] of indexedAttributes.entries()) {
      if (counted) continue;
      const item = (items ?? []).map((each, m) => [each.tag, elementOf(each.vr, 100 * n + m)] as const);
      attributes[tag] = items ? { vr, Value: [Object.fromEntries(item)] } : elementOf(vr, n);
    }
    const instance = {
      ...newInstance({ study: 0 }),
      attributes: { ...newInstance({ study: 0 }).attributes, ...attributes },
    };
    await index.clear();
    await index.insertInstances([{ instance, onDifferentContent: 'reject' }]);
    for (const [n, { tag, vr, items, counted, keyword }] of indexedAttributes.entries()) {
      if (counted || identifying.has(keyword)) continue;
      const keys = items
        ? items.map((each, m) => ({ path: [tag, each.tag] as const, vr: each.vr, number: 100 * n + m }))
        : [{ path: [tag] as const, vr, number: n }];
      for (const { path, vr, number } of keys) {
        for (const [wanted, count] of [
          [number, 1],
          [number + 1, 0],
        ] as const) {
          const value = textOf(elementOf(vr, wanted));
          const conditions = conditionsOf([{ path, vr, value, name: keyword }], plainMatching);
          const page = await search.find({ level: 'instance', conditions, include: [], limit: 1, offset: 0 });
          expect(page, `${keyword} ${path.join('.')} ${value}`).toMatchObject({ warnings: [] });
          expect(page.matches, `${keyword} ${path.join('.')} ${value}`).toHaveLength(count);
        }
      }
    }
  });
});

const identifying = new Set(['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID', 'SOPClassUID']);
const plainMatching = { fuzzyNames: false, emptyValues: false, multipleValues: false, combinedDateTimes: false };

/** An element whose value tells the number. */
function elementOf(vr: Vr, n: number): DicomJsonElement {
  const digits = String(n % 60).padStart(2, '0');
  switch (vr) {
    case 'PN':
      return { vr, Value: [{ Alphabetic: `Name^N${n}` }] };
    case 'DA':
      return { vr, Value: [`${1900 + n}0101`] };
    case 'TM':
      return { vr, Value: [`00${digits}${digits}`] };
    case 'DT':
      return { vr, Value: [`${1900 + n}0101000000`] };
    case 'IS':
    case 'DS':
    case 'US':
      return { vr, Value: [n] };
    case 'UI':
      return { vr, Value: [`1.2.${n}`] };
    default:
      return { vr, Value: [`V${n}`] };
  }
}

function textOf({ Value: [value] = [] }: DicomJsonElement): string {
  return typeof value === 'object' ? formatPersonName(value as PersonNameValue) : String(value);
}
