import type { FindQuery } from '../dicom/find-query.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { type Attributes, attributesOf, dataSetOf } from '../dicom/keyword-attributes.ts';
import { textValues } from '../dicom/match-values.ts';
import { matches } from '../dicom/matches.ts';
import type { Condition } from '../dicom/query.ts';
import { nameOfPath } from '../dicom/query-attribute.ts';
import { worklistAnswer } from '../dicom/worklist-query.ts';
import type { FindMatch, FindSource } from '../dimse/scp/find-matches.ts';
import type { WorklistSource } from '../dimse/scp/worklist.ts';
import { CausewayError } from '../kernel/errors.ts';
import { type Caller, callerOf } from './incoming-instance.ts';
import { takenUntil } from './taken-until.ts';

export type QueryLevel = 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';

/** A query for scheduled procedure steps that a peer asks. */
export interface IncomingWorklistQuery extends Caller {
  /** As the peer gave them; empty ones are to be told. */
  readonly keys: Attributes;
  /** The same with value representations, in the DICOM JSON Model. */
  readonly dataSet: DicomJson;
  /** Whether an answer fits the keys: single values, wildcards, ranges, lists of UIDs, sequences. PS3.4 §C.2.2.2 */
  matches(answer: Attributes): boolean;
  /** Aborts at C-CANCEL, and if the peer goes away. No answer is taken any more then. */
  readonly signal: AbortSignal;
}

/** A query that a peer asks. */
export interface IncomingQuery extends IncomingWorklistQuery {
  readonly level: QueryLevel;
}

/**
 * Answers a query, one match at a time; the next is not taken before the peer has taken the one before. Of each it is told what
 * it asked for and the unique keys, which have to be there. A CausewayError `unavailable`, `limit-exceeded` or `bad-request`
 * refuses the query in its words; whatever else is thrown is logged, and a failure to the peer.
 */
export type AnswerQuery<Q = IncomingQuery> = (query: Q) => AsyncIterable<Attributes> | Iterable<Attributes>;

export const levelTerm = { patient: 'PATIENT', study: 'STUDY', series: 'SERIES', instance: 'IMAGE' } as const;

/** Without a value of these nobody could ask on. PS3.4 §C.4.1.1.3.2 */
const neededOfLevel = { patient: undefined, study: '0020000D', series: '0020000E', instance: '00080018' } as const;

export function queriesTo(answer: AnswerQuery): FindSource {
  return {
    extendedVrs: async () => new Map(),
    async *matches({ query, identifier, association, stop }) {
      const asked = asQuery(identifier, query.conditions, stop);
      const incoming = { ...callerOf(association), ...asked, level: levelTerm[query.level] };
      for await (const attributes of takenUntil(stop, answer(incoming))) {
        yield matchOf(query, identifier, written(attributes));
      }
    },
  };
}

export function worklistTo(answer: AnswerQuery<IncomingWorklistQuery>): WorklistSource {
  return {
    async *find(conditions, stop, { identifier, association }) {
      const incoming = { ...callerOf(association), ...asQuery(identifier, conditions, stop) };
      for await (const attributes of takenUntil(stop, answer(incoming))) yield { dataSet: written(attributes) };
    },
  };
}

export function asQuery(dataSet: DicomJson, conditions: readonly Condition[], signal: AbortSignal) {
  return {
    keys: attributesOf(dataSet),
    dataSet,
    matches: (answer: Attributes) => matches(written(answer), { conditions }),
    signal,
  };
}

function matchOf({ level, include }: FindQuery, identifier: DicomJson, dataSet: DicomJson): FindMatch {
  const needed = neededOfLevel[level];
  if (needed !== undefined && textValues(dataSet[needed]).join('') === '') {
    throw new CausewayError('internal', `An answer to a query has to have a value of ${nameOfPath([needed])}.`);
  }
  const asked = new Set(include.map(([tag]) => tag));
  const told = Object.fromEntries(
    [...asked].flatMap((tag) => {
      const key = identifier[tag] ?? dataSet[tag];
      return key === undefined ? [] : [[tag, key]];
    }),
  );
  return { attributes: worklistAnswer(told, dataSet), complete: [...asked].every((tag) => dataSet[tag] !== undefined) };
}

/** What is wrong with an answer is not the fault of whoever asked. */
function written(attributes: Attributes): DicomJson {
  try {
    return dataSetOf(attributes);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CausewayError('internal', `An answer to a query cannot be told: ${why}`, { cause: thrown });
  }
}
