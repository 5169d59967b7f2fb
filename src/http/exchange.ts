import type { Request, Response } from 'express';
import { CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Target } from '../retrieve/retrieve.ts';
import { type AcceptRange, parseAccept } from './accept.ts';

/** One request that the OpenAPI document describes, validated, with its answer to be. */
export interface Exchange {
  readonly request: Request;
  readonly response: Response;
  /** As in the log. */
  readonly id: string;
  readonly log: Log;
  /** By the names of the OpenAPI document, decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** What the client accepts. */
  readonly accept: readonly AcceptRange[];
  /** Absolute URL of the root of this server as the client reached it; no slash at the end. */
  readonly rootUrl: string;
  /** Absolute URL of the DICOMweb root that the client used; no slash at the end. */
  readonly baseUrl: string;
}

/** Answers one operation of the OpenAPI document; what it throws becomes a problem. */
export type Operation = (exchange: Exchange) => Promise<void>;

/** @throws CausewayError `bad-request` if the accept parameter holds no media type */
export function acceptOf(request: Request, query: URLSearchParams): AcceptRange[] {
  const parameter = query.get('accept') ?? undefined;
  const ranges = parseAccept(request.headers.accept, parameter);
  if (ranges.length === 0) {
    throw new CausewayError('bad-request', 'Accept holds no media type.', { details: { parameter: 'accept' } });
  }
  return ranges;
}

/** The study, series or instance of the path. */
export function targetOf({ pathParameters }: Exchange): Target {
  const { study, series, instance } = pathParameters;
  if (study === undefined) throw new CausewayError('internal', 'The route names no study.');
  return {
    studyInstanceUid: study,
    ...(series === undefined ? {} : { seriesInstanceUid: series }),
    ...(instance === undefined ? {} : { sopInstanceUid: instance }),
  };
}

export function instanceOf(exchange: Exchange): Required<Target> {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = targetOf(exchange);
  if (seriesInstanceUid === undefined || sopInstanceUid === undefined) {
    throw new CausewayError('internal', 'The route names no instance.');
  }
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

/** Absolute URL of a study, series or instance (PS3.18 §10.1). */
export function urlOf(baseUrl: string, target: Target): string {
  const series = target.seriesInstanceUid === undefined ? '' : `/series/${target.seriesInstanceUid}`;
  const instance = target.sopInstanceUid === undefined ? '' : `/instances/${target.sopInstanceUid}`;
  return `${baseUrl}/studies/${target.studyInstanceUid}${series}${instance}`;
}

/** The query of the request, for the URL of what it changed; empty, or with its question mark. */
export function queryOf({ query }: Exchange): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Clients give up on headers of more than 16 KiB altogether. */
const maxWarnings = 10;
const maxWarningCharacters = 1000;

/** Adds a Warning header for each; of very many, the last says how many are not told. */
export function appendWarnings(
  { response, baseUrl }: Pick<Exchange, 'response' | 'baseUrl'>,
  texts: readonly string[],
): void {
  const told = texts.length > maxWarnings ? texts.slice(0, maxWarnings - 1) : texts;
  const untold = texts.length - told.length;
  for (const text of told) response.append('Warning', warningHeader(baseUrl, text));
  if (untold > 0) response.append('Warning', warningHeader(baseUrl, `There are ${untold} more warnings of this kind`));
}

/**
 * A Warning header (RFC 7234 §5.5): 299 is what PS3.18 uses for all of them.
 * @param text names of files may be in it; it is cut off after 1000 characters
 */
export function warningHeader(baseUrl: string, text: string): string {
  const short = text.length > maxWarningCharacters ? `${text.slice(0, maxWarningCharacters)}...` : text;
  const quoted = short.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  return `299 ${new URL(baseUrl).host}: "${quoted}"`;
}
