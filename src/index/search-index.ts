import type pg from 'pg';
import type { AttributePath, Condition, Match, QueryLevel } from '../dicom/query.ts';
import { CausewayError } from '../kernel/errors.ts';
import { countedByDay, dayAtSql } from './day-counts.ts';
import { type ExtendedTag, extendedAttribute } from './extended-tag.ts';
import { type FoundEntity, foundEntity, type PageRow } from './found-entity.ts';
import { indexAnswers } from './index-answers.ts';
import { type Attributes, indexedAttribute } from './indexed-attributes.ts';
import { createPageBookmarks } from './page-bookmarks.ts';
import { type Unsearchable, unsearchable } from './search-conditions.ts';
import { type PageKey, pageKeyOf, stretchesAfter, stretchesFrom } from './search-order.ts';
import { beyondWindowSql, countSql, pageSql, remainingSql, type StudyWindow, totalsSql } from './search-sql.ts';
import { timedQueries, timedQuery } from './timed-query.ts';

export interface FoundPage {
  readonly found: readonly FoundEntity[];
  /** Whether there are matches behind this page. */
  readonly more: boolean;
  /** Of the last match of the page: what comes behind it is the next page. Undefined if the page is empty. */
  readonly last: PageKey | undefined;
  /** Looking at everything took too long: only so many of the newest studies were looked at. */
  readonly newestStudies?: number;
  /** Of matches behind this page, where they were counted on the way: undefined if there are more than are counted. */
  readonly counted?: { readonly remaining: number | undefined };
}

export interface PageRequest {
  readonly limit: number;
  /** Matches to pass over. */
  readonly offset: number;
  /** Of the match in front of `offset`, where it is known: nothing need be passed over then. */
  readonly after?: PageKey | undefined;
  /** Of instances, the whole data set. */
  readonly withMetadata: boolean;
  /** A part of the answer is better than none. */
  readonly mayBePartial?: boolean;
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
  /** Matches behind a row, or all; undefined if there are more than are counted, or if counting took too long. */
  remaining(match: Match, after: PageKey | undefined, tags?: readonly ExtendedTag[]): Promise<number | undefined>;
  /** All matches. @throws CausewayError `timed-out`, `unavailable` */
  count(match: Match, tags?: readonly ExtendedTag[]): Promise<number>;
  /**
   * What there is of the studies that meet each of several lists of conditions, in the order given, by one statement.
   * @throws CausewayError `timed-out`, `unavailable`
   */
  totals(ofEach: readonly (readonly Condition[])[], tags?: readonly ExtendedTag[]): Promise<Totals[]>;
}

/** How many studies, series and instances there are. */
export type Totals = Readonly<Record<QueryLevel, number>>;

export interface SearchIndexOptions {
  readonly pool: pg.Pool;
  /** How long one search may keep Postgres busy. */
  readonly timeoutMs?: number;
  /** The same for one that may be answered in part. */
  readonly partialAfterMs?: number;
  /** Studies that are looked at for a partial answer: fewer where what lies below each is looked at, too. */
  readonly newestStudies?: Readonly<Record<QueryLevel, number>>;
  /** How long counting the matches behind a page may take; the page does without after that. */
  readonly countTimeoutMs?: number;
  /** Matches behind a page that are counted at most. */
  readonly maxCounted?: number;
  /** The same for searches by parts of a text: of these every row has to be read. */
  readonly maxCountedByText?: number;
  /** Pages from here on go on where the page before ended, or where counts of days say that they begin. */
  readonly farOffset?: number;
}

const bookmarkMs = 300_000;

