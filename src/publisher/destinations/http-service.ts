import type { CausewayError } from '../../kernel/errors.ts';
import type { HttpAuth, TlsOptions } from '../configuration.ts';
import { createHttpCredentials } from './http-auth.ts';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpDownload,
  type HttpLimits,
  type HttpRequest,
} from './http-client.ts';
import { httpFailure } from './http-failure.ts';

export interface HttpServiceOptions {
  /** Base URL, with or without a slash at its end. */
  readonly url: string;
  /** What speaks there: "STOW-RS". */
  readonly service: string;
  readonly auth: HttpAuth;
  readonly tls?: TlsOptions | undefined;
  readonly proxy?: string | undefined;
  readonly connections: number;
  readonly limits?: Partial<HttpLimits> | undefined;
  readonly now: () => Date;
}

/** A request below the base URL; its body is made anew where the request is made again. */
export interface ServiceRequest extends Omit<HttpRequest, 'url' | 'body'> {
  /** Begins with a slash. */
  readonly path: string;
  readonly body?: () => NonNullable<HttpRequest['body']>;
}

/** What answers by HTTP behind a base URL and wants to know who we are. Credentials that can be renewed are, once. */
export interface HttpService {
  readonly url: string;
  /** @throws CausewayError as `HttpClient`, and as the credentials do */
  request(request: ServiceRequest): Promise<HttpAnswer>;
  download(request: ServiceRequest): Promise<HttpDownload>;
  /** From somewhere else, as nobody. */
  downloadElsewhere(url: string, signal: AbortSignal): Promise<HttpDownload>;
  /** What an answer says about address, credentials and receiver; undefined where it is about what was sent. */
  failure(answer: Pick<HttpAnswer, 'status' | 'headers'>, path: string): CausewayError | undefined;
  close(): Promise<void>;
}

export function createHttpService({ auth, service, now, ...options }: HttpServiceOptions): HttpService {
  const url = options.url.replace(/\/+$/, '');
  const http = createHttpClient(options);
  const credentials = createHttpCredentials(auth, http, now);

  async function withCredentials<T extends { readonly status: number }>(
    { path, headers, body, ...request }: ServiceRequest,
    ask: (request: HttpRequest) => Promise<T>,
    discard: (answer: T) => void,
  ): Promise<T> {
    const once = async (shown: Readonly<Record<string, string>>) =>
      ask({
        ...request,
        url: `${url}${path}`,
        headers: { ...headers, ...shown },
        ...(body === undefined ? {} : { body: body() }),
      });
    const shown = await credentials.headers(request.signal);
    const answer = await once(shown);
    if (answer.status !== 401 || !credentials.refused(shown)) return answer;
    discard(answer);
    return once(await credentials.headers(request.signal));
  }

  return {
    url,
    request: (request) => withCredentials(request, http.request, () => {}),
    download: (request) => withCredentials(request, http.download, ({ body }) => body.destroy()),
    downloadElsewhere: (elsewhere, signal) => http.download({ method: 'GET', url: elsewhere, signal }),
    failure: (answer, path) =>
      httpFailure(
        answer,
        { url: `${url}${path}`, service, credentials: credentials.what, isAnonymous: auth.kind === 'none' },
        now(),
      ),
    close: http.close,
  };
}
