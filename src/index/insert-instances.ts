import type pg from 'pg';
import { type ExtendedTagSet, readTags } from './extended-tag-store.ts';
import { writeValuesOfInstances } from './extended-values.ts';
import { type InsertedRow, insertStatement, maxInstancesAStatement } from './insert-statement.ts';
import type { ExistingInstance, InsertRequest, InsertResult } from './instance-index.ts';
import { fetchedDoor } from './instance-record.ts';
import type { InstanceRows } from './instance-rows.ts';
import { persistently } from './postgres-errors.ts';
import { replaceInstance } from './replace-instance.ts';
import { inTransaction } from './transaction.ts';

/** An instance on its way in, with its rows made. */
export interface PreparedRequest extends InsertRequest {
  readonly rows: InstanceRows;
  /** The commit waits for it; if it rejects, so does the whole statement. */
  readonly durable?: Promise<void>;
}

/** Where instances are inserted, and what one has learnt of it. */
export interface InsertTarget {
  readonly pool: pg.Pool;
  /** Extended tags as far as they are known; learnt anew when there are others. */
  tags: ExtendedTagSet;
}

/** Rounds until an instance that others insert and erase all the time is given up. */
const maxRounds = 20;

/**
 * Inserts instances, all of one statement together or not at all.
 * @param tell is told the result of each, by its position in the batch, once it is committed; what is told must not be
 * inserted again, as it may have been erased since, and its blob with it
 */
export async function insertInstances(
  target: InsertTarget,
  batch: readonly PreparedRequest[],
  tell: (position: number, result: InsertResult) => void,
): Promise<void> {
  let left = batch.map((request, position) => ({ request, position }));
  for (let round = 0; left.length > 0; round++) {
    if (round > maxRounds + batch.length) throw new Error('The instances change faster than they can be inserted.');
    const { now, later } = nextStatement(left, ({ request }) => request.rows);
    const outcomes = await insertOnce(
      target,
      now.map(({ request }) => request),
    );
    left = later;
    // All that is committed is told before anything else may fail.
    for (const [index, { position }] of now.entries()) {
      if (outcomes[index]?.inserted) tell(position, { status: 'inserted' });
    }
    for (const [index, { request, position }] of now.entries()) {
      const outcome = outcomes[index];
      if (outcome?.inserted) continue;
      const result = outcome?.existing && (await settle(target.pool, request, outcome.existing));
      if (result) tell(position, result);
      else left.push({ request, position });
    }
  }
}

/**
 * Divides what waits into what one statement can take and the rest: in one statement an instance comes once, and all
 * agree on the attributes of their study and series, so that every disagreement is recorded.
 */
export function nextStatement<T>(waiting: readonly T[], rowsOf: (one: T) => InstanceRows): { now: T[]; later: T[] } {
  const seen = new Map<string, string>();
  const now: T[] = [];
  const later: T[] = [];
  for (const one of waiting) {
    const { studyKey, seriesKey, instanceKey, study, series } = rowsOf(one);
    const identities = [
      [studyKey, study.digest],
      [`${studyKey} ${seriesKey}`, series.digest],
      [`${studyKey} ${seriesKey} ${instanceKey}`, 'once'],
    ] as const;
    const fits =
      now.length < maxInstancesAStatement &&
      identities.every(([key, digest]) => !seen.has(key) || (seen.get(key) === digest && digest !== 'once'));
    if (!fits) {
      later.push(one);
      // Whatever belongs to the same study comes behind it, so that what came last wins.
      seen.set(studyKey, 'closed');
      continue;
    }
    for (const [key, digest] of identities) seen.set(key, digest);
    now.push(one);
  }
  return { now, later };
}

type InTheWay = ExistingInstance & { readonly isFetched: boolean };

type Outcome =
  | { inserted: true }
  | {
      inserted: false;
      /** Undefined if the row in the way was not visible yet. */
      existing: InTheWay | undefined;
    };

