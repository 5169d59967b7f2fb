import { CausewayError } from '../../kernel/errors.ts';
import type { Configuration, CurrentConfiguration, Publisher } from '../configuration.ts';
import type { Destination } from '../destination.ts';
import { createDestination, type DestinationMakings, type DestinationParts, endpointOf } from './create-destination.ts';

/** The destinations of the publishers that are configured. */
export interface Destinations {
  /**
   * That of a publisher, made anew when its settings have changed: what is under way with the one before comes to its end.
   * @throws CausewayError `not-found`, `bad-request` for settings that cannot work
   */
  of(publisher: string): Promise<Destination>;
  close(): Promise<void>;
}

export interface DestinationsOptions {
  readonly configuration: CurrentConfiguration;
  readonly parts: DestinationParts;
  /** Until one that is replaced is closed under whoever still uses it. */
  readonly graceMs?: number;
}

interface Made {
  /** What it was made from. */
  readonly key: string;
  readonly destination: Destination;
}

/** Longer than any batch takes. */
const defaultGraceMs = 3_600_000;

export function createDestinations({
  configuration,
  parts,
  graceMs = defaultGraceMs,
}: DestinationsOptions): Destinations {
  const made = new Map<string, Made>();
  const leaving = new Map<Destination, NodeJS.Timeout>();

  function retire({ destination }: Made): void {
    const timer = setTimeout(() => {
      leaving.delete(destination);
      void destination.close();
    }, graceMs);
    timer.unref();
    leaving.set(destination, timer);
  }

  function forgetRemoved(publishers: readonly Publisher[]): void {
    const names = new Set(publishers.map(({ name }) => name));
    for (const [name, before] of made) {
      if (names.has(name)) continue;
      made.delete(name);
      retire(before);
    }
  }

  return {
    async of(name) {
      const { configuration: current } = await configuration.read();
      forgetRemoved(current.publishers);
      const publisher = current.publishers.find((one) => one.name === name);
      if (publisher === undefined) throw new CausewayError('not-found', `There is no publisher ${name}.`);
      const makings = makingsOf(publisher, current);
      const key = JSON.stringify(makings);
      const before = made.get(name);
      if (before?.key === key) return before.destination;
      const destination = createDestination(makings, parts);
      made.set(name, { key, destination });
      if (before !== undefined) retire(before);
      return destination;
    },
    async close() {
      for (const timer of leaving.values()) clearTimeout(timer);
      const all = [...leaving.keys(), ...[...made.values()].map(({ destination }) => destination)];
      leaving.clear();
      made.clear();
      await Promise.all(all.map((destination) => destination.close()));
    },
  };
}

/** @throws CausewayError `bad-request` */
export function makingsOf(
  { name, destination: settings, upload }: Pick<Publisher, 'name' | 'destination' | 'upload'>,
  { api, upload: common }: Pick<Configuration, 'api' | 'upload'>,
): DestinationMakings {
  return {
    publisher: name,
    settings,
    endpoints: settings.kind === 'api' ? [endpointOf({ endpoints: api }, settings.endpoint)] : [],
    isDeidentified: (upload.deidentify ?? common.deidentify).profile !== 'none',
  };
}
