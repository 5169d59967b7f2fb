import { createHash, type Hash } from 'node:crypto';
import { CausewayError } from '../../kernel/errors.ts';
import type { OutgoingInstance, Sending } from '../destination.ts';

export type SentFile = Pick<OutgoingInstance, 'sopInstanceUid' | 'open' | 'size' | 'sha256'>;

/**
 * The bytes of a file as they leave: no faster than they may, and the last of them only if all are what they are to be,
 * so that a damaged file never arrives whole.
 * @throws CausewayError `stored-file-damaged` with `details.sopInstanceUid`, `aborted`
 */
export async function* sentFile(
  { sopInstanceUid, open, size, sha256 }: SentFile,
  sending: Sending,
): AsyncGenerator<Uint8Array, void, void> {
  const counted = countedFile(open(), sending);
  let held: Uint8Array | undefined;
  for await (const chunk of counted.content) {
    if (held !== undefined) yield held;
    held = chunk;
  }
  const sent = counted.sent();
  if (sent.size !== size || sent.sha256 !== sha256) {
    throw new CausewayError('stored-file-damaged', 'The file to be sent is not what it was when it was prepared.', {
      details: { sopInstanceUid },
    });
  }
  if (held !== undefined) yield held;
}

/** The same for a file that is made as it is sent: what has left is known at its end. */
export function countedFile(
  content: AsyncIterable<Uint8Array>,
  { signal, throttle }: Pick<Sending, 'signal' | 'throttle'>,
): { readonly content: AsyncIterable<Uint8Array>; sent(): { readonly size: number; readonly sha256: string } } {
  const hash: Hash = createHash('sha256');
  let size = 0;
  let digest: string | undefined;

  async function* counting(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of content) {
      if (signal.aborted) throw new CausewayError('aborted', 'Sending was ended.');
      await throttle(chunk.length);
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }

  return {
    content: counting(),
    sent() {
      digest ??= hash.digest('hex');
      return { size, sha256: digest };
    },
  };
}
