import { findIdentifier } from '../dicom/find-identifier.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { textValues } from '../dicom/match-values.ts';
import { matches } from '../dicom/matches.ts';
import type { Condition, Query } from '../dicom/query.ts';
import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { RemoteMatch } from '../dimse/scu/find.ts';
import type { Log } from '../kernel/log.ts';
import { attributesOfMatch } from '../search/match-attributes.ts';
import type { Search } from '../search/search.ts';

export interface PeerSearchOptions {
  readonly scu: Pick<Scu, 'find'>;
  readonly peer: CalledPeer;
  readonly log: Log;
}

type Asked = Omit<Query, 'limit' | 'offset'>;

const studyInstanceUid = '0020000D';
const seriesInstanceUid = '0020000E';
const batchMatches = 100;
const namesItsWay = 'The archive compares names in its own way: those that it writes with other letters may be missing';
const notEveryKey = 'The archive did not look at every key: there may be matches that do not match all of them';

/**
 * Searches what a peer has, by C-FIND. The peer decides how it matches and in which order it answers; it cannot page, so
 * that a later page costs as much as all before it, and what lies behind a page is not counted.
 */
export function createPeerSearch({ scu, peer, log }: PeerSearchOptions): Search {
  async function* remoteMatches(query: Asked): AsyncGenerator<RemoteMatch, void, void> {
    for await (const part of withKeysAbove(query)) {
      const { identifier, unexpressed } = findIdentifier(part);
      for await (const match of scu.find(peer, identifier, log)) {
        const told = unexpressed.filter((condition) => isTold(match.identifier, condition));
        if (!matches(match.identifier, { conditions: told })) continue;
        yield { identifier: match.identifier, complete: match.complete && told.length === unexpressed.length };
      }
    }
  }

  /**
   * Archives need not take a query that names no unique key of the levels above (PS3.4 §C.4.1.2.1): for the instances of a
   * study its series are asked for first.
   */
  async function* withKeysAbove(query: Asked): AsyncGenerator<Asked, void, void> {
    const study = query.conditions.find((one) => isUid(one, studyInstanceUid));
    const isBelowSeries = query.level === 'instance' && !query.conditions.some((one) => isUid(one, seriesInstanceUid));
    if (study === undefined || !isBelowSeries) {
      yield query;
      return;
    }
    const seriesOf: Asked = { level: 'series', conditions: [study], include: [] };
    const uids: string[] = [];
    for await (const { identifier } of remoteMatches(seriesOf)) uids.push(...textValues(identifier[seriesInstanceUid]));
    for (const value of uids) {
      yield {
        ...query,
        conditions: [...query.conditions, { kind: 'single', path: [seriesInstanceUid], vr: 'UI', value }],
      };
    }
  }

  return {
    extendedVrs: async () => new Map(),
    async find(query) {
      const found: DicomJson[] = [];
      const warnings = new Set<string>();
      let passed = 0;
      let more = false;
      if (asksForPart(query)) warnings.add(namesItsWay);
      for await (const { identifier, complete } of remoteMatches(query)) {
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
      let batch: DicomJson[] = [];
      for await (const { identifier } of remoteMatches(query)) {
        batch.push(attributesOfMatch(identifier, query));
        if (batch.length < batchMatches) continue;
        yield { matches: batch, warnings: [] };
        batch = [];
      }
      yield { matches: batch, warnings: [] };
    },
    async count(match) {
      let count = 0;
      let complete = true;
      for await (const one of remoteMatches({ ...match, include: [] })) {
        count += 1;
        complete &&= one.complete;
      }
      return { count, warnings: complete ? [] : [notEveryKey] };
    },
  };
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
