import type { Log } from '../kernel/log.ts';
import type { Configuration, Publisher } from './configuration.ts';
import type { Destination } from './destination.ts';
import { wayOf } from './way-of.ts';

/** Makes a destination of its settings; it connects when something is sent. @throws CausewayError where they cannot work */
export type OpenDestination = (publisher: Publisher, configuration: Configuration) => Destination;

/** The destinations of all publishers, each made once and kept for as long as its settings stay the same. */
export interface DestinationsInUse {
  /** What is done with a destination; it is not closed meanwhile. */
  use<T>(
    publisher: Publisher,
    configuration: Configuration,
    work: (destination: Destination) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly settings: string;
  readonly destination: Destination;
  users: number;
  isReplaced: boolean;
}

export function createDestinationsInUse(open: OpenDestination, log: Log): DestinationsInUse {
  const entries = new Map<string, Entry>();

  function closeUnused(entry: Entry): void {
    if (!entry.isReplaced || entry.users > 0) return;
    entry.destination.close().catch((thrown: unknown) => {
      log.warn('a destination could not be closed', { error: String(thrown) });
    });
  }

  function entryOf(publisher: Publisher, configuration: Configuration): Entry {
    // Who is told of studies is told no links into pseudonyms.
    const text = wayOf(publisher, configuration);
    const known = entries.get(publisher.name);
    if (known?.settings === text) return known;
    const entry = { settings: text, destination: open(publisher, configuration), users: 0, isReplaced: false };
    entries.set(publisher.name, entry);
    if (known) {
      known.isReplaced = true;
      closeUnused(known);
    }
    return entry;
  }

  return {
    async use(publisher, configuration, work) {
      const entry = entryOf(publisher, configuration);
      entry.users += 1;
      try {
        return await work(entry.destination);
      } finally {
        entry.users -= 1;
        closeUnused(entry);
      }
    },
    async close() {
      await Promise.all(Array.from(entries.values(), ({ destination }) => destination.close()));
      entries.clear();
    },
  };
}
