import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from '../http/openapi.gen.ts';
import { strings } from './strings.ts';

export type Schemas = components['schemas'];

function told(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}

/** Where the page lives, `/` at its end; behind a proxy that is no root. */
export const pageRoot = new URL(document.baseURI);

/** Nonce that styles made by scripts carry. */
export const styleNonce = told('style-nonce');

const dicomwebRoot = new URL(told('dicomweb') || 'dicom-web', pageRoot).href;

/** Every call of the API, typed by its OpenAPI document. */
export const api: Client<paths> = createClient<paths>({
  baseUrl: pageRoot.href.replace(/\/$/, ''),
  headers: { Accept: 'application/json' },
});

/** What lies below DICOMweb, wherever that is configured to be. */
export function dicomweb(path: string, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return `${dicomwebRoot}${path}${query === '' ? '' : `?${query}`}`;
}

/** A file of the API for the browser to fetch: `api/config/export`. */
export function apiUrl(path: string): string {
  return new URL(path, pageRoot).href;
}

/** Undefined where there is no viewer. */
export function viewerUrl(studyInstanceUid: string, seriesInstanceUid?: string): string | undefined {
  const viewer = told('viewer');
  if (viewer === '') return undefined;
  const url = new URL(`${viewer}/viewer`, pageRoot);
  url.searchParams.set('StudyInstanceUIDs', studyInstanceUid);
  if (seriesInstanceUid !== undefined) url.searchParams.set('SeriesInstanceUIDs', seriesInstanceUid);
  return url.href;
}

/** What the API said no with. */
export class ApiError extends Error {
  /** Of HTTP; 0 if no answer came. */
  readonly status: number;
  readonly problem: Partial<Schemas['Problem']>;
  /** After how long it may be asked again, where the server said so. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Partial<Schemas['Problem']>, retryAfterMs?: number) {
    super(problem.detail ?? problem.title ?? strings.errors.status(status));
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Answered<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws ApiError in the words of the server, or that it did not answer */
export async function answered<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  return (await answeredWithEtag(call)).data;
}

/** @returns the answer, and which version of the thing it is about */
export async function answeredWithEtag<Data>(call: Promise<Answered<Data>>): Promise<{ data: Data; etag: string }> {
  let answer: Answered<Data>;
  try {
    answer = await call;
  } catch {
    throw new ApiError(0, { detail: strings.errors.noAnswer });
  }
  const { data, error, response } = answer;
  if (!response.ok) throw refusal(response, error);
  return { data: data as Data, etag: response.headers.get('ETag') ?? '' };
}

/** As `answered`, for what lies outside of the typed calls. */
export async function fetched(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init).catch(() => {
    throw new ApiError(0, { detail: strings.errors.noAnswer });
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined);
  throw refusal(response, body);
}

function refusal({ status, headers }: Response, body: unknown): ApiError {
  return new ApiError(status, isProblem(body) ? body : {}, retryAfterMs(headers.get('Retry-After')));
}

/** Seconds, as Causeway gives it (RFC 9110 §10.2.3). */
export function retryAfterMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}

function isProblem(value: unknown): value is Partial<Schemas['Problem']> {
  return typeof value === 'object' && value !== null;
}

export function inWords(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : strings.errors.unknown;
}
