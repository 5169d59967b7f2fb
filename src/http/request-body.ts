import type { Request } from 'express';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';

/**
 * The body of a request, to be iterated once. Whoever waits for it (`Expect: 100-continue`, RFC 9110 §10.1.1) is told to go on
 * when it is first read, so that what is refused before need not be sent. Leaving the loop does not close the connection, on
 * which the answer has yet to go out.
 * @throws CausewayError `aborted` if the client goes away
 */
export async function* requestBody(request: Request): AsyncGenerator<Buffer, void, void> {
  if (/100-continue/i.test(request.headers.expect ?? '')) request.res?.writeContinue();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (thrown) {
    throw asBrokenBody(thrown);
  }
}

/** Node's errors of a connection that ends within a request say nothing of the house. */
function asBrokenBody(thrown: unknown): CausewayError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE') {
    return new CausewayError('aborted', 'The client closed the connection before its request was complete.', {
      cause: thrown,
    });
  }
  return asCausewayError(thrown);
}
