import type { Ingest } from '../ingest/ingest.ts';

/** What comes because we asked a peer to move it to us, as its sender says. PS3.7 §9.1.1.1.5. */
export interface MoveArrivals {
  /** The same door, which tells of what comes through it. */
  through(ingest: Ingest): Ingest;
  /**
   * @param aeTitle by which we asked for the move
   * @param arrived called again and again while something comes
   * @returns what ends it
   */
  watch(aeTitle: string, arrived: () => void): () => void;
}

export function createMoveArrivals(): MoveArrivals {
  const watching = new Map<string, Set<() => void>>();
  return {
    through: (ingest) => ({
      receive(source) {
        const receiver = ingest.receive(source);
        const told = watching.get(source.moveOriginatorAeTitle ?? '');
        if (told === undefined) return receiver;
        const tell = (): void => {
          for (const arrived of told) arrived();
        };
        tell();
        return {
          write(chunk) {
            tell();
            return receiver.write(chunk);
          },
          finish: () => receiver.finish(),
          abort: () => receiver.abort(),
        };
      },
    }),
    watch(aeTitle, arrived) {
      const told = watching.get(aeTitle) ?? new Set();
      watching.set(aeTitle, told.add(arrived));
      return () => {
        told.delete(arrived);
        if (told.size === 0) watching.delete(aeTitle);
      };
    },
  };
}
