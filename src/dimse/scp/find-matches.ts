import type { FindQuery } from '../../dicom/find-query.ts';
import type { DicomJson, Vr } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import type { AttributePath, Condition, QueryLevel } from '../../dicom/query.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { creatorOf } from '../../search/match-attributes.ts';
import type { StoredSearch } from '../../search/search.ts';
import type { AssociationFacts } from '../service.ts';

/** A query and who asks it. */
export interface AskedQuery {
  readonly query: FindQuery;
  /** As it came. */
  readonly identifier: DicomJson;
  readonly association: AssociationFacts;
  /** C-CANCEL has come, or the association is gone: ends the answers before the next. */
  readonly stop: AbortSignal;
}

/** Who answers queries. */
export interface FindSource {
  /** VRs of attributes that the dictionary does not know, by tag. */
  extendedVrs(): Promise<ReadonlyMap<string, Vr>>;
  /** @throws CausewayError `limit-exceeded`, `timed-out`, `unavailable`, … which refuse the query */
  matches(asked: AskedQuery): AsyncIterable<FindMatch>;
}

/** One answer to a query. */
export interface FindMatch {
  /** What was asked for, as far as it is known here. */
  readonly attributes: DicomJson;
  /** Whether every key was looked at and is known here. */
  readonly complete: boolean;
}

const patientId = '00100020';
const issuerOfPatientId = '00100021';
const patientName = '00100010';
const patientBirthDate = '00100030';

/** Counted over what is stored of a patient (PS3.4 §C.3.4). */
const countsOfPatient: Readonly<Record<string, QueryLevel>> = {
  '00201200': 'study',
  '00201202': 'series',
  '00201204': 'instance',
};

/** Patients that are counted by one statement: few, so that it is soon done however much there is of each. */
const countedAtOnce = 100;

/** Patients are told apart by remembering those that were answered. */
const maxPatients = 200_000;

/** Answers from what is stored. */
export function storedMatches(search: StoredSearch): FindSource {
  return {
    extendedVrs: () => search.extendedVrs(),
    matches: ({ query, stop }) => findMatches(search, query, stop),
  };
}

/** @param stop ends it before the next match @throws CausewayError `limit-exceeded`, `timed-out`, `unavailable` */
async function* findMatches(
  search: StoredSearch,
  query: FindQuery,
  stop: AbortSignal,
): AsyncGenerator<FindMatch, void, void> {
  const level = query.level === 'patient' ? 'study' : query.level;
  const asked = new Set(query.include.map(([tag]) => tag));
  const patients = new Set<string>();
  const { conditions } = query;
  // Who a patient is has to be known, whether it was asked for or not.
  const include: AttributePath[] = [
    ...query.include,
    ...(query.level === 'patient' ? [[issuerOfPatientId] as const] : []),
  ];
  for await (const { matches, warnings } of search.findAll({ level, conditions, include })) {
    for (let start = 0; start < matches.length; start += countedAtOnce) {
      if (stop.aborted) return;
      const some = matches.slice(start, start + countedAtOnce);
      const answers =
        query.level === 'patient'
          ? await withCounts(
              search,
              asked,
              some.filter((match) => isNew(patients, match)),
            )
          : some;
      for (const match of answers) {
        if (stop.aborted) return;
        const told = toldOf(match, asked);
        const complete = warnings.length + query.ignored.length === 0 && told.known === asked.size;
        yield { attributes: told.attributes, complete };
      }
    }
    if (stop.aborted) return;
  }
}

/** What was asked for, each private attribute with its creator: nobody could tell otherwise what it is. PS3.5 §7.8.1 */
function toldOf(match: DicomJson, asked: ReadonlySet<string>): { attributes: DicomJson; known: number } {
  const known = [...asked].filter((tag) => match[tag] !== undefined);
  const attributes: DicomJson = {};
  for (const tag of known) {
    const creator = creatorOf(tag);
    for (const one of creator === undefined ? [tag] : [creator, tag]) {
      const element = match[one];
      if (element !== undefined) attributes[one] = element;
    }
  }
  return { attributes, known: known.length };
}

/** A patient is who has the ID of its issuer; without an ID, who has name and birth date. */
function isNew(patients: Set<string>, study: DicomJson): boolean {
  const text = (tag: string) => textValues(study[tag]).join('\\');
  const id = text(patientId);
  const identity = JSON.stringify(
    id === ''
      ? [JSON.stringify(study[patientName]?.Value ?? []), text(patientBirthDate)]
      : [id, text(issuerOfPatientId), ''],
  );
  if (patients.has(identity)) return false;
  if (patients.size >= maxPatients) {
    throw new CausewayError('limit-exceeded', `More than ${maxPatients} patients match: narrow the query.`);
  }
  patients.add(identity);
  return true;
}

/** @param studies one of each patient @returns the same with the counts that are asked for */
async function withCounts(
  search: Pick<StoredSearch, 'totals'>,
  asked: ReadonlySet<string>,
  studies: readonly DicomJson[],
): Promise<readonly DicomJson[]> {
  const wanted = Object.entries(countsOfPatient).filter(([tag]) => asked.has(tag));
  if (wanted.length === 0) return studies;
  const conditions = studies.map(conditionsOfPatient);
  const totals = (await search.totals(conditions.filter((one) => one !== undefined))).values();
  return studies.map((study, at) => {
    const total = conditions[at] === undefined ? undefined : totals.next().value;
    if (total === undefined) return study;
    const counts: DicomJson = Object.fromEntries(
      wanted.map(([tag, level]) => [tag, { vr: 'IS', Value: [total[level]] }]),
    );
    return { ...study, ...counts };
  });
}

/** @returns undefined without an ID: there is nothing to count by */
function conditionsOfPatient(study: DicomJson): readonly Condition[] | undefined {
  const [id] = textValues(study[patientId]);
  if (id === undefined || id === '') return undefined;
  const [issuer = ''] = textValues(study[issuerOfPatientId]);
  const ofIssuer: Condition =
    issuer === ''
      ? { kind: 'empty', path: [issuerOfPatientId], vr: 'LO' }
      : { kind: 'single', path: [issuerOfPatientId], vr: 'LO', value: issuer };
  return [{ kind: 'single', path: [patientId], vr: 'LO', value: id }, ofIssuer];
}