export function createSearchIndex({
  pool,
  timeoutMs = 10_000,
  partialAfterMs = 1_000,
  newestStudies = { study: 20_000, series: 2_000, instance: 200 },
  countTimeoutMs = 250,
  maxCounted = 1_000,
  maxCountedByText = 200,
  farOffset = 1_000,
}: SearchIndexOptions): SearchIndex {
  const bookmarks = createPageBookmarks({ fromOffset: farOffset, maxAgeMs: bookmarkMs });

  /** One row more than a page has tells whether there are any behind. */
  async function rowsOf(match: Match, attributes: Attributes, request: PageRequest): Promise<PageRow[]> {
    const { limit, offset, withMetadata, mayBePartial = false } = request;
    const after = request.after ?? bookmarks.find(match, offset);
    const most = mayBePartial ? partialAfterMs : timeoutMs;
    if (after === undefined) {
      const ofDay = await rowsByDay(match, attributes, request, most);
      if (ofDay !== undefined) return ofDay;
      // All of them are told one page after the other when none may be left out: nobody asks how many are left.
      const countBehind = mayBePartial ? countedOnTheWay(match) : 0;
      return timedQuery(
        pool,
        pageSql(match, attributes, { limit: limit + 1, offset, withMetadata, countBehind }),
        most,
      );
    }
    const rows: PageRow[] = [];
    for (const stretch of stretchesAfter(after)) {
      const place = { limit: limit + 1 - rows.length, offset: 0, withMetadata, start: { key: after, stretch } };
      rows.push(...(await timedQuery<PageRow>(pool, pageSql(match, attributes, place), most)));
      if (rows.length > limit) break;
    }
    return rows;
  }

  /** Where an index finds the parts of a text, all its matches are read before they are sorted: those behind the page need not be read again. */
  function countedOnTheWay({ level, conditions }: Match): number {
    const isFound = (condition: Condition) => looksIntoText(condition) && indexAnswers(condition);
    return level === 'study' && conditions.some(isFound) ? maxCountedByText : 0;
  }

  /** A page far behind, where the counts of days tell how much lies before it; undefined where they do not. */
  async function rowsByDay(
    match: Match,
    attributes: Attributes,
    { limit, offset, withMetadata }: PageRequest,
    most: number,
  ): Promise<PageRow[] | undefined> {
    const counted = offset < farOffset ? undefined : countedByDay(match);
    if (counted === undefined) return undefined;
    // Counts and rows of one moment: else a study that comes in between would push one over.
    return timedQueries(pool, most, async (ask) => {
      const [place] = await ask<{ study_date: string; passed: number }>(dayAtSql(counted, offset));
      if (place === undefined) return [];
      const { study_date: day, passed } = place;
      const rows: PageRow[] = [];
      let left = offset - passed;
      for (const stretch of stretchesFrom(day)) {
        const page = { limit: limit + 1 - rows.length, offset: left, withMetadata, start: { day, stretch } };
        rows.push(...(await ask<PageRow>(pageSql(match, attributes, page))));
        if (rows.length > limit) break;
        // The match that is asked for is of that day: nothing is left to be passed over among those without one.
        left = 0;
      }
      return rows;
    });
  }

  /** Viewers ask for one match more than they show, so that their next page begins with the last match of this one. */
  function keepBookmarks(match: Match, { offset, limit }: PageRequest, rows: readonly PageRow[]): void {
    if (rows.length <= limit) return;
    for (const next of [offset + limit - 1, offset + limit]) {
      const row = rows[next - offset - 1];
      if (row !== undefined) bookmarks.keep(match, next, pageKeyOf(match.level, row));
    }
  }

  async function partialPage(
    match: Match,
    attributes: Attributes,
    { limit, offset, withMetadata }: PageRequest,
  ): Promise<FoundPage> {
    const window: StudyWindow = {
      studies: newestStudies[match.level],
      conditions: match.conditions.filter(indexAnswers),
    };
    const statement = pageSql(match, attributes, { limit: limit + 1, offset, withMetadata, window });
    const page = pageOf(match, await timedQuery<PageRow>(pool, statement, timeoutMs), limit);
    if (page.more) return page;
    const [beyond] = await timedQuery<{ more: boolean }>(pool, beyondWindowSql(window, attributes), timeoutMs);
    return beyond?.more ? { ...page, newestStudies: window.studies } : page;
  }

  return {
    unsearchable: (condition, level, tags) => unsearchable(condition, level, attributesWith(tags)),
    async page(match, request, tags) {
      const attributes = attributesWith(tags);
      try {
        const rows = await rowsOf(match, attributes, request);
        keepBookmarks(match, request, rows);
        const page = pageOf(match, rows, request.limit);
        const matched = rows[0]?.matched;
        if (matched === undefined) return page;
        const remaining = Math.max(matched - request.limit, 0);
        return { ...page, counted: { remaining: remaining > maxCountedByText ? undefined : remaining } };
      } catch (thrown) {
        if (!request.mayBePartial || !isTimeout(thrown)) throw thrown;
        return partialPage(match, attributes, request);
      }
    },
    async count(match, tags) {
      const [row] = await timedQuery<{ count: string }>(pool, countSql(match, attributesWith(tags)), timeoutMs);
      return Number(row?.count);
    },
    async totals(ofEach, tags) {
      if (ofEach.length === 0) return [];
      const statement = totalsSql(ofEach, attributesWith(tags));
      const rows = await timedQuery<Record<QueryLevel, string>>(pool, statement, timeoutMs);
      return rows.map((row) => ({
        study: Number(row.study),
        series: Number(row.series),
        instance: Number(row.instance),
      }));
    },
    async remaining(match, after, tags) {
      const most = match.conditions.some(looksIntoText) ? maxCountedByText : maxCounted;
      let remaining = 0;
      try {
        const places =
          after === undefined ? [undefined] : stretchesAfter(after).map((stretch) => ({ key: after, stretch }));
        for (const place of places) {
          const statement = remainingSql(match, attributesWith(tags), place, most + 1 - remaining);
          const [row] = await timedQuery<{ remaining: number }>(pool, statement, countTimeoutMs);
          remaining += row?.remaining ?? 0;
          if (remaining > most) return undefined;
        }
        return remaining;
      } catch (thrown) {
        if (isTimeout(thrown)) return undefined;
        throw thrown;
      }
    },
  };
}

function pageOf({ level }: Match, rows: readonly PageRow[], limit: number): FoundPage {
  const found = rows.slice(0, limit);
  const last = found.at(-1);
  return {
    found: found.map(foundEntity),
    more: rows.length > limit,
    last: last && pageKeyOf(level, last),
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

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof CausewayError && thrown.code === 'timed-out';
}
