import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { CommandSet } from '../command/command-set.ts';
import { isWarning, status } from '../command/status.ts';
import { type PreparedInstance, prepareInstance, type SendableInstance, type SendingParts } from '../send-instance.ts';
import { closedWhileIdle } from './closed-while-idle.ts';
import type { LentAssociation } from './peer-associations.ts';

/** Where instances go, one after the other. */
export interface Destination<I> {
  /**
   * Called while the instance before is being sent.
   * @returns what performs the C-STORE and returns its response
   * @throws CausewayError if it cannot be sent, as may what is returned; never `aborted`
   */
  prepare(instance: I): Promise<() => Promise<CommandSet>>;
  /** Whether it is the destination that has failed, whatever the instance. @param thrown by preparing or sending one */
  hasFailed(thrown: object): boolean;
  close(): Promise<void>;
}

export interface DestinationOptions<I extends SendableInstance> {
  /** Opens an association in which instances can be sent. @throws CausewayError */
  call(): Promise<LentAssociation>;
  readonly retrieve: SendingParts<I>;
  /** Priority, and who asked for it where it was asked for (C-MOVE). */
  readonly command: Omit<CommandSet, 'commandField'>;
  /** As `prepareInstance` takes them. */
  readonly preferred?: readonly string[];
}

/** A destination that hangs up is called so often for nothing: whatever it takes in between starts the count anew. */
const maxCalls = 3;

/**
 * Nothing is opened before the first instance. A destination that hangs up on an instance is called again for the next; one
 * that has closed an association while it lay idle, for the same.
 */
export function createDestination<I extends SendableInstance>({
  call,
  retrieve,
  command,
  preferred,
}: DestinationOptions<I>): Destination<I> {
  let opening: Promise<LentAssociation> | undefined;
  let calls = 0;
  /** Why the association before ended. */
  let lastFailure: CausewayError | undefined;
  const ownFailures = new WeakSet<object>();
  /** Those over which something was answered: they did not lie idle since. */
  const answering = new WeakSet<LentAssociation>();

  function ofDestination(failure: CausewayError): CausewayError {
    ownFailures.add(failure);
    return failure;
  }

  async function callAgain(before: LentAssociation | undefined): Promise<LentAssociation> {
    await before?.giveBack();
    if (calls >= maxCalls) {
      const why = lastFailure === undefined ? '' : ` The last time: ${lastFailure.message}`;
      const message = `The destination was called ${maxCalls} times and took nothing.${why}`;
      throw ofDestination(new CausewayError('unavailable', message, { cause: lastFailure }));
    }
    calls += 1;
    return call().catch((thrown: unknown) => {
      throw ofDestination(asCausewayError(thrown));
    });
  }

  /** The association that is open, or a new one; whoever finds it closed at the same time shares the new one. */
  async function associated(): Promise<LentAssociation> {
    const before = opening;
    const association = await before?.catch(() => undefined);
    if (association?.isOpen) return association;
    if (opening === before) opening = callAgain(association);
    return opening!;
  }

  async function send(association: LentAssociation, prepared: PreparedInstance): Promise<CommandSet> {
    const response = await prepared.send(command);
    answering.add(association);
    if (response.status === status.success || isWarning(response.status ?? 0)) calls = 0;
    return response;
  }

  /** @returns undefined where the destination turns out to have gone before */
  async function sendOver(association: LentAssociation, prepared: PreparedInstance): Promise<CommandSet | undefined> {
    if (!association.isOpen) return undefined;
    try {
      return await send(association, prepared);
    } catch (thrown) {
      const layIdle = !answering.has(association) && closedWhileIdle(association, thrown);
      if (layIdle && isGone(thrown) && whyUnread(thrown) === undefined) return undefined;
      throw thrown;
    }
  }

  return {
    async prepare(instance) {
      const destined = await associated();
      const prepared = await prepareInstance(destined.peer, retrieve, instance, preferred);
      return async () => {
        try {
          const response = await sendOver(destined, prepared);
          if (response !== undefined) return response;
          const next = await associated();
          return await send(next, await prepareInstance(next.peer, retrieve, instance, preferred));
        } catch (thrown) {
          if (!isGone(thrown)) throw thrown;
          const unreadable = whyUnread(thrown);
          if (unreadable !== undefined) {
            calls = Math.max(0, calls - 1);
            throw unreadable;
          }
          // It is the destination that has gone, not whoever asked for this.
          const { cause } = thrown;
          const { message } = cause instanceof CausewayError ? cause : thrown;
          lastFailure = ofDestination(new CausewayError('unavailable', message, { cause: thrown }));
          throw lastFailure;
        }
      };
    },
    hasFailed: (thrown) => ownFailures.has(thrown),
    async close() {
      await (await opening?.catch(() => undefined))?.giveBack();
    },
  };
}

function isGone(thrown: unknown): thrown is CausewayError {
  return thrown instanceof CausewayError && thrown.code === 'aborted';
}

/** Why an instance could not be read to its end, where it was for that that the association had to end. */
function whyUnread({ cause }: CausewayError): CausewayError | undefined {
  return cause instanceof CausewayError && cause.code !== 'aborted' ? cause : undefined;
}