async function insertOnce(target: InsertTarget, requests: readonly PreparedRequest[]): Promise<Outcome[]> {
  const { pool, tags } = target;
  // In the order of their keys, so that two statements never wait for each other.
  const order = [...requests.keys()].sort((a, b) => compareKeys(requests[a]!.rows, requests[b]!.rows));
  const studies = new Map<string, InstanceRows>();
  const series = new Map<string, InstanceRows>();
  for (const position of order) {
    const { rows } = requests[position]!;
    studies.set(rows.studyKey, rows);
    series.set(rows.studyKey + rows.seriesKey, rows);
  }
  const rowsToInsert = {
    studies: Array.from(studies.values(), ({ studyKey, study }) => [studyKey, ...study.values]),
    series: Array.from(series.values(), (rows) => [rows.studyKey, rows.seriesKey, ...rows.series.values]),
    instances: order.map((position) => {
      const { rows } = requests[position]!;
      return [rows.studyKey, rows.seriesKey, rows.instanceKey, ...rows.instance];
    }),
  };
  const statement = insertStatement(rowsToInsert, tags.version);
  const durable = requests.flatMap((request) => request.durable ?? []);
  const { rows } = await persistently(() => {
    if (tags.version > 0) {
      return commitWith(pool, statement, async (client, inserted) => {
        const requestsOfRows = inserted.map(({ n }) => requests[order[n]!]!);
        await writeValuesOfInstances(client, tags.tags, requestsOfRows.map(taggedInstance));
        await Promise.all(durable);
      });
    }
    if (durable.length > 0) return commitWith(pool, statement, () => Promise.all(durable));
    return pool.query<InsertedRow>(statement);
  });
  if (rows.some(({ tags_version }) => tags_version !== tags.version)) {
    target.tags = await persistently(() => readTags(pool));
  }
  const outcomes = new Array<Outcome>(requests.length);
  for (const row of rows) outcomes[order[row.n]!] = outcomeOf(row);
  return outcomes;
}

/** @param more is done before the commit, with the rows that were inserted */
function commitWith(
  pool: pg.Pool,
  statement: pg.QueryConfig,
  more: (client: pg.ClientBase, inserted: readonly InsertedRow[]) => Promise<unknown>,
): Promise<pg.QueryResult<InsertedRow>> {
  return inTransaction(pool, async (client) => {
    const result = await client.query<InsertedRow>(statement);
    await more(
      client,
      result.rows.filter(({ inserted }) => inserted),
    );
    return result;
  });
}

function taggedInstance({ instance, rows }: PreparedRequest) {
  return { study: rows.studyKey, series: rows.seriesKey, instance: rows.instanceKey, attributes: instance.attributes };
}

function outcomeOf({ inserted, blob_key, size, sha256, door }: InsertedRow): Outcome {
  if (inserted) return { inserted };
  if (blob_key === null || size === null || sha256 === null) return { inserted, existing: undefined };
  return { inserted, existing: { blobKey: blob_key, size: Number(size), sha256, isFetched: door === fetchedDoor } };
}

function compareKeys(a: InstanceRows, b: InstanceRows): number {
  return compare(a.studyKey, b.studyKey) || compare(a.seriesKey, b.seriesKey) || compare(a.instanceKey, b.instanceKey);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @returns undefined if the row in the way changed meanwhile: to be tried again */
async function settle(pool: pg.Pool, request: PreparedRequest, existing: InTheWay): Promise<InsertResult | undefined> {
  const { instance, onDifferentContent } = request;
  // The answer to an insertion was lost, and this is its repetition.
  if (existing.blobKey === instance.blobKey) return { status: 'inserted' };
  if (existing.sha256.equals(instance.sha256)) return { status: 'duplicate', existing };
  if (onDifferentContent === 'keep') return { status: 'kept', existing };
  if (onDifferentContent === 'reject') return { status: 'differs', existing };
  const replaced = await persistently(() =>
    replaceInstance(pool, request.rows, instance.attributes, existing.blobKey, { original: 'drop' }),
  );
  return replaced ? { status: 'replaced', existing } : undefined;
}
