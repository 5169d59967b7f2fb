import type pg from 'pg';
import { eraseRows, whileErasing } from './erase-target.ts';
import type { ErasedTarget, InstanceTarget } from './instance-index.ts';
import { fetchedDoor } from './instance-record.ts';
import { persistently } from './postgres-errors.ts';
import { targetKey } from './target-key.ts';
import { uidKey } from './uid-key.ts';

/** Studies of which something was fetched from a peer and is not kept for good. Times are those of Postgres. */
export interface FetchedStudies {
  /** Somebody asks for the study: what was fetched of it stays for as long again. */
  asked(studyInstanceUid: string): Promise<void>;
  /** Those that nobody has asked for since so long, in no useful order. */
  unasked(forMs: number): AsyncIterable<string>;
}

const batchStudies = 200;

export function createFetchedStudies(pool: pg.Pool): FetchedStudies {
  return {
    async asked(studyInstanceUid) {
      // Waits for an erasure that is under way, so that who asks sees what it has left.
      await persistently(() =>
        pool.query(
          `insert into fetched_studies (study_id, study_instance_uid) values ($1, $2)
           on conflict (study_id) do update set last_asked_at = now()`,
          [uidKey(studyInstanceUid), studyInstanceUid],
        ),
      );
    },
    async *unasked(forMs) {
      let after: string | undefined;
      for (;;) {
        const { rows } = await persistently(() =>
          pool.query<{ study_id: string; study_instance_uid: string }>(
            `select study_id, study_instance_uid from fetched_studies
             where last_asked_at < now() - $1 * interval '1 millisecond' and ($2::uuid is null or study_id > $2)
             order by study_id limit $3`,
            [forMs, after ?? null, batchStudies],
          ),
        );
        for (const { study_instance_uid } of rows) yield study_instance_uid;
        after = rows.at(-1)?.study_id;
        if (rows.length < batchStudies) return;
      }
    },
  };
}

/**
 * What is fetched and stored by somebody else as well is theirs from now on. Either this comes before an erasure, which
 * passes over the instance then, or after it, and the instance is not there.
 * @returns for each whether it is there to stay
 */
export async function claimFetched(pool: pg.Pool, targets: readonly InstanceTarget[]): Promise<boolean[]> {
  const keys = targets.map(targetKey);
  const instanceKeys = keys.map(({ instance }) => instance);
  await persistently(() =>
    pool.query(`update instances set door = 'dimse' where instance_id = any($1::uuid[]) and door = '${fetchedDoor}'`, [
      instanceKeys,
    ]),
  );
  const { rows } = await persistently(() =>
    pool.query<{ study_id: string; series_id: string; instance_id: string }>(
      `select study_id, series_id, instance_id from instances
       where instance_id = any($1::uuid[]) and door <> '${fetchedDoor}'`,
      [instanceKeys],
    ),
  );
  const kept = new Set(rows.map((row) => `${row.study_id} ${row.series_id} ${row.instance_id}`));
  return keys.map(({ study, series, instance }) => kept.has(`${study} ${series} ${instance}`));
}

/**
 * Erases what was fetched of a study that nobody has asked for since so long. Whatever else somebody may miss stays: what
 * came later, by another door or was corrected, and all of it while a publisher has something to do with the study.
 */
export async function eraseFetched(
  pool: pg.Pool,
  studyInstanceUid: string,
  unaskedForMs: number,
): Promise<ErasedTarget> {
  const key = targetKey({ studyInstanceUid });
  const erase = async (client: pg.PoolClient): Promise<ErasedTarget> => {
    const { rows } = await client.query<{ wanted: boolean }>(
      `select ${wantedByPublishers} as wanted from fetched_studies study
       where study_id = $1 and last_asked_at < now() - $2 * interval '1 millisecond' for update of study`,
      [key.study, unaskedForMs],
    );
    if (rows[0]?.wanted !== false) return { instances: 0, blobKeys: [] };
    const erased = await eraseRows(client, key, {
      condition: `door = '${fetchedDoor}' and created_at < now() - $2 * interval '1 millisecond' and not exists (
        select from original_instances original where original.study_id = instances.study_id
          and original.series_id = instances.series_id and original.instance_id = instances.instance_id)`,
      values: [unaskedForMs],
    });
    await client.query(
      `delete from fetched_studies where study_id = $1
         and not exists (select from instances where study_id = $1 and door = '${fetchedDoor}')`,
      [key.study],
    );
    return erased;
  };
  // It has time: what somebody else does with the study comes first, and this again in the next round.
  return whileErasing(pool, key.study, erase, '5s');
}

/**
 * Changes that publishers have not read, arrivals of which no graph was made, and graphs that have not succeeded. Where there
 * are no publishers nobody reads.
 */
const wantedByPublishers = `(
  exists (
    select from publishing_cursor cursor where not cursor.is_idle and (
      exists (select from changes where sequence is null and changes.study_instance_uid = study.study_instance_uid)
      or exists (
        select from series join changes using (series_instance_uid)
        where series.study_id = $1 and changes.sequence > cursor.sequence
          and changes.study_instance_uid = study.study_instance_uid)))
  or exists (select from arrivals where arrivals.study_id = $1)
  or exists (
    select from publishing_instances join publishing_graphs using (graph_id)
    where publishing_instances.study_id = $1 and status <> 'SUCCESS')
)`;
