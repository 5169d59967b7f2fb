import type pg from 'pg';
import type { InstanceTarget } from './instance-index.ts';
import { type InstanceKey, isKey, keyColumns, unnestedKeys } from './instance-key.ts';
import { patiently, persistently } from './postgres-errors.ts';
import { type ClaimedTask, isMine } from './publishing-claims.ts';
import { planAnew, sentBefore } from './publishing-graphs.ts';
import { busyStudy, lockStudyBriefly } from './study-lock.ts';
import { inTransaction } from './transaction.ts';
import { uidKey } from './uid-key.ts';
import { writeLedger } from './write-ledger.ts';

/** A file that was made to be sent in the place of the stored one. */
export interface PreparedFile {
  readonly blobKey: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Tells the rules by which it was de-identified, if it was. */
  readonly deidentifiedBy?: string | undefined;
}

/** An instance of a batch that is still to be sent. */
export interface PendingInstance extends InstanceKey, InstanceTarget {
  /** Of the stored file when this was planned. */
  readonly sourceSha256: Buffer;
  readonly prepared: PreparedFile | undefined;
  /** The receiver has said no to this version before. */
  readonly wasRefused: boolean;
}

/** What a filter is asked about: the version that is stored by then. */
export interface UnfilteredInstance extends InstanceKey, InstanceTarget {
  /** DICOM JSON text, raw deflate; undefined if the instance is no longer there. */
  readonly metadata: Buffer | undefined;
  /** Of the file that the metadata are of. */
  readonly sourceSha256: Buffer;
  readonly callingAeTitle: string | undefined;
  readonly receivedAt: Date;
}

/** What a filter says of an instance; `gone`: it was not asked. */
export type FilterVerdict = 'selected' | 'excluded' | 'gone';
type FilteredInstance = Pick<UnfilteredInstance, keyof InstanceKey | 'sourceSha256'>;
const verdicts: readonly FilterVerdict[] = ['selected', 'excluded', 'gone'];

/** What left, as the receiver knows it. */
export interface SentFile extends Omit<PreparedFile, 'blobKey' | 'deidentifiedBy'> {}

/** What became of an instance. */
export type InstanceEnd = InstanceKey & { readonly answer: string } & (
    | {
        readonly status: 'accepted' | 'refused';
        readonly sourceSha256: Buffer;
        readonly sent: SentFile;
        /** What the receiver has may be something else. */
        readonly inDoubt?: boolean;
        /** Fingerprint of the place that it left for. */
        readonly place?: string | undefined;
      }
    /** It cannot be sent, and nothing has left. */
    | { readonly status: 'unsendable' }
    /** It is no longer stored. */
    | { readonly status: 'gone' }
    /** Another version of it is stored by now than was planned: that is planned, and the filters are asked about it. */
    | { readonly status: 'replaced'; readonly sourceSha256: Buffer }
    /** It is still to be sent; this is why it was not. */
    | { readonly status: 'pending' }
  );

/** What was accepted, to ask the receiver about. */
export interface AcceptedInstance extends InstanceKey, InstanceTarget {
  readonly sourceSha256: Buffer;
  readonly sent: SentFile;
  readonly confirmed: boolean;
}

export interface Confirmation extends InstanceKey {
  readonly sourceSha256: Buffer;
  /** `unknown`: the receiver cannot tell, or not yet. */
  readonly status: 'confirmed' | 'missing' | 'unknown';
  readonly answer: string;
}

/** The instances of graphs. What a task writes is written as long as nobody else has taken it over, and else is `false`. */
export interface PublishingInstances {
  /** Of the wave, those about which the filter was not asked yet. */
  unfiltered(task: ClaimedTask, limit: number): Promise<readonly UnfilteredInstance[]>;
  /** The version of which this was said is the one that is sent. */
  recordFiltered(
    task: ClaimedTask,
    outcome: Readonly<Record<FilterVerdict, readonly FilteredInstance[]>>,
  ): Promise<boolean>;
  /** Of the batch, in their order. */
  pending(task: ClaimedTask): Promise<readonly PendingInstance[]>;
  /** Before they are written. */
  announceFiles(task: ClaimedTask, blobKeys: readonly string[]): Promise<boolean>;
  /** Lists files for deletion that were announced and stand in nobody's place, whoever has the task by now. */
  discardFiles(blobKeys: readonly string[]): Promise<void>;
  /**
   * A file that stood in this place before is listed for deletion, and so is one whose instance was deleted meanwhile.
   * @throws CausewayError `unavailable` while something else goes on with the study for long
   */
  recordPrepared(
    task: ClaimedTask,
    made: readonly (InstanceKey & { readonly prepared: PreparedFile; readonly sourceSha256: Buffer })[],
  ): Promise<boolean>;
  /** Writes the ledger, whoever has the task by now, as what has left has left. */
  recordEnds(task: ClaimedTask, ends: readonly InstanceEnd[], now: Date): Promise<boolean>;
  accepted(task: ClaimedTask): Promise<readonly AcceptedInstance[]>;
  /** How many of a series have left in the wave of the task and were accepted. */
  acceptedOfSeries(task: ClaimedTask, series: Pick<InstanceKey, 'studyKey' | 'seriesKey'>): Promise<number>;
  recordConfirmations(task: ClaimedTask, confirmations: readonly Confirmation[], now: Date): Promise<boolean>;
  /** All of a graph that was accepted, a batch at a time. */
  sent(graphId: string): AsyncIterable<AcceptedInstance>;
}

