import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending a body that is answered already. */
const discardMs = 10_000;

/**
 * Lets the rest of a request's body run off. If the connection were closed at once, a client that is still sending
 * would not see the answer; if it were left open, one could send for ever.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed) return;
  request.resume();
  if (request.complete) return;
  // What has come to its end though nobody reads it is no reason: the connection has been used for other requests since.
  const timer = setTimeout(() => request.complete || request.destroy(), discardMs).unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
}
