import { asCausewayError, type CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { CommandSet } from '../command/command-set.ts';
import { status } from '../command/status.ts';
import { isStored } from '../command/store-answer.ts';
import { preparedAhead } from '../prepared-ahead.ts';
import type { SendableInstance, SendingParts } from '../send-instance.ts';
import type { CalledPeer } from './called-peer.ts';
import { contextsFor } from './contexts-for.ts';
import { createDestination } from './destination.ts';
import type { LentAssociation, PeerAssociations } from './peer-associations.ts';
import { remoteFailure } from './remote-status.ts';

/** What became of one instance. `warning`: the peer has stored it, but for what it says. */
export interface SendResult<I> {
  readonly instance: I;
  readonly outcome: 'sent' | 'warning' | 'failed';
  /** Of the peer, if it answered. */
  readonly response: CommandSet | undefined;
  /** Why not, or what the warning is about. */
  readonly reason: CausewayError | undefined;
}

export interface SendOptions {
  /**
   * Transfer syntaxes to send in, the best first, and not compressed what cannot be had so; as stored or converted to what the
   * peer takes if empty.
   */
  readonly transferSyntaxUids?: readonly string[];
  /** Ends it before the next instance. */
  readonly signal?: AbortSignal | undefined;
  /** A peer that cannot be called is an error, as opposed to the reason why each instance is not sent. */
  readonly unreachableThrows?: boolean;
}

export interface SendInstancesOptions<I extends SendableInstance> {
  readonly associations: Pick<PeerAssociations, 'borrow'>;
  readonly retrieve: SendingParts<I>;
  readonly peer: CalledPeer;
  /** Walked twice: for what to propose, and to send. */
  readonly instances: () => AsyncIterable<I>;
  readonly options: SendOptions;
  readonly log: Log;
}

/**
 * C-STORE as SCU: one instance after the other. PS3.4 annex B, PS3.7 §9.1.1.
 * @throws CausewayError what walking the instances throws; with `unreachableThrows` why the peer cannot be called
 */
export async function* sendInstances<I extends SendableInstance>({
  associations,
  retrieve,
  peer,
  instances,
  options: { transferSyntaxUids = [], signal, unreachableThrows = false },
  log,
}: SendInstancesOptions<I>): AsyncGenerator<SendResult<I>, void, void> {
  const contexts = await contextsFor(instances(), transferSyntaxUids);
  let unreachable: { readonly thrown: unknown } | undefined;
  const call = async (): Promise<LentAssociation> => {
    try {
      return await associations.borrow(peer, { contexts }, log);
    } catch (thrown) {
      unreachable ??= { thrown };
      throw thrown;
    }
  };
  const destination = createDestination({ call, retrieve, command: { priority: 0 }, preferred: transferSyntaxUids });
  try {
    for await (const { instance, send } of preparedAhead(instances(), (instance) => destination.prepare(instance))) {
      if (signal?.aborted) return;
      const result = await resultOf(instance, send);
      if (unreachableThrows && result.response === undefined && unreachable !== undefined) throw unreachable.thrown;
      yield result;
    }
  } finally {
    await destination.close();
  }
}

async function resultOf<I>(instance: I, send: () => Promise<CommandSet>): Promise<SendResult<I>> {
  try {
    const response = await send();
    if (response.status === status.success) return { instance, outcome: 'sent', response, reason: undefined };
    const outcome = isStored(response) ? 'warning' : 'failed';
    return { instance, outcome, response, reason: remoteFailure('C-STORE', response) };
  } catch (thrown) {
    return { instance, outcome: 'failed', response: undefined, reason: asCausewayError(thrown) };
  }
}