interface KeyRow {
  readonly study_id: string;
  readonly series_id: string;
  readonly instance_id: string;
  readonly study_instance_uid: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
}

const keyAndUids =
  'one.study_id, one.series_id, one.instance_id, one.study_instance_uid, one.series_instance_uid, one.sop_instance_uid';

/** @param busy how long a study may keep whoever writes down what was prepared of it waiting */
export function createPublishingInstances(pool: pg.Pool, busy = busyStudy): PublishingInstances {
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));
  /** @param first what is locked before graph and task are */
  const onceAsOwner = (
    task: ClaimedTask,
    write: (client: pg.ClientBase) => Promise<unknown>,
    first?: (client: pg.ClientBase) => Promise<unknown>,
  ): Promise<boolean> =>
    inTransaction(pool, async (client) => {
      await first?.(client);
      if (!(await isMine(client, task))) return false;
      await write(client);
      return true;
    });
  const asOwner = (task: ClaimedTask, write: (client: pg.ClientBase) => Promise<unknown>) =>
    persistently(() => onceAsOwner(task, write));

  return {
    async unfiltered(task, limit) {
      const { rows } = await query<
        KeyRow & {
          metadata: Buffer | null;
          calling_ae_title: string | null;
          created_at: Date | null;
          source_sha256: Buffer;
        }
      >(
        `select ${keyAndUids}, metadata, calling_ae_title, created_at, coalesce(sha256, source_sha256) as source_sha256
         from publishing_instances one left join instances using (study_id, series_id, instance_id)
         where graph_id = $1 and wave = $2 and state = 'new'
         order by study_id, series_id, instance_id limit $3`,
        [task.graphId, task.wave, limit],
      );
      return rows.map((row) => ({
        ...keyOf(row),
        metadata: row.metadata ?? undefined,
        sourceSha256: row.source_sha256,
        callingAeTitle: row.calling_ae_title ?? undefined,
        receivedAt: row.created_at ?? new Date(0),
      }));
    },
    recordFiltered: (task, outcome) =>
      asOwner(task, async (client) => {
        for (const verdict of verdicts) {
          const some = outcome[verdict];
          if (some.length === 0) continue;
          await client.query(
            `update publishing_instances one set state = $3, source_sha256 = keys.source_sha256
             from ${unnestedKeys(4, [{ name: 'source_sha256', type: 'bytea' }])}
             where one.graph_id = $1 and one.wave = $2 and one.state = 'new' and ${isKey('one')}`,
            [task.graphId, task.wave, verdict, ...keyColumns(some), some.map(({ sourceSha256 }) => sourceSha256)],
          );
        }
      }),
    async pending(task) {
      const { rows } = await query<
        KeyRow & { source_sha256: Buffer; prepared: PreparedFile | null; was_refused: boolean }
      >(
        `select ${keyAndUids}, source_sha256, prepared, exists (
             select from deliveries sent
             where sent.study_id = one.study_id and sent.series_id = one.series_id and sent.instance_id = one.instance_id
               and sent.publisher = $3 and sent.source_sha256 = one.source_sha256 and sent.status = 'refused') as was_refused
         from publishing_instances one
         where graph_id = $1 and batch = $2 and state = 'selected'
         order by study_id, series_id, sort_number, instance_id`,
        [task.graphId, task.batch, task.publisher],
      );
      return rows.map((row) => ({
        ...keyOf(row),
        sourceSha256: row.source_sha256,
        prepared: row.prepared ?? undefined,
        wasRefused: row.was_refused,
      }));
    },
    announceFiles: (task, blobKeys) =>
      asOwner(task, (client) =>
        client.query(
          'insert into publishing_blobs (blob_key, graph_id) select key, $1 from unnest($2::text[]) as key on conflict do nothing',
          [task.graphId, blobKeys],
        ),
      ),
    async discardFiles(blobKeys) {
      await persistently(() =>
        inTransaction(pool, async (client) => {
          // Whoever puts them in their places has the graph until that is over, be it heard of or not.
          await client.query(
            `select from publishing_graphs
             where graph_id in (select graph_id from publishing_blobs where blob_key = any ($1))
             order by graph_id for update`,
            [blobKeys],
          );
          await client.query(
            `with over as (
               select unnest($1::text[]) as blob_key
               except
               select blob_key from publishing_blobs announced join publishing_instances one using (graph_id)
               where blob_key = any ($1) and one.prepared ->> 'blobKey' = blob_key
             ), announced as (
               delete from publishing_blobs using over where publishing_blobs.blob_key = over.blob_key
             )
             insert into blobs_to_delete (blob_key) select blob_key from over on conflict do nothing`,
            [blobKeys],
          );
        }),
      );
    },
    recordPrepared: (task, made) => {
      // Whoever erases does so before, and is seen, or after, and sees. That may take long: the task is locked only then, as
      // the leases of all tasks are renewed together.
      const first = (client: pg.ClientBase) => lockStudyBriefly(client, uidKey(task.studyInstanceUid));
      const write = (client: pg.ClientBase) =>
        client.query(
          // Those of this call stand there already where it is done again, as its answer was lost.
          `with before as (
             select prepared ->> 'blobKey' as blob_key from publishing_instances one, ${unnestedKeys(3)}
             where one.graph_id = $1 and one.batch = $2 and ${isKey('one')} and prepared ->> 'blobKey' <> all ($8::text[])
           ), placed as (
             update publishing_instances one set prepared = keys.prepared::jsonb, source_sha256 = keys.source_sha256
             from ${unnestedKeys(3, [
               { name: 'prepared', type: 'text' },
               { name: 'source_sha256', type: 'bytea' },
             ])} join instances using (study_id, series_id, instance_id)
             where one.graph_id = $1 and one.batch = $2 and one.state = 'selected' and ${isKey('one')}
             returning one.prepared ->> 'blobKey' as blob_key
           ), over as (
             select blob_key from before
             union all (select unnest($8::text[]) except select blob_key from placed)
           ), announced as (
             delete from publishing_blobs using over where publishing_blobs.blob_key = over.blob_key
           )
           insert into blobs_to_delete (blob_key) select blob_key from over on conflict do nothing`,
          [
            task.graphId,
            task.batch,
            ...keyColumns(made),
            made.map(({ prepared }) => JSON.stringify(prepared)),
            made.map(({ sourceSha256 }) => sourceSha256),
            made.map(({ prepared }) => prepared.blobKey),
          ],
        );
      return patiently(() => onceAsOwner(task, write, first), busy);
    },
    recordEnds: (task, ends, now) =>
      persistently(() =>
        inTransaction(pool, async (client) => {
          const mine = await isMine(client, task);
          await writeLedger(client, task, ends, now, mine);
          if (!mine) return false;
          const replaced = ends.filter((end) => end.status === 'replaced');
          if (replaced.length > 0) await planAnew(client, task, replaced, now);
          const others = ends.filter((end): end is Settled => end.status !== 'replaced');
          if (others.length > 0) await writeStates(client, task, others, now);
          return true;
        }),
      ),
    async acceptedOfSeries(task, { studyKey, seriesKey }) {
      const { rows } = await query<{ accepted: number }>(
        `select count(*)::int as accepted from publishing_instances
         where graph_id = $1 and study_id = $2 and series_id = $3 and wave = $4 and state = 'accepted'
           and answer is distinct from '${sentBefore}'`,
        [task.graphId, studyKey, seriesKey, task.wave],
      );
      return rows[0]?.accepted ?? 0;
    },
    async accepted(task) {
      const { rows } = await query<AcceptedRow>(
        `${acceptedOf} and one.batch = $2 order by one.study_id, one.series_id, sort_number, one.instance_id`,
        [task.graphId, task.batch],
      );
      return rows.map(acceptedInstance);
    },
    recordConfirmations: (task, confirmations, now) =>
      asOwner(task, (client) =>
        client.query(
          `update deliveries one set confirmation = keys.answer,
             confirmed_at = case when keys.status = 'confirmed' then $2::timestamptz end, missing = keys.status = 'missing'
           from ${unnestedKeys(3, [
             { name: 'source_sha256', type: 'bytea' },
             { name: 'status', type: 'text' },
             { name: 'answer', type: 'text' },
           ])}
           where one.publisher = $1 and ${isKey('one')} and one.source_sha256 = keys.source_sha256`,
          [
            task.publisher,
            now,
            ...keyColumns(confirmations),
            confirmations.map(({ sourceSha256 }) => sourceSha256),
            confirmations.map(({ status }) => status),
            confirmations.map(({ answer }) => answer),
          ],
        ),
      ),
    async *sent(graphId) {
      let after = nothingBefore;
      for (;;) {
        const { rows } = await query<AcceptedRow>(
          `${acceptedOf} and (one.study_id, one.series_id, one.instance_id) > ($2, $3, $4)
           order by one.study_id, one.series_id, one.instance_id limit ${sentAtOnce}`,
          [graphId, ...after],
        );
        for (const row of rows) yield acceptedInstance(row);
        const last = rows.at(-1);
        if (last === undefined || rows.length < sentAtOnce) return;
        after = [last.study_id, last.series_id, last.instance_id];
      }
    },
  };
}

