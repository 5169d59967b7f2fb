import type pg from 'pg';
import { type InsertedRow, insertStatement, maxInstancesAStatement } from './insert-statement.ts';
import type { ExistingInstance, InsertRequest, InsertResult } from './instance-index.ts';
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

/** Rounds until an instance that others insert and erase all the time is given up. */
const maxRounds = 20;

/**
 * Inserts instances, all of one statement together or not at all.
 * @returns results in the order of the batch
 */
export async function insertInstances(pool: pg.Pool, batch: readonly PreparedRequest[]): Promise<InsertResult[]> {
  const results = new Array<InsertResult | undefined>(batch.length);
  let left = batch.map((request, position) => ({ request, position }));
  for (let round = 0; left.length > 0; round++) {
    if (round > maxRounds + batch.length) throw new Error('The instances change faster than they can be inserted.');
    const { now, later } = nextStatement(left, ({ request }) => request.rows);
    const outcomes = await insertOnce(
      pool,
      now.map(({ request }) => request),
    );
    left = later;
    for (const [index, { request, position }] of now.entries()) {
      const result = outcomes[index] && (await settle(pool, request, outcomes[index]));
      if (result) results[position] = result;
      else left.push({ request, position });
    }
  }
  return results as InsertResult[];
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

type Outcome = { inserted: true } | { inserted: false; existing: ExistingInstance | undefined };

async function insertOnce(pool: pg.Pool, requests: readonly PreparedRequest[]): Promise<Outcome[]> {
  // In the order of their keys, so that two statements never wait for each other.
  const order = [...requests.keys()].sort((a, b) => compareKeys(requests[a]!.rows, requests[b]!.rows));
  const studies = new Map<string, InstanceRows>();
  const series = new Map<string, InstanceRows>();
  for (const position of order) {
    const { rows } = requests[position]!;
    studies.set(rows.studyKey, rows);
    series.set(rows.studyKey + rows.seriesKey, rows);
  }
  const statement = insertStatement({
    studies: Array.from(studies.values(), ({ studyKey, study }) => [studyKey, ...study.values]),
    series: Array.from(series.values(), (rows) => [rows.studyKey, rows.seriesKey, ...rows.series.values]),
    instances: order.map((position) => {
      const { rows } = requests[position]!;
      return [rows.studyKey, rows.seriesKey, rows.instanceKey, ...rows.instance];
    }),
  });
  const durable = requests.flatMap((request) => request.durable ?? []);
  const { rows } = await persistently(() =>
    durable.length === 0 ? pool.query<InsertedRow>(statement) : commitWhenDurable(pool, statement, durable),
  );
  const outcomes = new Array<Outcome>(requests.length);
  for (const row of rows) outcomes[order[row.n]!] = outcomeOf(row);
  return outcomes;
}

function commitWhenDurable(
  pool: pg.Pool,
  statement: pg.QueryConfig,
  durable: readonly Promise<void>[],
): Promise<pg.QueryResult<InsertedRow>> {
  return inTransaction(pool, async (client) => {
    const result = await client.query<InsertedRow>(statement);
    await Promise.all(durable);
    return result;
  });
}

function outcomeOf({ inserted, blob_key, size, sha256 }: InsertedRow): Outcome {
  if (inserted) return { inserted };
  if (blob_key === null || size === null || sha256 === null) return { inserted, existing: undefined };
  return { inserted, existing: { blobKey: blob_key, size: Number(size), sha256 } };
}

function compareKeys(a: InstanceRows, b: InstanceRows): number {
  return compare(a.studyKey, b.studyKey) || compare(a.seriesKey, b.seriesKey) || compare(a.instanceKey, b.instanceKey);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @returns undefined if the row in the way was not visible yet, or changed meanwhile: to be tried again */
async function settle(pool: pg.Pool, request: PreparedRequest, outcome: Outcome): Promise<InsertResult | undefined> {
  if (outcome.inserted) return { status: 'inserted' };
  const { existing } = outcome;
  if (existing === undefined) return undefined;
  const { instance, onDifferentContent } = request;
  // The answer to an insertion was lost, and this is its repetition.
  if (existing.blobKey === instance.blobKey) return { status: 'inserted' };
  const isSame = existing.sha256.equals(instance.sha256);
  if (isSame && onDifferentContent !== 'renew') return { status: 'duplicate', existing };
  if (!isSame && onDifferentContent === 'keep') return { status: 'kept', existing };
  if (!isSame && onDifferentContent !== 'replace') return { status: 'differs', existing };
  const replaced = await persistently(() => replaceInstance(pool, request.rows, existing.blobKey));
  return replaced ? { status: 'replaced', existing } : undefined;
}
