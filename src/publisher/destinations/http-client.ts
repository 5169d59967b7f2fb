import { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { CausewayError } from '../../kernel/errors.ts';
import type { TlsOptions } from '../configuration.ts';
import { networkFailure } from './network-failure.ts';

export interface HttpLimits {
  readonly connectMs: number;
  /** From the end of the request to the head of the answer, and from there to the end of one that is read into memory. */
  readonly answerMs: number;
  /** Without a byte that is taken, or that comes. */
  readonly stallMs: number;
  /** Of an answer that is read into memory; one that tells of a failure is cut off there. */
  readonly maxAnswerBytes: number;
}

export const defaultHttpLimits: HttpLimits = {
  connectMs: 10_000,
  answerMs: 300_000,
  stallMs: 60_000,
  maxAnswerBytes: 8_388_608,
};

export interface HttpClientOptions {
  readonly tls?: TlsOptions | undefined;
  /** `http://host:port` */
  readonly proxy?: string | undefined;
  /** Connections to a host at the same time. */
  readonly connections: number;
  readonly limits?: Partial<HttpLimits> | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | HttpBody;
  readonly signal: AbortSignal;
}

/** A body that is made as it is sent, of a length that is known before. */
export interface HttpBody {
  readonly length: number;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case; the first where there are several. */
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8. */
  readonly body: string;
}

export interface HttpDownload extends Omit<HttpAnswer, 'body'> {
  readonly body: Readable;
}

/** Asks what answers by HTTP; connections are kept. Redirects are answers: credentials go where they were meant to go. */
export interface HttpClient {
  /** @throws CausewayError `unavailable`, with `details.limit` if the answer is too long, `timed-out`, `aborted` */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The same for an answer of any length: its body has to be read or destroyed. */
  download(request: HttpRequest): Promise<HttpDownload>;
  close(): Promise<void>;
}

export function createHttpClient({ tls, proxy, connections, limits: given }: HttpClientOptions): HttpClient {
  const limits = { ...defaultHttpLimits, ...given };
  const secure = {
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  };
  const options = { connections, headersTimeout: limits.answerMs, bodyTimeout: limits.stallMs };
  const dispatcher: Dispatcher =
    proxy === undefined
      ? new Agent({ ...options, connect: { timeout: limits.connectMs, ...secure } })
      : new ProxyAgent({
          ...options,
          uri: proxy,
          requestTls: { timeout: limits.connectMs, ...secure },
          proxyTls: { timeout: limits.connectMs },
        });

  async function ask({ method, url, headers = {}, body, signal }: HttpRequest): Promise<HttpDownload> {
    const whom = new URL(url).host;
    const stalled = watchStalls(limits.stallMs, whom);
    const ended = AbortSignal.any([signal, stalled.signal]);
    try {
      signal.throwIfAborted();
      const { origin, pathname, search } = new URL(url);
      const answer = await dispatcher.request({
        origin,
        path: `${pathname}${search}`,
        method,
        headers: {
          'user-agent': 'Causeway',
          ...headers,
          ...(typeof body === 'object' ? { 'content-length': String(body.length) } : {}),
        },
        body:
          typeof body === 'object' ? Readable.from(stalled.watch(body.content), { objectMode: false }) : (body ?? null),
        signal: ended,
      });
      return { status: answer.statusCode, headers: firstOf(answer.headers), body: answer.body };
    } catch (thrown) {
      if (signal.aborted) throw new CausewayError('aborted', 'The request was ended.', { cause: thrown });
      throw stalled.failure() ?? networkFailure(thrown, whom);
    } finally {
      stalled.end();
    }
  }

  return {
    async request(request) {
      const { body, ...answer } = await ask(request);
      const whom = new URL(request.url).host;
      // Who gives a byte now and then is not waited for either.
      const late = setTimeout(() => {
        const message = `The answer of ${whom} has not come to its end within ${limits.answerMs / 1000} s.`;
        body.destroy(new CausewayError('timed-out', message));
      }, limits.answerMs);
      try {
        const { text, isWhole } = await textOf(body, limits.maxAnswerBytes);
        if (!isWhole && answer.status < 300) {
          throw new CausewayError('unavailable', `${whom} answers with more than ${limits.maxAnswerBytes} bytes.`, {
            details: { limit: 'maxAnswerBytes' },
          });
        }
        return { ...answer, body: text };
      } catch (thrown) {
        if (request.signal.aborted) throw new CausewayError('aborted', 'The request was ended.', { cause: thrown });
        throw networkFailure(thrown, whom);
      } finally {
        clearTimeout(late);
      }
    },
    download: ask,
    close: () => dispatcher.destroy(),
  };
}

/** Whoever takes nothing of what is sent for so long is left; waiting until something may be sent does not count. */
function watchStalls(stallMs: number, whom: string) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let source: unknown;
  let failure: CausewayError | undefined;
  const stop = (): void => clearTimeout(timer);
  const start = (): void => {
    timer = setTimeout(() => {
      failure = new CausewayError('timed-out', `${whom} took nothing of what is sent to it for ${stallMs / 1000} s.`);
      controller.abort(failure);
    }, stallMs);
  };

  async function* watch(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    try {
      for await (const chunk of content) {
        start();
        yield chunk;
        stop();
      }
    } catch (thrown) {
      source = thrown;
      throw thrown;
    } finally {
      stop();
    }
  }

  return {
    signal: controller.signal,
    watch,
    /** Why nothing was answered, if that is known better here: what was to be sent could not be read, or was not taken. */
    failure: (): CausewayError | undefined => (source instanceof CausewayError ? source : failure),
    end: stop,
  };
}

function firstOf(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name.toLowerCase(), first]];
    }),
  );
}

/** Reads no more than so much. */
async function textOf(body: Readable, maxBytes: number): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the body.
    if (bytes > maxBytes) return { text: Buffer.concat(chunks).toString(), isWhole: false };
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString(), isWhole: true };
}
