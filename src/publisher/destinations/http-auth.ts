import { CausewayError } from '../../kernel/errors.ts';
import type { HttpAuth } from '../configuration.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { jsonObject } from './json-object.ts';

/** Shows who we are with every request. */
export interface HttpCredentials {
  /** What they are called: "the token". */
  readonly what: string;
  /** @throws CausewayError `forbidden` if we are given no token, `unavailable`, `timed-out` */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /**
   * They were refused. @param used as `headers` gave them
   * @returns true if it makes sense to try again, with new ones
   */
  refused(used: Readonly<Record<string, string>>): boolean;
}

/** A token is renewed so long before it expires, as a batch takes its time. */
const renewBeforeMs = 60_000;
/** RFC 6749 §5.1: where a server does not say how long a token is good, it is asked again after so long, or when it is refused. */
const defaultLifeSeconds = 3600;

export function createHttpCredentials(auth: HttpAuth, http: HttpClient, now: () => Date): HttpCredentials {
  switch (auth.kind) {
    case 'none':
      return fixed('credentials', {});
    case 'token':
      return fixed('token', auth.token === undefined ? {} : { authorization: `${auth.scheme} ${auth.token}` });
    case 'basic':
      return fixed('user name or password', { authorization: basic(auth.username, auth.password) });
    case 'oauth2-client-credentials':
      return clientCredentials(auth, http, now);
  }
}

function fixed(what: string, headers: Readonly<Record<string, string>>): HttpCredentials {
  return { what, headers: async () => headers, refused: () => false };
}

function basic(username: string, password = ''): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

type ClientCredentials = Extract<HttpAuth, { kind: 'oauth2-client-credentials' }>;

interface Token {
  readonly headers: Readonly<Record<string, string>>;
  readonly renewAt: number;
}

/** RFC 6749 §4.4: whoever needs a token while one is asked for shares it. */
function clientCredentials(auth: ClientCredentials, http: HttpClient, now: () => Date): HttpCredentials {
  let token: Token | undefined;
  let asking: Promise<Token> | undefined;

  async function ask(signal: AbortSignal): Promise<Token> {
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (auth.scope !== undefined) form.set('scope', auth.scope);
    const answer = await http.request({
      method: 'POST',
      url: auth.tokenUrl,
      headers: {
        // RFC 6749 §2.3.1: encoded as in a form before they are joined.
        authorization: basic(encodeURIComponent(auth.clientId), encodeURIComponent(auth.clientSecret ?? '')),
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: form.toString(),
      signal,
    });
    return readToken(answer, auth.tokenUrl, now().getTime());
  }

  return {
    what: 'token that the token address gave',
    async headers(signal) {
      if (token !== undefined && now().getTime() < token.renewAt) return token.headers;
      asking ??= ask(signal)
        .then((got) => {
          token = got;
          return got;
        })
        .finally(() => {
          asking = undefined;
        });
      return (await asking).headers;
    },
    refused(used) {
      if (token?.headers === used) token = undefined;
      return true;
    },
  };
}

/** @throws CausewayError `forbidden`, `bad-request`, `unavailable` */
function readToken({ status, body }: HttpAnswer, url: string, at: number): Token {
  const where = `The token address (${new URL(url).host})`;
  const answer = jsonObject(body);
  const { error, access_token: token, expires_in: life, token_type: type } = answer ?? {};
  if (status === 401 || error === 'invalid_client' || error === 'unauthorized_client') {
    const message = `${where} does not accept the client id or its secret (${status}).`;
    throw new CausewayError('forbidden', message);
  }
  if (status === 400 || status === 403) {
    const why = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? `, ${error}` : '';
    throw new CausewayError('forbidden', `${where} gives no token (${status}${why}).`);
  }
  if (status < 200 || status > 299) {
    throw new CausewayError('unavailable', `${where} gives no token (${status}): is the address right?`);
  }
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw new CausewayError('unavailable', `${where} answers, but with no token: is the address right?`);
  }
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer') {
    throw new CausewayError('bad-request', `${where} gives a token of a type that Causeway does not know.`);
  }
  const seconds = Number(life);
  const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultLifeSeconds) * 1000;
  // One that is short-lived is used for half of its life.
  return { headers: { authorization: `Bearer ${token}` }, renewAt: at + Math.max(lifeMs - renewBeforeMs, lifeMs / 2) };
}
