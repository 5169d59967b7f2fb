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
    from: fromMoment(query.get('from')),
    till: tillMoment(query.get('till')),
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

/** The begin of a span of time: a moment, or the begin of a day. @throws CausewayError `bad-request` */
export function fromMoment(text: string | null): Date | undefined {
  return moment(text, 'from', 0);
}

/** Its end: a moment, or the end of a day. @throws CausewayError `bad-request` */
export function tillMoment(text: string | null): Date | undefined {
  return moment(text, 'till', dayMs - 1);
}

function moment(text: string | null, name: string, addToDayMs: number): Date | undefined {
  if (text === null || text === '') return undefined;
  const found = parseMoment(text);
  if (found === undefined)
    throw refused(name, 'is a date such as 2026-05-10, or a moment such as 2026-05-10T16:00:00Z');
  return /t/i.test(text) ? found : new Date(found.getTime() + addToDayMs);
}

function refused(parameter: string, why: string): CausewayError {
  return new CausewayError('bad-request', `The parameter ${parameter} ${why}.`, { details: { parameter } });
}