const sentAtOnce = 500;
const nothingBefore = Array.from({ length: 3 }, () => '00000000-0000-0000-0000-000000000000');

interface AcceptedRow extends KeyRow {
  readonly source_sha256: Buffer;
  readonly confirmed_at: Date | null;
  readonly sent_study_instance_uid: string;
  readonly sent_series_instance_uid: string;
  readonly sent_sop_instance_uid: string;
  readonly sop_class_uid: string;
  readonly transfer_syntax_uid: string;
  readonly size: string;
  readonly sha256: Buffer;
}

const acceptedOf = `
  select ${keyAndUids}, one.source_sha256, confirmed_at, sent_study_instance_uid, sent_series_instance_uid,
    sent_sop_instance_uid, sop_class_uid, transfer_syntax_uid, size, sha256
  from publishing_instances one join publishing_graphs graph using (graph_id)
    join deliveries sent on sent.publisher = graph.publisher and sent.study_id = one.study_id
      and sent.series_id = one.series_id and sent.instance_id = one.instance_id and sent.source_sha256 = one.source_sha256
  where one.graph_id = $1 and one.state = 'accepted'`;

function acceptedInstance(row: AcceptedRow): AcceptedInstance {
  return {
    ...keyOf(row),
    sourceSha256: row.source_sha256,
    confirmed: row.confirmed_at !== null,
    sent: {
      studyInstanceUid: row.sent_study_instance_uid,
      seriesInstanceUid: row.sent_series_instance_uid,
      sopInstanceUid: row.sent_sop_instance_uid,
      sopClassUid: row.sop_class_uid,
      transferSyntaxUid: row.transfer_syntax_uid,
      size: Number(row.size),
      sha256: row.sha256.toString('hex'),
    },
  };
}

