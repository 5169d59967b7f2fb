import type pg from 'pg';
import { persistently } from './postgres-errors.ts';
import { nilKey, uidKey } from './uid-key.ts';

/** A row of the ledger. */
export interface Delivery {
  readonly publisher: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Whether what left is what is stored now. */
  readonly current: boolean;
  readonly status: 'accepted' | 'refused';
  readonly answer: string;
  readonly sentAt: Date;
  readonly sent: {
    readonly sopInstanceUid: string;
    readonly transferSyntaxUid: string;
    readonly size: number;
    /** Lower-case hexadecimal. */
    readonly sha256: string;
  };
  readonly confirmedAt: Date | undefined;
  readonly confirmation: string | undefined;
  readonly graphId: string;
}

/** Numbers of instances of a study and a publisher, those among them that have left and are deleted here since. */
export interface DeliverySummary {
  readonly publisher: string;
  /** That are stored. */
  readonly here: number;
  /** That were to go there. */
  readonly selected: number;
  /** Of these, that are still under way, or not there for good. */
  readonly underWay: number;
  readonly failed: number;
  readonly excluded: number;
  /** Of those that did not come from a publisher, those that nobody has decided on: neither selected nor excluded. */
  readonly unplanned: number;
  /** Whether something has arrived that is to be planned. */
  readonly arriving: boolean;
  /** In the version that is stored, or the last that has left. */
  readonly sent: number;
  readonly accepted: number;
  /** Of the accepted, those that the receiver says it has, and those that it says it does not. */
  readonly confirmed: number;
  readonly denied: number;
  /** Of the accepted, those of which it has something that it may have had before: this, or something else. They are in neither of the others. */
  readonly inDoubt: number;
}

/** Who has to have confirmed something. */
export interface NeededProof {
  readonly publisher: string;
  /** Fingerprint of the place that it leads to now; undefined if it leads nowhere: then nothing is proven. */
  readonly place: string | undefined;
}

/** An instance whose delivery is proven. */
export interface ProvenInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Of the stored file: another version is not proven. */
  readonly sha256: Buffer;
  /** Those that were stored later are behind it. */
  readonly position: ProvenPosition;
}

interface ProvenPosition {
  readonly at: string;
  readonly id: string;
}

/** An instance that a filter did not let through the last time that it was asked. */
export interface ExcludedInstance {
  readonly metadata: Buffer;
  readonly callingAeTitle: string | undefined;
  readonly receivedAt: Date;
  /** Asked instead of the filters of site and publisher. */
  readonly expression: string | undefined;
}

/** One series of a study, or one instance. */
export interface PartOfStudy {
  readonly seriesInstanceUid?: string;
  readonly sopInstanceUid?: string;
}

/** What left, and what became of it. */
export interface DeliveryLedger {
  /** Of a study, by publisher: those that have something of it, or are named. */
  summaries(studyInstanceUid: string, publishers: readonly string[]): Promise<readonly DeliverySummary[]>;
  /** By publisher, series and instance. @param part all of the study, unless given */
  rows(
    studyInstanceUid: string,
    publisher: string | undefined,
    page: { readonly limit: number; readonly offset: number },
    part?: PartOfStudy,
  ): Promise<{ readonly items: readonly Delivery[]; readonly total: number }>;
  /** The first so many of a study. */
  excluded(studyInstanceUid: string, publisher: string, limit: number): Promise<readonly ExcludedInstance[]>;
  /**
   * Stored before that time, and confirmed by each of the publishers as it is stored: at the place that it leads to now, under
   * its own UIDs, and never in another version, with nothing still to be sent and no results still to come; the oldest first, after a position.
   */
  proven(
    needed: readonly NeededProof[],
    storedBefore: Date,
    limit: number,
    after?: ProvenPosition,
  ): Promise<readonly ProvenInstance[]>;
}

interface DeliveryRow {
  readonly publisher: string;
  readonly series_instance_uid: string;
  readonly sop_instance_uid: string;
  readonly current: boolean;
  readonly status: 'accepted' | 'refused';
  readonly answer: string;
  readonly sent_at: Date;
  readonly sent_sop_instance_uid: string;
  readonly transfer_syntax_uid: string;
  readonly size: string;
  readonly sha256: Buffer;
  readonly confirmed_at: Date | null;
  readonly confirmation: string | null;
  readonly graph_id: string;
}

interface SummaryRow {
  readonly publisher: string;
  readonly here: number;
  readonly selected: number;
  readonly under_way: number;
  readonly failed: number;
  readonly excluded: number;
  readonly unplanned: number;
  readonly arriving: boolean;
  readonly sent: number;
  readonly accepted: number;
  readonly confirmed: number;
  readonly denied: number;
  readonly in_doubt: number;
}

