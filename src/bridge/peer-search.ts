import { pathsOf } from '../dicom/condition-paths.ts';
import { findIdentifier } from '../dicom/find-identifier.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { textValues } from '../dicom/match-values.ts';
import { matches } from '../dicom/matches.ts';
import type { Condition, Query } from '../dicom/query.ts';
import { defaultAttributes } from '../dicom/query-defaults.ts';
import { levelOf } from '../dicom/query-levels.ts';
import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RemoteMatch } from '../dimse/scu/find.ts';
import type { Log } from '../kernel/log.ts';
import { attributesOfMatch, creatorOf } from '../search/match-attributes.ts';
import type { Search } from '../search/search.ts';

export interface PeerSearchOptions {
  readonly scu: Pick<Scu, 'find' | 'takesRelationalQueries'>;
  readonly peer: CalledPeer;
  readonly log: Log;
}

type Asked = Omit<Query, 'limit' | 'offset'>;

const studyInstanceUid = '0020000D';
const seriesInstanceUid = '0020000E';
const patientId = '00100020';
const batchMatches = 100;
/** So many studies, or series of one, are asked on about. */
const maxAbove = 10_000;
const namesItsWay = 'The archive compares names in its own way: those that it writes with other letters may be missing';
const tooManyAbove = `More than ${maxAbove} studies match, or series of one: what lies in the others is not told`;
const notEveryKey = 'The archive did not look at every key: there may be matches that do not match all of them';

/**
 * Searches what a peer has, by C-FIND. The peer decides how it matches and in which order it answers; it cannot page, so
 * that a later page costs as much as all before it, and what lies behind a page is not counted.
 */
export function createPeerSearch({ scu, peer, log }: PeerSearchOptions): Search {
  let relational: Promise<boolean> | undefined;
  function takesRelational(): Promise<boolean> {
    relational ??= scu.takesRelationalQueries(peer, log).catch((thrown: unknown) => {
      relational = undefined;
      throw thrown;
    });
    return relational;
  }

  /**
   * @param warn told in words why there may be other matches
   * @param known what is above all of them, which they tell, too
   */
  async function* remoteMatches(
    query: Asked,
    warn: (words: string) => void,
    known?: RemoteMatch,
  ): AsyncGenerator<RemoteMatch, void, void> {
    for await (const { asked, above } of levelByLevel(query, warn, known)) {
      const { identifier, unexpressed } = findIdentifier(asked);
      for await (const match of scu.find(peer, identifier, log, patientOf(above))) {
        const told = unexpressed.filter((condition) => isTold(match.identifier, condition));
        if (!matches(match.identifier, { conditions: told })) continue;
        const isComplete = match.complete && told.length === unexpressed.length;
        yield { identifier: joined(above.identifier, match.identifier), complete: above.complete && isComplete };
      }
    }
  }

  /**
   * Archives need not take a query that names no unique key of the levels above (PS3.4 §C.4.1.2.1): where that of the series
   * is missing, or that of the study and there is something to tell studies by, what is above is asked for first, by the
   * keys of its own level. What has no such keys is asked for as it is, rather than study by study.
   */
  async function* levelByLevel(
    query: Asked,
    warn: (words: string) => void,
    above = nothingAbove,
  ): AsyncGenerator<PartOfQuery, void, void> {
    const level = await levelToAskFirst(query);
    if (level === undefined) {
      yield { asked: query, above };
      return;
    }
    const isAbove = (condition: Condition) => levelNumber(condition) <= levelNumbers[level];
    const include = query.include === 'all' ? query.include : query.include.filter(([tag]) => isToldAt(tag, level));
    const found: RemoteMatch[] = [];
    const first: Asked = { level, conditions: query.conditions.filter(isAbove), include };
    // All of them, before any is asked on: who keeps one association waiting for another may wait for itself.
    for await (const match of remoteMatches(first, warn, above)) {
      if (found.length === maxAbove) {
        warn(tooManyAbove);
        break;
      }
      found.push({ ...match, identifier: keptOf(match.identifier, query) });
    }
    const rest = query.conditions.filter((condition) => isUid(condition, studyInstanceUid) || !isAbove(condition));
    for (const match of found) {
      const tag = uniqueKeys[level];
      const [value] = textValues(match.identifier[tag]);
      if (value === undefined) continue;
      const conditions: Condition[] = [...rest, { kind: 'single', path: [tag], vr: 'UI', value }];
      const identifier = joined(above.identifier, match.identifier);
      yield* levelByLevel({ ...query, conditions }, warn, { identifier, complete: above.complete && match.complete });
    }
  }

  async function levelToAskFirst({ level, conditions }: Asked): Promise<'study' | 'series' | undefined> {
    const has = (tag: string) => conditions.some((one) => isUid(one, tag));
    if (level === 'study') return undefined;
    if (has(studyInstanceUid)) return level === 'instance' && !has(seriesInstanceUid) ? 'series' : undefined;
    const isOfStudies = conditions.some((condition) => levelNumber(condition) <= levelNumbers.study);
    return isOfStudies && !(await takesRelational()) ? 'study' : undefined;
  }

  return {
    extendedVrs: async () => new Map(),
    async find(query) {
      const found: DicomJson[] = [];
      const warnings = new Set<string>();
      let passed = 0;
      let more = false;
      if (asksForPart(query)) warnings.add(namesItsWay);
      for await (const { identifier, complete } of remoteMatches(query, (words) => warnings.add(words))) {
        if (!complete) warnings.add(notEveryKey);
        passed += 1;
        if (passed <= query.offset) continue;
        more = found.length === query.limit;
        if (more) break;
        found.push(attributesOfMatch(identifier, query));
      }
      if (more) warnings.add('There are more additional results than are counted');
      return { matches: found, remaining: more ? undefined : 0, warnings: [...warnings] };
    },
    async *findAll(query) {
      const warnings = new Set<string>();
      let batch: DicomJson[] = [];
      for await (const { identifier } of remoteMatches(query, (words) => warnings.add(words))) {
        batch.push(attributesOfMatch(identifier, query));
        if (batch.length < batchMatches) continue;
        yield { matches: batch, warnings: [...warnings] };
        batch = [];
      }
      yield { matches: batch, warnings: [...warnings] };
    },
    async count(match) {
      const warnings = new Set<string>();
      let count = 0;
      for await (const { complete } of remoteMatches({ ...match, include: [] }, (words) => warnings.add(words))) {
        count += 1;
        if (!complete) warnings.add(notEveryKey);
      }
      return { count, warnings: [...warnings] };
    },
  };
}

