import type { IncomingMessage } from 'node:http';
import { CausewayError } from '../../kernel/errors.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';

const maxJsonBytes = 262_144;

/**
 * The body of a request, which has to be JSON.
 * @throws CausewayError `unsupported-media-type`, `limit-exceeded`, `bad-request`
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = parseMediaTypes(request.headers['content-type'] ?? '')[0]?.type;
  if (type !== 'application/json') {
    throw new CausewayError('unsupported-media-type', 'Content-Type must be application/json.', {
      details: { parameter: 'Content-Type', acceptable: ['application/json'] },
    });
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxJsonBytes) {
      throw new CausewayError('limit-exceeded', `The body has more than ${maxJsonBytes} bytes.`, {
        details: { limit: 'maxJsonBytes' },
      });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (thrown) {
    throw new CausewayError('bad-request', 'The body is not JSON.', { cause: thrown });
  }
}
