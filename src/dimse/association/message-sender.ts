import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { type CommandSet, encodeCommandSet, noDataSet, withDataSet } from '../command/command-set.ts';
import type { MessageWriter, OutgoingDataSet } from './message-writer.ts';

/** Sends one message: a command, and the data set that belongs to it. @throws CausewayError `aborted` */
export type SendMessage = (
  contextId: number,
  command: CommandSet,
  dataSet: OutgoingDataSet | undefined,
) => Promise<void>;

/**
 * A data set is read to its end or given up, whatever happens.
 * @param onBroken half of a message was sent and the rest cannot be: the association is of no more use
 */
export function createMessageSender(writer: MessageWriter, onBroken: (error: CausewayError) => void): SendMessage {
  return async (contextId, command, dataSet) => {
    const commandDataSetType = dataSet === undefined ? noDataSet : withDataSet;
    let begun = false;
    let failure: { readonly thrown: unknown } | undefined;
    const watched =
      dataSet && watching(dataSet, { begins: () => (begun = true), fails: (thrown) => (failure = { thrown }) });
    try {
      await writer.send(contextId, encodeCommandSet({ ...command, commandDataSetType }), watched);
    } catch (thrown) {
      if (!begun) await giveUp(dataSet);
      const hasConnectionEnded = failure === undefined && isAborted(thrown);
      if (!begun || hasConnectionEnded) throw thrown;
      // Its command has gone out: whatever kept the data set back, another message would be taken for the rest of it.
      const error = asCausewayError(failure === undefined ? thrown : failure.thrown);
      onBroken(error);
      throw new CausewayError('aborted', `The association was ended in the middle of a message: ${error.message}`, {
        cause: error,
      });
    }
  };
}

/** The data set, telling when the first of it is asked for, and if it is itself what fails, as opposed to the connection. */
async function* watching(
  dataSet: OutgoingDataSet,
  { begins, fails }: { begins(): void; fails(thrown: unknown): void },
): AsyncGenerator<Uint8Array, void, void> {
  begins();
  try {
    yield* dataSet;
  } catch (thrown) {
    fails(thrown);
    throw thrown;
  }
}

/** One that was prepared holds on to what it reads from: whoever does not read it says so. */
export async function giveUp(dataSet: OutgoingDataSet | undefined): Promise<void> {
  if (dataSet === undefined) return;
  const iterator = Symbol.asyncIterator in dataSet ? dataSet[Symbol.asyncIterator]() : dataSet[Symbol.iterator]();
  try {
    await iterator.return?.();
  } catch {
    // why it was not read is what its sender hears
  }
}

/** Of the writer it is what says that the connection has ended. */
function isAborted(thrown: unknown): boolean {
  return thrown instanceof CausewayError && thrown.code === 'aborted';
}