/** With what the answer ends of something that was there already when it came. */
export const mayBeThere = ', which may have been sent to it before its answer was lost';
/** With what the answer ends of something that is found there, and may have been there before. */
export const mayBeOther = ', or something else under its UID';

export function createDeliveryLedger(pool: pg.Pool): DeliveryLedger {
  const query = <R extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
    persistently(() => pool.query<R>(text, [...values]));

  return {
    async summaries(studyInstanceUid, publishers) {
      const { rows } = await query<SummaryRow>(
        `with here as (
           select series_id, instance_id, sha256, door from instances where study_id = $1
         ), planned as (
           select publisher, series_id, instance_id,
             (array_agg(state order by one.graph_id desc))[1] as state, bool_or(state <> 'excluded') as selected
           from publishing_instances one join publishing_graphs using (graph_id)
           where study_id = $1 group by publisher, series_id, instance_id
         ), sent as (
           select distinct on (publisher, series_id, instance_id) publisher, series_id, instance_id, status, confirmed_at, missing,
             -- What was taken in another form is in doubt as well, but there.
             status = 'accepted' and in_doubt and not missing
               and (answer like '%${mayBeThere}' or answer like '%${mayBeOther}') as in_doubt
           from deliveries left join here using (series_id, instance_id)
           where study_id = $1 and (here.sha256 is null or here.sha256 = source_sha256)
           order by publisher, series_id, instance_id, sent_at desc
         ), subjects as (
           select publisher, series_id, instance_id from unnest($2::text[]) as publisher, here
           union select publisher, series_id, instance_id from here, (
             select publisher from planned union select publisher from deliveries where study_id = $1) others
           union select publisher, series_id, instance_id from planned
           union select publisher, series_id, instance_id from sent
         ), names as (
           select unnest($2::text[]) as publisher union select publisher from subjects
         )
         select names.publisher, count(here.sha256)::int as here,
           -- What was deleted here before it was sent was to go nowhere any more.
           count(*) filter (where sent.status is not null or here.sha256 is not null and planned.selected)::int as selected,
           count(*) filter (where planned.state in ('new', 'selected'))::int as under_way,
           count(*) filter (where planned.state = 'refused' and (here.sha256 is not null or sent.status is not null)
             and (sent.status is distinct from 'accepted' or sent.missing))::int as failed,
           count(*) filter (where planned.state = 'excluded' and not planned.selected and here.sha256 is not null)::int as excluded,
           count(*) filter (where here.door <> 'publisher' and planned.state is null and sent.status is null)::int as unplanned,
           exists (select from arrivals where arrivals.publisher = names.publisher and arrivals.study_id = $1) as arriving,
           count(sent.status)::int as sent,
           count(*) filter (where sent.status = 'accepted')::int as accepted,
           count(*) filter (where sent.status = 'accepted' and sent.confirmed_at is not null and not sent.in_doubt)::int as confirmed,
           count(*) filter (where sent.status = 'accepted' and sent.missing)::int as denied,
           count(*) filter (where sent.in_doubt)::int as in_doubt
         from names left join subjects on subjects.publisher = names.publisher
           left join here on here.series_id = subjects.series_id and here.instance_id = subjects.instance_id
           left join planned on planned.publisher = names.publisher and planned.series_id = subjects.series_id
             and planned.instance_id = subjects.instance_id
           left join sent on sent.publisher = names.publisher and sent.series_id = subjects.series_id
             and sent.instance_id = subjects.instance_id
         group by names.publisher order by names.publisher`,
        [uidKey(studyInstanceUid), publishers],
      );
      return rows.map(({ under_way: underWay, in_doubt: inDoubt, ...rest }) => ({ ...rest, underWay, inDoubt }));
    },
    async rows(
      studyInstanceUid,
      publisher,
      { limit, offset },
      { seriesInstanceUid: series, sopInstanceUid: instance } = {},
    ) {
      const keyOf = (uid: string | undefined) => (uid === undefined ? null : uidKey(uid));
      const values = [uidKey(studyInstanceUid), publisher ?? null, keyOf(series), keyOf(instance)];
      const where = `deliveries.study_id = $1 and ($2::text is null or publisher = $2)
        and ($3::uuid is null or deliveries.series_id = $3) and ($4::uuid is null or deliveries.instance_id = $4)`;
      const [items, total] = await Promise.all([
        query<DeliveryRow>(
          `select publisher, deliveries.series_instance_uid, deliveries.sop_instance_uid, status, answer, sent_at,
             sent_sop_instance_uid, deliveries.transfer_syntax_uid, deliveries.size, deliveries.sha256, confirmed_at,
             confirmation, graph_id, coalesce(instances.sha256 = source_sha256, false) as current
           from deliveries left join instances using (study_id, series_id, instance_id)
           where ${where}
           order by publisher, deliveries.series_id, deliveries.instance_id, sent_at limit $5 offset $6`,
          [...values, limit, offset],
        ),
        query<{ count: string }>(`select count(*) from deliveries where ${where}`, values),
      ]);
      return { items: items.rows.map(deliveryOf), total: Number(total.rows[0]?.count) };
    },
    async excluded(studyInstanceUid, publisher, limit) {
      const { rows } = await query<{
        metadata: Buffer;
        calling_ae_title: string | null;
        created_at: Date;
        expression: string | null;
      }>(
        `select metadata, calling_ae_title, instances.created_at, expression
         from publishing_instances one join publishing_graphs graph using (graph_id)
           join instances using (study_id, series_id, instance_id)
         where one.study_id = $1 and graph.publisher = $2 and state = 'excluded'
           and not exists (
             select from publishing_instances later join publishing_graphs on publishing_graphs.graph_id = later.graph_id
             where later.study_id = $1 and later.series_id = one.series_id and later.instance_id = one.instance_id
               and publishing_graphs.publisher = $2 and (later.graph_id > one.graph_id or later.state <> 'excluded'))
         order by one.series_id, one.sort_number, one.instance_id limit $3`,
        [uidKey(studyInstanceUid), publisher, limit],
      );
      return rows.map((row) => ({
        metadata: row.metadata,
        callingAeTitle: row.calling_ae_title ?? undefined,
        receivedAt: row.created_at,
        expression: row.expression ?? undefined,
      }));
    },
    async proven(needed, storedBefore, limit, after) {
      const { rows } = await query<
        { study: string; series: string; instance: string; sha256: Buffer } & ProvenPosition
      >(
        `select studies.study_instance_uid as study, series.series_instance_uid as series,
           instances.sop_instance_uid as instance, instances.sha256, instances.created_at::text as at, instances.instance_id as id
         from instances join series using (study_id, series_id) join studies using (study_id)
         where instances.created_at < $2 and (instances.created_at, instances.instance_id) > ($4::timestamptz, $5::uuid)
           and not exists (
             select from unnest($1::text[], $6::text[]) as needed (publisher, place)
             where not exists (
               select from deliveries proof
               where proof.study_id = instances.study_id and proof.series_id = instances.series_id
                 and proof.instance_id = instances.instance_id and proof.publisher = needed.publisher
                 -- Of what left before places were written down nobody knows: see 0033.
                 and (proof.place = needed.place or proof.place is null and needed.place is not null)
                 and proof.source_sha256 = instances.sha256 and proof.status = 'accepted'
                 and proof.confirmed_at is not null and not proof.in_doubt
                 and proof.sent_sop_instance_uid = instances.sop_instance_uid
                 and proof.sent_study_instance_uid = studies.study_instance_uid
                 -- Receivers confirm that something is there under the UID, which may be another version.
                 and not exists (
                   select from deliveries other
                   where other.study_id = proof.study_id and other.series_id = proof.series_id
                     and other.instance_id = proof.instance_id and other.publisher = proof.publisher
                     and other.source_sha256 <> proof.source_sha256 and other.status = 'accepted')))
           and not exists (
             select from publishing_instances one
             where one.study_id = instances.study_id and one.series_id = instances.series_id
               and one.instance_id = instances.instance_id and one.state in ('new', 'selected'))
           -- What comes back finds its subject, and its patient, by what is here.
           and not exists (
             select from publishing_instances one join publishing_tasks asking on asking.graph_id = one.graph_id
             where one.study_id = instances.study_id and one.series_id = instances.series_id
               and one.instance_id = instances.instance_id and asking.type = 'results' and asking.status = 'INITIAL')
           and not exists (
             select from arrivals
             where arrivals.study_id = instances.study_id and arrivals.series_id = instances.series_id)
         order by instances.created_at, instances.instance_id limit $3`,
        [
          needed.map(({ publisher }) => publisher),
          storedBefore,
          limit,
          after?.at ?? '-infinity',
          after?.id ?? nilKey,
          needed.map(({ place }) => place ?? null),
        ],
      );
      return rows.map((row) => ({
        studyInstanceUid: row.study,
        seriesInstanceUid: row.series,
        sopInstanceUid: row.instance,
        sha256: row.sha256,
        position: { at: row.at, id: row.id },
      }));
    },
  };
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    publisher: row.publisher,
    seriesInstanceUid: row.series_instance_uid,
    sopInstanceUid: row.sop_instance_uid,
    current: row.current,
    status: row.status,
    answer: row.answer,
    sentAt: row.sent_at,
    sent: {
      sopInstanceUid: row.sent_sop_instance_uid,
      transferSyntaxUid: row.transfer_syntax_uid,
      size: Number(row.size),
      sha256: row.sha256.toString('hex'),
    },
    confirmedAt: row.confirmed_at ?? undefined,
    confirmation: row.confirmation ?? undefined,
    graphId: row.graph_id,
  };
}
