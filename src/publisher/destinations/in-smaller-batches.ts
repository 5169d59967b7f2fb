import { CausewayError } from '../../kernel/errors.ts';
import type { OutgoingInstance, SendOutcome } from '../destination.ts';

/** What a receiver said to a batch. */
export type BatchAnswer =
  /** It told what became of each. */
  | { readonly kind: 'told'; readonly outcomes: readonly SendOutcome[] }
  /** It did not take the batch, for something that is in it: one instance may be the reason, or all of them together. */
  | { readonly kind: 'not-taken'; readonly answer: string }
  /** It failed, which may be its own state or be brought about by one of them. */
  | { readonly kind: 'failed'; readonly error: CausewayError };

/**
 * Sends a batch, and where it is not taken its halves, so that an instance that nobody can take keeps no other from being
 * sent, and what is too much at once goes in pieces. A receiver that fails twice in a row with single instances has failed
 * itself. A file of ours that is damaged is left out.
 * @throws CausewayError that failure, and what `send` throws
 */
export async function* inSmallerBatches(
  batch: readonly OutgoingInstance[],
  send: (batch: readonly OutgoingInstance[]) => Promise<BatchAnswer>,
): AsyncGenerator<SendOutcome, void, void> {
  let failedInARow = 0;

  async function* sendPart(part: readonly OutgoingInstance[]): AsyncGenerator<SendOutcome, void, void> {
    let answer: BatchAnswer;
    try {
      answer = await send(part);
    } catch (thrown) {
      const damaged = part.find((instance) => isAbout(thrown, instance));
      if (damaged === undefined) throw thrown;
      const { message } = thrown as CausewayError;
      yield { sopInstanceUid: damaged.sopInstanceUid, status: 'refused', answer: message };
      if (part.length > 1) yield* sendPart(part.filter((instance) => instance !== damaged));
      return;
    }
    if (answer.kind === 'told') {
      failedInARow = 0;
      yield* answer.outcomes;
      return;
    }
    const [instance, another] = part;
    if (instance !== undefined && another === undefined) {
      const { sopInstanceUid } = instance;
      if (answer.kind === 'not-taken') {
        yield { sopInstanceUid, status: 'refused', answer: answer.answer };
        return;
      }
      failedInARow += 1;
      if (failedInARow > 1 || batch.length === 1) throw answer.error;
      yield { sopInstanceUid, status: 'failed', answer: answer.error.message };
      return;
    }
    const middle = Math.ceil(part.length / 2);
    yield* sendPart(part.slice(0, middle));
    yield* sendPart(part.slice(middle));
  }

  yield* sendPart(batch);
}

function isAbout(thrown: unknown, { sopInstanceUid }: OutgoingInstance): boolean {
  if (!(thrown instanceof CausewayError) || thrown.code !== 'stored-file-damaged') return false;
  return thrown.details['sopInstanceUid'] === sopInstanceUid;
}
