import { CausewayError } from '../../kernel/errors.ts';
import type { CommandSet } from '../command/command-set.ts';
import { isWarning, status } from '../command/status.ts';
import { prepareInstance, type SendableInstance, type SendingParts } from '../send-instance.ts';
import type { LentAssociation } from './peer-associations.ts';

/** Where instances go, one after the other. */
export interface Destination<I> {
  /**
   * Called while the instance before is being sent.
   * @returns what performs the C-STORE and returns its response
   * @throws CausewayError if it cannot be sent, as may what is returned; never `aborted`
   */
  prepare(instance: I): Promise<() => Promise<CommandSet>>;
  close(): Promise<void>;
}

export interface DestinationOptions<I extends SendableInstance> {
  /** Opens an association in which instances can be sent. @throws CausewayError */
  call(): Promise<LentAssociation>;
  readonly retrieve: SendingParts<I>;
  /** Priority, and who asked for it where it was asked for (C-MOVE). */
  readonly command: Omit<CommandSet, 'commandField'>;
}

/** A destination that hangs up is called so often for nothing: whatever it takes in between starts the count anew. */
const maxCalls = 3;

/** Nothing is opened before the first instance. A destination that hangs up on an instance is called again for the next. */
export function createDestination<I extends SendableInstance>({
  call,
  retrieve,
  command,
}: DestinationOptions<I>): Destination<I> {
  let opening: Promise<LentAssociation> | undefined;
  let calls = 0;
  /** Why the association before ended. */
  let lastFailure: CausewayError | undefined;

  async function callAgain(before: LentAssociation | undefined): Promise<LentAssociation> {
    await before?.giveBack();
    if (calls >= maxCalls) {
      const why = lastFailure === undefined ? '' : ` The last time: ${lastFailure.message}`;
      const message = `The destination was called ${maxCalls} times and took nothing.${why}`;
      throw new CausewayError('unavailable', message, { cause: lastFailure });
    }
    calls += 1;
    return call();
  }

  /** The association that is open, or a new one; whoever finds it closed at the same time shares the new one. */
  async function associated(): Promise<LentAssociation> {
    const before = opening;
    const association = await before?.catch(() => undefined);
    if (association?.isOpen) return association;
    if (opening === before) opening = callAgain(association);
    return opening!;
  }

  return {
    async prepare(instance) {
      const destined = await associated();
      const prepared = await prepareInstance(destined.peer, retrieve, instance);
      return async () => {
        try {
          // The destination may have hung up on the instance before.
          const now = destined.isOpen ? prepared : await prepareInstance((await associated()).peer, retrieve, instance);
          const response = await now.send(command);
          if (response.status === status.success || isWarning(response.status ?? 0)) calls = 0;
          return response;
        } catch (thrown) {
          if (!(thrown instanceof CausewayError) || thrown.code !== 'aborted') throw thrown;
          const { cause } = thrown;
          // The instance could not be read to its end: that is the reason, not that the association had to end for it.
          if (cause instanceof CausewayError && cause.code !== 'aborted') {
            calls = Math.max(0, calls - 1);
            throw cause;
          }
          // Whoever asked for this has not gone.
          const message = cause instanceof CausewayError ? cause.message : 'The destination ended the association.';
          lastFailure = new CausewayError('unavailable', message, { cause: thrown });
          throw lastFailure;
        }
      };
    },
    async close() {
      await (await opening?.catch(() => undefined))?.giveBack();
    },
  };
}
