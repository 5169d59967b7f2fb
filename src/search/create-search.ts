import type { DicomJson } from '../dicom/json-model.ts';
import type { AttributePath, Condition, Match, Query } from '../dicom/query.ts';
import { nameOfPath } from '../dicom/query-attribute.ts';
import type { ExtendedTag } from '../index/extended-tag.ts';
import type { ExtendedTagStore } from '../index/extended-tag-store.ts';
import type { FoundPage, SearchIndex } from '../index/search-index.ts';
import { knownAttributes } from './known-attributes.ts';
import { attributesOfMatch, needsMetadata } from './match-attributes.ts';
import type { StoredSearch } from './search.ts';

export interface SearchOptions {
  readonly index: SearchIndex;
  /** Attributes that an administrator has added; none unless given. */
  readonly extendedTags?: Pick<ExtendedTagStore, 'tags'>;
  /** Bytes of compressed metadata after which a page that needs whole data sets ends early; the rest can be requested. */
  readonly maxMetadataBytes?: number;
  /** Matches in a batch of those that are all wanted. */
  readonly batchMatches?: number;
}

/** Instances whose whole data sets are read at once. */
const instancesWithMetadata = 50;

/**
 * The query engine over the index. Keys that no column answers are left out, and a warning names them: narrowing by
 * them would mean to read everything that is stored.
 */
export function createSearch({
  index,
  extendedTags,
  maxMetadataBytes = 16_777_216,
  batchMatches = 500,
}: SearchOptions): StoredSearch {
  const tagsNow = async () => (await extendedTags?.tags()) ?? [];

  function searchable(
    { level, conditions }: Match,
    tags: readonly ExtendedTag[],
  ): { match: Match; warnings: string[] } {
    const enabled = tags.filter(({ queriesEnabled }) => queriesEnabled);
    const warnings: string[] = unfinished(conditions, enabled);
    const kept: Condition[] = [];
    for (const condition of conditions) {
      const obstacle = index.unsearchable(condition, level, enabled);
      if (obstacle === undefined) kept.push(condition);
      else if (
        tags.some(({ path }) => path === obstacle.path[0]) &&
        !enabled.some(({ path }) => path === obstacle.path[0])
      )
        warnings.push(`${nameOfPath(obstacle.path)} is disabled and was not used to narrow the search`);
      else warnings.push(warningOf(obstacle, level));
    }
    return { match: { level, conditions: kept }, warnings };
  }

  async function pageOf(
    match: Match,
    query: Query,
    tags: readonly ExtendedTag[],
  ): Promise<{ matches: DicomJson[]; remaining: number | undefined; newestStudies?: number | undefined }> {
    const withMetadata = needsMetadata(query);
    const step = withMetadata ? instancesWithMetadata : query.limit;
    const matches: DicomJson[] = [];
    let bytes = 0;
    let page: FoundPage | undefined;
    do {
      const limit = Math.min(step, query.limit - matches.length);
      const place = { limit, offset: query.offset + matches.length, after: page?.last };
      page = await index.page(match, { ...place, withMetadata, mayBePartial: true }, tags);
      for (const entity of page.found) {
        bytes += entity.instance?.metadata?.length ?? 0;
        matches.push(attributesOfMatch(await knownAttributes(entity), query));
      }
    } while (page.more && matches.length < query.limit && bytes < maxMetadataBytes);
    const { more, last, newestStudies, counted } = page;
    if (newestStudies !== undefined) return { matches, remaining: 0, newestStudies };
    if (!more) return { matches, remaining: 0 };
    if (counted !== undefined) return { matches, remaining: counted.remaining };
    if (last !== undefined) return { matches, remaining: await index.remaining(match, last, tags) };
    // None was wanted: a limit of 0 asks how many there are.
    const all = await index.remaining(match, undefined, tags);
    return { matches, remaining: all && Math.max(all - query.offset, 0) };
  }

  return {
    async extendedVrs() {
      return new Map((await tagsNow()).map(({ path, vr }) => [path, vr]));
    },
    async find(query) {
      const tags = await tagsNow();
      const { match, warnings } = searchable(query, tags);
      const { matches, remaining, newestStudies } = await pageOf(match, query, tags);
      if (newestStudies !== undefined) warnings.push(partial(newestStudies));
      if (remaining === undefined) warnings.push('There are more additional results than are counted');
      const asked = new Set(match.conditions.flatMap(tagsOf));
      const erroneous = tags.filter(({ path, hasErrors }) => hasErrors && asked.has(path));
      return { matches, remaining, warnings, erroneousAttributes: erroneous.map(({ path }) => nameOfPath([path])) };
    },
    async *findAll(query) {
      const tags = await tagsNow();
      const { match, warnings } = searchable(query, tags);
      const withMetadata = needsMetadata(query);
      const limit = withMetadata ? instancesWithMetadata : batchMatches;
      let offset = 0;
      let page: FoundPage | undefined;
      do {
        page = await index.page(match, { limit, offset, after: page?.last, withMetadata }, tags);
        const matches: DicomJson[] = [];
        for (const entity of page.found) matches.push(attributesOfMatch(await knownAttributes(entity), query));
        yield { matches, warnings };
        offset += page.found.length;
      } while (page.more);
    },
    async count(asked) {
      const tags = await tagsNow();
      const { match, warnings } = searchable(asked, tags);
      return { count: await index.count(match, tags), warnings };
    },
    async totals(ofEach) {
      const tags = await tagsNow();
      const matches = ofEach.map((conditions) => searchable({ level: 'study', conditions }, tags).match.conditions);
      return index.totals(matches, tags);
    },
  };
}

/** Whoever searches by a tag whose values are still being read learns that matches may be missing. */
function unfinished(conditions: readonly Condition[], tags: readonly ExtendedTag[]): string[] {
  const asked = new Set(conditions.flatMap(tagsOf));
  return tags
    .filter(({ path, percentComplete }) => percentComplete < 100 && asked.has(path))
    .map(
      ({ path, percentComplete }) =>
        `${nameOfPath([path])} is still being indexed (${percentComplete} %): matches may be missing`,
    );
}

function tagsOf(condition: Condition): string[] {
  if (condition.kind === 'any') return condition.of.flatMap(tagsOf);
  return condition.kind === 'combined-range' ? [condition.datePath[0], condition.timePath[0]] : [condition.path[0]];
}

function partial(newestStudies: number): string {
  return `The search takes too long: only the newest ${newestStudies} studies were looked at. Narrow it by a date, or by three letters or more in a row`;
}

function warningOf({ path, why }: { path: AttributePath; why: string }, level: Query['level']): string {
  const name = nameOfPath(path);
  return why === 'not-indexed'
    ? `${name} is not indexed and was not used to narrow the search`
    : `${name} lies below the level of the search and was not used to narrow the search for ${plural[level]}`;
}

const plural = { study: 'studies', series: 'series', instance: 'instances' } as const;
