import { CausewayError } from '../../kernel/errors.ts';
import type { HttpAnswer } from './http-client.ts';

interface Asked {
  readonly url: string;
  /** What speaks there: "STOW-RS". */
  readonly service: string;
  /** What the credentials are called: "the token". */
  readonly credentials: string;
  readonly isAnonymous: boolean;
}

/**
 * What the status of an answer says about address, credentials and receiver, as opposed to what was sent; undefined where it
 * says nothing of that kind.
 */
export function httpFailure(
  answer: Pick<HttpAnswer, 'status' | 'headers'>,
  asked: Asked,
  now: Date,
): CausewayError | undefined {
  const { status, headers } = answer;
  const { host, pathname } = new URL(asked.url);
  const failure = (code: 'unavailable' | 'forbidden' | 'bad-request', message: string) => {
    const retryAfterSeconds = retryAfter(headers['retry-after'], now);
    return new CausewayError(code, message, {
      details: { status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
    });
  };
  if (status >= 300 && status < 400) {
    const to = redirectedTo(headers['location'], asked.url);
    return failure('bad-request', `${host} sends us elsewhere (${status})${to}: set the address to what it is.`);
  }
  switch (status) {
    case 401:
      return failure(
        'forbidden',
        asked.isAnonymous
          ? `${host} wants credentials (401), and there are none in the settings.`
          : `${host} does not accept the ${asked.credentials} (401).`,
      );
    case 403:
      return failure('forbidden', `${host} does not allow it with the ${asked.credentials} that it was shown (403).`);
    case 407:
      return failure('forbidden', 'The proxy wants credentials (407).');
    case 404:
    case 405:
    case 410:
    case 501:
      return failure(
        'unavailable',
        `There is no ${asked.service} at ${host}${pathname} (${status}): is the address right?`,
      );
    case 408:
      return failure('unavailable', `${host} found the request too slow (408).`);
    case 429:
      return failure('unavailable', `${host} is asked too often (429).`);
    case 502:
    case 503:
    case 504:
      return failure('unavailable', `${host} is there, but what is behind it is not available (${status}).`);
    case 507:
      return failure('unavailable', `${host} has no room left (507).`);
    default:
      return status >= 500 ? failure('unavailable', `${host} failed (${status}).`) : undefined;
  }
}

/** What a receiver asked for may long be over, or the publisher lead elsewhere: nothing waits for longer than that. */
const longestRestSeconds = 3_600;

/** @returns seconds, at most an hour. RFC 9110 §10.2.3 */
function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - now.getTime()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), longestRestSeconds) : undefined;
}

/** Without query, which may hold what is secret. */
function redirectedTo(location: string | undefined, base: string): string {
  if (location === undefined || !URL.canParse(location, base)) return '';
  const { origin, pathname } = new URL(location, base);
  return `, to ${origin}${pathname}`;
}