interface PartOfQuery {
  readonly asked: Asked;
  /** What matched above. */
  readonly above: RemoteMatch;
}

const nothingAbove: RemoteMatch = { identifier: {}, complete: true };
const uniqueKeys = { study: studyInstanceUid, series: seriesInstanceUid } as const;
const levelNumbers = { patient: 0, study: 0, series: 1, instance: 2 } as const;

/** Of what is above, as much as is needed later: there may be many, and an archive may tell much of each. */
function keptOf(identifier: DicomJson, { level, include }: Asked): DicomJson {
  if (include === 'all') return identifier;
  const told = [
    studyInstanceUid,
    seriesInstanceUid,
    patientId,
    ...defaultAttributes[level],
    ...include.map(([tag]) => tag),
  ];
  // A private attribute brings its creator.
  const kept = new Set(told.flatMap((tag) => [tag, creatorOf(tag) ?? tag]));
  return Object.fromEntries(Object.entries(identifier).filter(([tag]) => kept.has(tag)));
}

/** Whose study it is, where a match above has told it. */
function patientOf({ identifier }: RemoteMatch): string | undefined {
  const [value] = textValues(identifier[patientId]);
  return value === '' ? undefined : value;
}

/** The lowest level that a condition is about, the study's being 0. */
function levelNumber(condition: Condition): number {
  return Math.max(...pathsOf(condition).map(([tag]) => levelNumbers[levelOf(tag)]));
}

function isToldAt(tag: string, level: 'study' | 'series'): boolean {
  return levelNumbers[levelOf(tag)] <= levelNumbers[level];
}

/** What a match tells, and what those above it tell besides. */
function joined(above: DicomJson, match: DicomJson): DicomJson {
  const told = Object.entries(match).filter(([tag, { Value }]) => Value !== undefined || above[tag] === undefined);
  return { ...above, ...Object.fromEntries(told) };
}

function isUid(condition: Condition, tag: string): boolean {
  return condition.kind === 'single' && condition.path.length === 1 && condition.path[0] === tag;
}

/** Whether the match tells what the condition is about: an archive leaves out what it does not keep. */
function isTold(identifier: DicomJson, condition: Condition): boolean {
  switch (condition.kind) {
    case 'any':
      return condition.of.every((one) => isTold(identifier, one));
    case 'combined-range':
      return identifier[condition.datePath[0]] !== undefined && identifier[condition.timePath[0]] !== undefined;
    default:
      return identifier[condition.path[0]] !== undefined;
  }
}

/** Whether the archive is asked for a part of a name rather than for all names. */
function asksForPart(query: Asked): boolean {
  const { identifier } = findIdentifier(query);
  return query.conditions.some(
    (condition) => condition.kind === 'fuzzy-name' && identifier[condition.path[0]]?.Value !== undefined,
  );
}
