import type { Ingest, InstanceOutcome } from '../ingest/ingest.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

/** Who sends. */
export interface Caller {
  readonly callingAeTitle: string;
  /** Network address. */
  readonly address: string;
  /** As whom, where `checkUser` has let it in as somebody. */
  readonly user?: string | undefined;
}

/** What a handler is told of an association. */
export function callerOf({ callingAeTitle, address, user }: Caller): Caller {
  return { callingAeTitle, address, ...(user === undefined ? {} : { user }) };
}

/** An instance that a peer is sending. */
export interface IncomingInstance extends Caller {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /**
   * The Part 10 file: its header, then the data set byte for byte as it comes. The sender is read no faster than this is.
   * Throws `aborted` if the sender goes away.
   */
  readonly file: AsyncIterable<Uint8Array>;
}

/**
 * Takes one instance. The sender is told of success when this resolves, so the instance should be safe by then; what it throws
 * refuses the instance: a CausewayError in its words, anything else as a processing failure that is logged.
 */
export type ReceiveInstance = (instance: IncomingInstance) => Promise<void>;

/** The door in that hands instances to a function. */
export function ingestInto(receive: ReceiveInstance, log: Log): Ingest {
  return {
    receive({ affected, callingAeTitle = '', address = '', user }) {
      const { sopClassUid = '', sopInstanceUid = '' } = affected ?? {};
      const bytes = passOn();
      const received = receive({
        ...callerOf({ callingAeTitle, address, user }),
        sopClassUid,
        sopInstanceUid,
        file: bytes.taken,
      });
      // What it does not want to read is passed over.
      received.catch(() => {}).finally(bytes.stop);
      return {
        write: bytes.give,
        async finish(): Promise<InstanceOutcome> {
          bytes.end();
          try {
            await received;
          } catch (thrown) {
            const { code, message, details } = asCausewayError(thrown);
            if (code === 'internal') log.error('An instance was not taken.', { sopInstanceUid, error: thrown });
            return { status: 'refused', code, message, details };
          }
          return {
            status: 'stored',
            warnings: [],
            studyInstanceUid: '',
            seriesInstanceUid: '',
            sopInstanceUid,
            sopClassUid,
          };
        },
        async abort() {
          bytes.fail(new CausewayError('aborted', 'The sender went away before the instance was complete.'));
          await received.catch(() => {});
        },
      };
    },
  };
}

interface PassedOn {
  give(chunk: Uint8Array): Promise<void> | undefined;
  end(): void;
  fail(error: CausewayError): void;
  /** Nobody takes anything any more. */
  stop(): void;
  readonly taken: AsyncIterable<Uint8Array>;
}

/** Hands chunks over one at a time: who gives the next one waits until the one before is taken. */
function passOn(): PassedOn {
  let held: Uint8Array | undefined;
  let state: 'open' | 'ended' | 'stopped' | CausewayError = 'open';
  let wakeTaker = (): void => {};
  let wakeGiver = (): void => {};

  async function* take(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      if (state instanceof CausewayError) throw state;
      if (held !== undefined) {
        const chunk = held;
        held = undefined;
        wakeGiver();
        yield chunk;
      } else if (state !== 'open') return;
      else await new Promise<void>((resolve) => (wakeTaker = resolve));
    }
  }

  function settle(as: typeof state): void {
    if (state === 'open' || as === 'stopped') state = as;
    wakeTaker();
    if (as !== 'ended') wakeGiver();
  }

  return {
    give(chunk) {
      if (state !== 'open') return undefined;
      // Its memory is used again as soon as this is back.
      held = Buffer.from(chunk);
      wakeTaker();
      return new Promise((resolve) => (wakeGiver = resolve));
    },
    end: () => settle('ended'),
    fail: settle,
    stop: () => settle('stopped'),
    taken: take(),
  };
}
