import { CausewayError } from '../../kernel/errors.ts';
import type { ArrivalQuery } from '../../search/tables.ts';
import { parseMoment } from '../parse-moment.ts';

const defaultLimit = 50;
const maxWords = 8;
const dayMs = 86_400_000;

/** What the query string asks of a table; numbers are validated already. @throws CausewayError `bad-request` */
export function tableQuery(query: URLSearchParams): ArrivalQuery {
  const given = (name: string) => query.get(name) ?? undefined;
  const patient = given('patient');
  return {
    from: moment(query, 'from', 0),
    // To the end of the day, where a day is given.
    till: moment(query, 'till', dayMs - 1),
    words: wordsOf(given('text') ?? ''),
    patient: patient === undefined ? undefined : { id: patient, issuer: given('issuer') },
    studyInstanceUid: given('study'),
    seriesInstanceUid: given('series'),
    modality: given('modality'),
    sex: given('sex'),
    callingAeTitle: given('callingAeTitle'),
    limit: Number(given('limit') ?? defaultLimit),
    offset: Number(given('offset') ?? 0),
  };
}

function wordsOf(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length > maxWords) throw refused('text', `has at most ${maxWords} words`);
  return words;
}

function moment(query: URLSearchParams, name: string, addToDayMs: number): Date | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const found = parseMoment(text);
  if (found === undefined)
    throw refused(name, 'is a date such as 2026-05-10, or a moment such as 2026-05-10T16:00:00Z');
  return text.includes('T') ? found : new Date(found.getTime() + addToDayMs);
}

function refused(parameter: string, why: string): CausewayError {
  return new CausewayError('bad-request', `The parameter ${parameter} ${why}.`, { details: { parameter } });
}
