import type { FeedPage } from '../../changes/change-feed.ts';
import { CausewayError } from '../../kernel/errors.ts';
import { parseMoment } from '../parse-moment.ts';

const defaultLimit = 100;
const maxLimit = 200;

/** Names in lower case: clients of the Azure service spell them in several ways. */
type Parameters = ReadonlyMap<string, string>;

/** @throws CausewayError `bad-request` for a parameter that is given twice */
export function parametersOf(query: URLSearchParams): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of query) {
    const known = name.toLowerCase();
    if (parameters.has(known)) throw refused(known, 'is given more than once');
    parameters.set(known, value);
  }
  return parameters;
}

/**
 * Which changes are asked for.
 * @throws CausewayError `bad-request` with `details.parameter`
 */
export function feedPage(parameters: Parameters): FeedPage {
  const from = moment(parameters, 'startTime');
  const before = moment(parameters, 'endTime');
  if (from !== undefined && before !== undefined && from >= before) {
    throw refused('startTime', 'must be earlier than endTime');
  }
  return {
    after: wholeNumber(parameters, 'offset', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0,
    limit: wholeNumber(parameters, 'limit', { least: 1, most: maxLimit }) ?? defaultLimit,
    span: { from, before },
    withMetadata: wantsMetadata(parameters),
  };
}

/**
 * Where a stream goes on: behind the event that the client saw last, else behind the offset.
 * @throws CausewayError `bad-request` for what makes no sense of a stream
 */
export function streamStart(parameters: Parameters, lastEventId: string | undefined): number {
  for (const name of ['limit', 'startTime', 'endTime']) {
    if (parameters.has(name.toLowerCase())) throw refused(name, 'has no meaning for a stream of events');
  }
  if (lastEventId !== undefined && lastEventId.trim() !== '') {
    const seen = asWholeNumber(lastEventId);
    if (seen === undefined) throw refused('Last-Event-ID', 'is no sequence of this feed');
    return seen;
  }
  return feedPage(parameters).after;
}

/** @throws CausewayError `bad-request` */
export function wantsMetadata(parameters: Parameters): boolean {
  const value = (parameters.get('includemetadata') ?? 'true').trim().toLowerCase();
  if (value !== 'true' && value !== 'false') throw refused('includemetadata', 'is true or false');
  return value === 'true';
}

function wholeNumber(
  parameters: Parameters,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const value = parameters.get(name.toLowerCase());
  if (value === undefined) return undefined;
  const number = asWholeNumber(value);
  if (number === undefined || number < least || number > most) {
    throw refused(name, `is a whole number from ${least} to ${most}`);
  }
  return number;
}

function asWholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text.trim()) ? Number(text) : undefined;
  return number === undefined || number > Number.MAX_SAFE_INTEGER ? undefined : number;
}

function moment(parameters: Parameters, name: string): Date | undefined {
  const text = parameters.get(name.toLowerCase());
  if (text === undefined) return undefined;
  const found = parseMoment(text);
  if (found === undefined) throw refused(name, 'is a moment such as 2026-05-10T16:00:00Z');
  return found;
}

function refused(parameter: string, why: string): CausewayError {
  return new CausewayError('bad-request', `The parameter ${parameter} ${why}.`, { details: { parameter } });
}
