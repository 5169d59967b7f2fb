import type { Request } from 'express';
import { CausewayError } from '../../kernel/errors.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';
import { requestBody } from '../request-body.ts';

/** Of one body, unless more is expected of it. */
const maxJsonBytes = 262_144;
/** Of all bodies that are being read: what is beyond is asked for again. */
const maxHeldBytes = 67_108_864;

let held = 0;

/**
 * The body of a request, which has to be JSON.
 * @throws CausewayError `unsupported-media-type`, `limit-exceeded`, `bad-request`, `aborted`, `unavailable` if too much is being read
 */
export async function readJson(request: Request, maxBytes = maxJsonBytes): Promise<unknown> {
  const type = parseMediaTypes(request.headers['content-type'] ?? '')[0]?.type;
  if (type !== 'application/json') {
    throw new CausewayError('unsupported-media-type', 'Content-Type must be application/json.', {
      details: { parameter: 'Content-Type', acceptable: ['application/json'] },
    });
  }
  let bytes = 0;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of requestBody(request)) {
      bytes += chunk.length;
      held += chunk.length;
      if (bytes > maxBytes) {
        throw new CausewayError('limit-exceeded', `The body has more than ${maxBytes} bytes.`, {
          details: { limit: 'maxJsonBytes' },
        });
      }
      if (held > maxHeldBytes) {
        throw new CausewayError('unavailable', 'Too much is being sent at the same time. Try again in a moment.');
      }
      chunks.push(chunk);
    }
    return parsed(Buffer.concat(chunks));
  } finally {
    held -= bytes;
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (thrown) {
    throw new CausewayError('bad-request', 'The body is not JSON.', { cause: thrown });
  }
}
