import { CausewayError } from '../../kernel/errors.ts';
import type { CommandSet } from '../command/command-set.ts';
import { type PreparedInstance, prepareInstance, type SendableInstance, type SendingParts } from '../send-instance.ts';
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

/** A destination that hangs up is called again so often, in all. */
const maxCalls = 3;

/**
 * Nothing is opened before the first instance. A destination that hangs up on an instance is called again for the next; one
 * that has closed an association while it lay idle, for the same.
 */
export function createDestination<I extends SendableInstance>({
  call,
  retrieve,
  command,
}: DestinationOptions<I>): Destination<I> {
  let opening: Promise<LentAssociation> | undefined;
  let calls = 0;
  /** Those over which something was answered: they did not lie idle since. */
  const answering = new WeakSet<LentAssociation>();

  async function callAgain(before: LentAssociation | undefined): Promise<LentAssociation> {
    await before?.giveBack();
    if (calls >= maxCalls) throw new CausewayError('unavailable', 'The destination was called often enough.');
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

  /** @returns undefined where the destination turns out to have gone before */
  async function sendOver(association: LentAssociation, prepared: PreparedInstance): Promise<CommandSet | undefined> {
    if (!association.isOpen) return undefined;
    try {
      const response = await prepared.send(command);
      answering.add(association);
      return response;
    } catch (thrown) {
      if (isGone(thrown) && association.isReused && !answering.has(association)) return undefined;
      throw thrown;
    }
  }

  return {
    async prepare(instance) {
      const destined = await associated();
      const prepared = await prepareInstance(destined.peer, retrieve, instance);
      return async () => {
        try {
          const response = await sendOver(destined, prepared);
          if (response !== undefined) return response;
          return await (await prepareInstance((await associated()).peer, retrieve, instance)).send(command);
        } catch (thrown) {
          // It is the destination that has gone, not whoever asked for this.
          if (!isGone(thrown)) throw thrown;
          throw new CausewayError('unavailable', 'The destination ended the association.', { cause: thrown });
        }
      };
    },
    async close() {
      await (await opening?.catch(() => undefined))?.giveBack();
    },
  };
}

function isGone(thrown: unknown): boolean {
  return thrown instanceof CausewayError && thrown.code === 'aborted';
}
