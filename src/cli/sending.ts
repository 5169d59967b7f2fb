import type { FileInstance } from '../dimse/file-instances.ts';
import type { SendResult } from '../dimse/scu/send-instances.ts';
import type { SendingParts } from '../dimse/send-instance.ts';
import { contentOf } from '../library/file-content.ts';
import type { FileConverter } from '../library/file-converter.ts';
import { sendingParts } from '../library/sending-parts.ts';
import { createProgress } from './progress.ts';
import { printable, type Terminal } from './terminal.ts';

/** Files on their way to a peer, and what has become of them so far. */
export interface Sending {
  walk(): AsyncGenerator<FileInstance, void, void>;
  readonly parts: SendingParts<FileInstance>;
  /** Counts results, and complains of what went wrong. @throws what sending throws */
  take(results: AsyncIterable<SendResult<FileInstance>>): Promise<void>;
  /** Leaves the terminal as lines may follow. */
  stop(): void;
  readonly tally: { readonly sent: number; readonly warnings: number; readonly failed: number };
  /** Those that the peer has taken. */
  readonly taken: readonly FileInstance[];
  /** How many of those went out in another transfer syntax than their own, by its UID. */
  readonly convertedTo: ReadonlyMap<string, number>;
}

/** @param converter undefined where nothing is to be converted */
export function startSending(
  instances: readonly FileInstance[],
  converter: FileConverter | undefined,
  terminal: Terminal,
): Sending {
  const progress = createProgress(terminal, 'instances');
  const tally = { sent: 0, warnings: 0, failed: 0 };
  const taken: FileInstance[] = [];
  const converted = new Map<FileInstance, string>();
  const convertedTo = new Map<string, number>();
  return {
    tally,
    taken,
    convertedTo,
    async *walk() {
      yield* instances;
    },
    parts: sendingParts<FileInstance>({
      contentOf: ({ blobKey }) => contentOf(blobKey),
      converter,
      onConverted: (instance, uid) => void converted.set(instance, uid),
    }),
    async take(results) {
      for await (const { instance, outcome, reason } of results) {
        if (outcome === 'failed') tally.failed += 1;
        else {
          tally.sent += 1;
          taken.push(instance);
          const uid = converted.get(instance);
          if (uid !== undefined) convertedTo.set(uid, (convertedTo.get(uid) ?? 0) + 1);
        }
        if (outcome === 'warning') tally.warnings += 1;
        if (reason !== undefined) terminal.complain(`${printable(instance.blobKey)}: ${reason.message}`);
        progress.update(tally.sent + tally.failed, instances.length, `${tally.failed} failed`);
      }
    },
    stop: progress.stop,
  };
}
