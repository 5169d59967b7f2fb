import { tlsFailureInWords } from '../../dimse/tls/tls-failure.ts';
import { CausewayError, errnoOf } from '../../kernel/errors.ts';

/** By errno, or by the code of the HTTP client. */
const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'nobody knows this host name',
  EAI_AGAIN: 'the host name cannot be looked up at the moment',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  HPE_INVALID_CONSTANT: 'what it answers is not HTTP',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  EHOSTDOWN: 'there is no way to it',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_HEADERS_OVERFLOW: 'the head of its answer does not come to an end',
  UND_ERR_HEADERS_TIMEOUT: 'it took the request and does not answer',
  UND_ERR_BODY_TIMEOUT: 'its answer does not come to an end',
};

const timeouts = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/**
 * Why a connection failed, in words.
 * @param whom to go on after "cannot be reached": a host with its port, no path and no credentials
 */
export function networkFailure(thrown: unknown, whom: string): CausewayError {
  if (thrown instanceof CausewayError) return thrown;
  for (const error of causes(thrown)) {
    if (error instanceof CausewayError) return error;
    const tls = tlsFailureInWords(error, 'those that are trusted');
    if (tls !== undefined && errnoOf(error) !== 'ECONNRESET' && errnoOf(error) !== 'EPIPE') {
      return new CausewayError('unavailable', `There is no TLS with ${whom}: ${tls}.`, { cause: thrown });
    }
    const code = errnoOf(error) ?? '';
    const why = words[code] ?? (code.startsWith('HPE_') ? words['HPE_INVALID_CONSTANT'] : undefined);
    if (why !== undefined) {
      const what = timeouts.has(code) ? 'timed-out' : 'unavailable';
      return new CausewayError(what, `${whom} cannot be reached: ${why} (${code}).`, { cause: thrown });
    }
  }
  return new CausewayError('unavailable', `${whom} cannot be reached.`, { cause: thrown });
}

/** What failed, and what that was caused by; the parts of an AggregateError are what was tried address by address. */
function* causes(thrown: unknown): Generator<Error, void, void> {
  if (!(thrown instanceof Error)) return;
  yield thrown;
  if (thrown instanceof AggregateError) for (const one of thrown.errors) yield* causes(one);
  yield* causes(thrown.cause);
}
