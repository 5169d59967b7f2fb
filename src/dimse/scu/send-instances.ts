import { asCausewayError, type CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { mapAhead } from '../../kernel/map-ahead.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { CommandSet } from '../command/command-set.ts';
import { isWarning, status } from '../command/status.ts';
import type { SendingParts } from '../send-instance.ts';
import type { CalledPeer } from './called-peer.ts';
import { contextsFor } from './contexts-for.ts';
import { createDestination } from './destination.ts';
import type { PeerAssociations } from './peer-associations.ts';
import { remoteFailure } from './remote-status.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** What became of one instance. `warning`: the peer has stored it, but for what it says. */
export interface SendResult {
  readonly instance: IndexedInstance;
  readonly outcome: 'sent' | 'warning' | 'failed';
  /** Of the peer, if it answered. */
  readonly response: CommandSet | undefined;
  /** Why not, or what the warning is about. */
  readonly reason: CausewayError | undefined;
}

export interface SendOptions {
  /** The only transfer syntaxes to send in, the best first; as stored or converted to what the peer takes if empty. */
  readonly transferSyntaxUids?: readonly string[];
  /** Ends it before the next instance. */
  readonly signal?: AbortSignal | undefined;
}

export interface SendInstancesOptions {
  readonly associations: Pick<PeerAssociations, 'borrow'>;
  readonly retrieve: SendingParts;
  readonly peer: CalledPeer;
  /** Walked twice: for what to propose, and to send. */
  readonly instances: () => AsyncIterable<IndexedInstance>;
  readonly options: SendOptions;
  readonly log: Log;
}

/** The one that is being sent and the one after it. */
const preparedAtOnce = 2;

/**
 * C-STORE as SCU: one instance after the other. PS3.4 annex B, PS3.7 §9.1.1.
 * @throws CausewayError what walking the instances throws
 */
export async function* sendInstances({
  associations,
  retrieve,
  peer,
  instances,
  options: { transferSyntaxUids = [], signal },
  log,
}: SendInstancesOptions): AsyncGenerator<SendResult, void, void> {
  const contexts = await contextsFor(instances(), transferSyntaxUids);
  const destination = createDestination({
    call: () => associations.borrow(peer, { contexts }, log),
    retrieve,
    command: { priority: 0 },
  });
  const prepare = async (instance: IndexedInstance) => {
    const prepared = destination.prepare(instance);
    prepared.catch(() => {}); // told when its turn comes
    return { instance, send: async () => (await prepared)() };
  };
  try {
    for await (const { instance, send } of mapAhead(instances(), prepare, preparedAtOnce)) {
      if (signal?.aborted) return;
      yield await resultOf(instance, send);
    }
  } finally {
    await destination.close();
  }
}

async function resultOf(instance: IndexedInstance, send: () => Promise<CommandSet>): Promise<SendResult> {
  try {
    const response = await send();
    if (response.status === status.success) return { instance, outcome: 'sent', response, reason: undefined };
    const outcome = isWarning(response.status ?? status.processingFailure) ? 'warning' : 'failed';
    return { instance, outcome, response, reason: remoteFailure('C-STORE', response) };
  } catch (thrown) {
    return { instance, outcome: 'failed', response: undefined, reason: asCausewayError(thrown) };
  }
}
