import { writeIdentifier } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { commandField } from '../command/command-field.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { status } from '../command/status.ts';
import type { Answer, Peer, PresentationContext } from '../service.ts';
import { remoteFailure } from './remote-status.ts';

/** One match that a peer answered. */
export interface RemoteMatch {
  readonly identifier: DicomJson;
  /** False where the peer did not look at every key (FF01). */
  readonly complete: boolean;
}

/**
 * C-FIND: matches one at a time as they come; the peer is read no faster than they are taken. Whoever stops taking them
 * cancels the query.
 * @param context of the information model that is asked
 * @param identifier with Query/Retrieve Level, where the model has levels
 * @throws CausewayError `sop-class-unsupported`, `bad-request`, `unavailable` as the peer answers; `aborted` if the
 * association ends
 * @see PS3.4 §C.4.1, §K.4.1, PS3.7 §9.1.2
 */
export async function* find(
  peer: Pick<Peer, 'request'>,
  context: PresentationContext,
  identifier: DicomJson,
): AsyncGenerator<RemoteMatch, void, void> {
  const stop = new AbortController();
  const arrived = handOver<Answer>();
  const answered = peer
    .request(
      context.id,
      { commandField: commandField.cFind, affectedSopClassUid: context.abstractSyntaxUid, priority: 0 },
      {
        dataSet: [writeIdentifier(identifier, context.transferSyntaxUid)],
        onPending: arrived.give,
        signal: stop.signal,
      },
    )
    .finally(arrived.end);
  answered.catch(() => {}); // told below
  try {
    for await (const { response, readDataSet } of arrived.taken) {
      if (readDataSet === undefined) continue;
      yield { identifier: readDataSet(), complete: response.status !== retrieveStatus.pendingWithUnsupportedKeys };
    }
    const { response } = await answered;
    if (response.status !== status.success) throw remoteFailure('C-FIND', response);
  } finally {
    arrived.end();
    stop.abort();
    await answered.catch(() => {});
  }
}

/** Matches that may lie here untaken before the peer has to wait. */
const maxUntaken = 64;

/** Hands values from a caller who waits while many are untaken to one who takes them one at a time. */
function handOver<T>(): {
  give(value: T): Promise<void> | undefined;
  end(): void;
  readonly taken: AsyncIterable<T>;
} {
  const given: { readonly value: T; readonly taken: () => void }[] = [];
  let ended = false;
  let wake = (): void => {};

  async function* take(): AsyncGenerator<T, void, void> {
    for (;;) {
      const next = given.shift();
      if (next !== undefined) {
        next.taken();
        yield next.value;
      } else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  return {
    give(value) {
      if (ended) return undefined;
      if (given.length < maxUntaken) {
        given.push({ value, taken: () => {} });
        wake();
        return undefined;
      }
      return new Promise((taken) => {
        given.push({ value, taken });
        wake();
      });
    },
    end() {
      ended = true;
      // Who still waits to be relieved of a value waits for nobody.
      for (const { taken } of given) taken();
      wake();
    },
    taken: take(),
  };
}
