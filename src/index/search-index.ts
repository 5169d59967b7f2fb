import pg from 'pg';
import type { AttributePath, Condition, Match, QueryLevel } from '../dicom/query.ts';
import { CausewayError } from '../kernel/errors.ts';
import { type ExtendedTag, extendedAttribute } from './extended-tag.ts';
import { type Attributes, indexedAttribute } from './indexed-attributes.ts';
import { persistently } from './postgres-errors.ts';
import { type Unsearchable, unsearchable } from './search-conditions.ts';
import { countSql, pageSql, remainingSql, type SqlStatement } from './search-sql.ts';
import { inTransaction } from './transaction.ts';

/** What the index knows of a match; DICOM JSON is raw deflate. */
export interface FoundEntity {
  readonly study: {
    readonly studyInstanceUid: string;
    /** Patient and study attributes. */
    readonly attributes: Buffer;
    readonly modalities: readonly string[];
    readonly sopClassUids: readonly string[];
    readonly series: number;
    readonly instances: number;
  };
  /** In searches for series and for instances. */
  readonly series?: {
    readonly seriesInstanceUid: string;
    readonly attributes: Buffer;
    readonly instances: number;
  };
  /** In searches for instances; numbers are null where the data set has none. */
  readonly instance?: {
    readonly sopInstanceUid: string;
    readonly sopClassUid: string;
    readonly transferSyntaxUid: string;
    readonly instanceNumber: number | null;
    readonly numberOfFrames: number | null;
    readonly rows: number | null;
    readonly columns: number | null;
    readonly bitsAllocated: number | null;
    /** The whole data set, where it was asked for. */
    readonly metadata?: Buffer;
  };
}

export interface FoundPage {
  readonly found: readonly FoundEntity[];
  /** Whether there are matches behind this page. */
  readonly more: boolean;
}

export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
  /** Of instances, the whole data set. */
  readonly withMetadata: boolean;
}

/** Searches in the rows of the index; `tags` are those that can be asked for besides what every index has. */
export interface SearchIndex {
  /** The first attribute of a condition that no column answers at this level, if there is one. */
  unsearchable(
    condition: Condition,
    level: QueryLevel,
    tags?: readonly ExtendedTag[],
  ): { readonly path: AttributePath; readonly why: Unsearchable } | undefined;
  /**
   * One page, in a stable and total order.
   * @throws CausewayError `timed-out` if Postgres worked on it for too long, `unavailable`
   */
  page(match: Match, request: PageRequest, tags?: readonly ExtendedTag[]): Promise<FoundPage>;
  /** Matches from `offset` on; undefined if there are more than are counted, or if counting took too long. */
  remaining(match: Match, offset: number, tags?: readonly ExtendedTag[]): Promise<number | undefined>;
  /** All matches. @throws CausewayError `timed-out`, `unavailable` */
  count(match: Match, tags?: readonly ExtendedTag[]): Promise<number>;
}

export interface SearchIndexOptions {
  readonly pool: pg.Pool;
  /** How long one search may keep Postgres busy. */
  readonly timeoutMs?: number;
  /** How long counting the matches behind a page may take; the page does without after that. */
  readonly countTimeoutMs?: number;
  /** Matches behind a page that are counted at most. */
  readonly maxCounted?: number;
  /** The same for searches by parts of a text: of these every row has to be read. */
  readonly maxCountedByText?: number;
}

