import { mapAhead } from '../kernel/map-ahead.ts';
import type { CommandSet } from './command/command-set.ts';

/** The one that is being sent and the one after it. */
const preparedAtOnce = 2;

/** An instance whose turn has come. */
export interface PreparedInstance<I> {
  readonly instance: I;
  /** @returns the response to its C-STORE @throws CausewayError if it cannot be prepared or sent */
  send(): Promise<CommandSet>;
}

/** Prepares each instance while the one before it is sent. @param prepare resolves to what performs the C-STORE */
export function preparedAhead<I>(
  instances: AsyncIterable<I>,
  prepare: (instance: I) => Promise<() => Promise<CommandSet>>,
): AsyncIterable<PreparedInstance<I>> {
  const begin = async (instance: I): Promise<PreparedInstance<I>> => {
    const prepared = prepare(instance);
    prepared.catch(() => {}); // told when its turn comes
    return { instance, send: async () => (await prepared)() };
  };
  return mapAhead(instances, begin, preparedAtOnce);
}