function keyOf(row: KeyRow): InstanceKey & InstanceTarget {
  return {
    studyKey: row.study_id,
    seriesKey: row.series_id,
    instanceKey: row.instance_id,
    studyInstanceUid: row.study_instance_uid,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
  };
}

type Settled = Exclude<InstanceEnd, { readonly status: 'replaced' }>;

/** Those that have been planned anew meanwhile, in another version, are none of this batch any more. */
async function writeStates(
  client: pg.ClientBase,
  task: ClaimedTask,
  ends: readonly Settled[],
  now: Date,
): Promise<void> {
  const states = { accepted: 'accepted', refused: 'refused', unsendable: 'refused', gone: 'gone', pending: 'selected' };
  await client.query(
    `update publishing_instances one set state = keys.state, answer = keys.answer,
       source_sha256 = coalesce(keys.source_sha256, one.source_sha256)
     from ${unnestedKeys(3, [
       { name: 'state', type: 'text' },
       { name: 'answer', type: 'text' },
       { name: 'source_sha256', type: 'bytea' },
     ])}
     where one.graph_id = $1 and one.batch = $2 and ${isKey('one')}
       -- What was deleted while it left has left.
       and (one.state = 'selected' or one.state = 'gone' and keys.state = 'accepted')`,
    [
      task.graphId,
      task.batch,
      ...keyColumns(ends),
      ends.map(({ status }) => states[status]),
      ends.map(({ answer }) => answer),
      ends.map((end) => ('sourceSha256' in end ? end.sourceSha256 : null)),
    ],
  );
  await client.query(
    `update publishing_tasks set updated_at = $3,
       done = (select count(*) from publishing_instances where graph_id = $1 and batch = $4 and state <> 'selected')
     where task_id = $2`,
    [task.graphId, task.id, now, task.batch],
  );
}
