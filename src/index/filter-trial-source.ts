import type pg from 'pg';
import type { TimeSpan } from './instance-index.ts';
import { persistently } from './postgres-errors.ts';

/** A study of which something was stored in a time. */
export interface TrialStudy {
  readonly studyId: string;
  readonly studyInstanceUid: string;
  /** DICOM JSON text of patient and study attributes, raw deflate. */
  readonly attributes: Buffer;
  readonly modalities: readonly string[];
}

export interface TrialInstance {
  /** Where the next page begins. */
  readonly bookmark: TrialBookmark;
  /** DICOM JSON text, raw deflate. */
  readonly metadata: Buffer;
  readonly callingAeTitle: string | undefined;
  readonly receivedAt: Date;
}

export interface TrialBookmark {
  readonly seriesId: string;
  readonly instanceId: string;
}

/** What is stored, for a filter to be tried on: a page at a time. */
export interface FilterTrialSource {
  /**
   * Those of the newest instances of the time, the newest first.
   * @returns `all` is false if there are more instances, or more studies among them, than were to be looked at
   */
  studies(
    span: TimeSpan,
    limit: { readonly studies: number; readonly instances: number },
  ): Promise<{ readonly studies: readonly TrialStudy[]; readonly all: boolean }>;
  /** Of a study, what was stored in the time. */
  instances(
    studyId: string,
    span: TimeSpan,
    after: TrialBookmark | undefined,
    limit: number,
  ): Promise<readonly TrialInstance[]>;
}

const nowhere = {
  seriesId: '00000000-0000-0000-0000-000000000000',
  instanceId: '00000000-0000-0000-0000-000000000000',
};

export function createFilterTrialSource(pool: pg.Pool): FilterTrialSource {
  return {
    async studies({ from, before }, limit) {
      const { rows } = await persistently(() =>
        pool.query<TrialStudy & { readonly seen: number }>(
          `with newest as (
             select study_id, created_at from instances
             where ($1::timestamptz is null or created_at >= $1) and ($2::timestamptz is null or created_at < $2)
             order by created_at desc, instance_id desc limit $3
           ), chosen as (
             select study_id, max(created_at) as at from newest group by study_id order by at desc, study_id limit $4
           )
           select study_id as "studyId", study_instance_uid as "studyInstanceUid", attributes,
             modalities_in_study as modalities, (select count(*)::int from newest) as seen
           from chosen join studies using (study_id) order by at desc, study_id`,
          [from ?? null, before ?? null, limit.instances + 1, limit.studies + 1],
        ),
      );
      const seen = rows[0]?.seen ?? 0;
      return { studies: rows.slice(0, limit.studies), all: rows.length <= limit.studies && seen <= limit.instances };
    },
    async instances(studyId, { from, before }, after = nowhere, limit) {
      const { rows } = await persistently(() =>
        pool.query<{
          series_id: string;
          instance_id: string;
          metadata: Buffer;
          calling_ae_title: string | null;
          created_at: Date;
        }>(
          `select series_id, instance_id, metadata, calling_ae_title, created_at from instances
           where study_id = $1 and (series_id, instance_id) > ($2::uuid, $3::uuid)
             and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
           order by series_id, instance_id limit $6`,
          [studyId, after.seriesId, after.instanceId, from ?? null, before ?? null, limit],
        ),
      );
      return rows.map((row) => ({
        bookmark: { seriesId: row.series_id, instanceId: row.instance_id },
        metadata: row.metadata,
        callingAeTitle: row.calling_ae_title ?? undefined,
        receivedAt: row.created_at,
      }));
    },
  };
}