export function createSearchIndex({
  pool,
  timeoutMs = 10_000,
  countTimeoutMs = 1_000,
  maxCounted = 10_000,
  maxCountedByText = 2_000,
}: SearchIndexOptions): SearchIndex {
  return {
    unsearchable: (condition, level, tags) => unsearchable(condition, level, attributesWith(tags)),
    async page(match, { limit, offset, withMetadata }, tags) {
      // One row more tells whether there are any behind.
      const statement = pageSql(match, attributesWith(tags), { limit: limit + 1, offset, withMetadata });
      const rows = await run<Row>(pool, statement, timeoutMs);
      return { found: rows.slice(0, limit).map(entityOf), more: rows.length > limit };
    },
    async count(match, tags) {
      const [row] = await run<{ count: string }>(pool, countSql(match, attributesWith(tags)), timeoutMs);
      return Number(row?.count);
    },
    async remaining(match, offset, tags) {
      const most = match.conditions.some(looksIntoText) ? maxCountedByText : maxCounted;
      try {
        const statement = remainingSql(match, attributesWith(tags), offset, most + 1);
        const [row] = await run<{ remaining: number }>(pool, statement, countTimeoutMs);
        return row !== undefined && row.remaining <= most ? row.remaining : undefined;
      } catch (thrown) {
        if (thrown instanceof CausewayError && thrown.code === 'timed-out') return undefined;
        throw thrown;
      }
    },
  };
}

function attributesWith(tags: readonly ExtendedTag[] = []): Attributes {
  return (tag) => {
    const indexed = indexedAttribute(tag);
    const extended = indexed === undefined ? tags.find(({ path }) => path === tag) : undefined;
    return extended === undefined ? indexed : extendedAttribute(extended);
  };
}

function looksIntoText(condition: Condition): boolean {
  if (condition.kind === 'any') return condition.of.some(looksIntoText);
  return condition.kind === 'wildcard' || condition.kind === 'fuzzy-name' || condition.kind === 'sequence';
}

async function run<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: SqlStatement,
  timeoutMs: number,
): Promise<R[]> {
  return persistently(() =>
    inTransaction(pool, async (client) => {
      await client.query(`set local statement_timeout = ${Math.ceil(timeoutMs)}`);
      try {
        return (await client.query<R>(statement.text, statement.values)).rows;
      } catch (thrown) {
        throw isCancelled(thrown) ? tooLong(timeoutMs, thrown) : thrown;
      }
    }),
  );
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && thrown.code === '57014';
}

function tooLong(timeoutMs: number, cause: unknown): CausewayError {
  return new CausewayError(
    'timed-out',
    `The search took longer than ${timeoutMs / 1_000} s and was stopped: narrow it by a date, or by three letters or more in a row.`,
    { cause, details: { limit: 'searchTimeoutMs' } },
  );
}

interface Row extends pg.QueryResultRow {
  study_instance_uid: string;
  study_attributes: Buffer;
  modalities_in_study: string[];
  sop_classes_in_study: string[];
  number_of_study_related_series: number;
  number_of_study_related_instances: number;
  series_instance_uid?: string;
  series_attributes: Buffer;
  number_of_series_related_instances: number;
  sop_instance_uid?: string;
  sop_class_uid: string;
  transfer_syntax_uid: string;
  instance_number: number | null;
  number_of_frames: number | null;
  rows_of_pixels: number | null;
  columns_of_pixels: number | null;
  bits_allocated: number | null;
  metadata?: Buffer;
}

function entityOf(row: Row): FoundEntity {
  return {
    study: {
      studyInstanceUid: row.study_instance_uid,
      attributes: row.study_attributes,
      modalities: row.modalities_in_study,
      sopClassUids: row.sop_classes_in_study,
      series: row.number_of_study_related_series,
      instances: row.number_of_study_related_instances,
    },
    ...(row.series_instance_uid !== undefined && {
      series: {
        seriesInstanceUid: row.series_instance_uid,
        attributes: row.series_attributes,
        instances: row.number_of_series_related_instances,
      },
    }),
    ...(row.sop_instance_uid !== undefined && {
      instance: {
        sopInstanceUid: row.sop_instance_uid,
        sopClassUid: row.sop_class_uid,
        transferSyntaxUid: row.transfer_syntax_uid,
        instanceNumber: row.instance_number,
        numberOfFrames: row.number_of_frames,
        rows: row.rows_of_pixels,
        columns: row.columns_of_pixels,
        bitsAllocated: row.bits_allocated,
        ...(row.metadata !== undefined && { metadata: row.metadata }),
      },
    }),
  };
}
