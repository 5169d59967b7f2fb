import { statfs } from 'node:fs/promises';
import { CausewayError } from '../kernel/errors.ts';

/** What of a disk is left to others than stored files. */
export interface DiskReserve {
  /** Rejects with CausewayError `storage-full` while less is free; asked before each piece that is written. */
  check(): Promise<void>;
}

/** Far shorter than it takes to fill a reserve. */
const maxAgeMs = 1_000;

/**
 * The database needs room to write down even what is erased: where files take the disk to its last byte, it stops, and
 * nothing can be made room for any more.
 * @param folder on that disk
 */
export function createDiskReserve(folder: string, reserveBytes: number): DiskReserve {
  let checking: Promise<void> | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    // What is to be written tells if the folder is not there.
    const found = await statfs(folder).catch(() => undefined);
    if (found === undefined || found.bavail * found.bsize >= reserveBytes) return;
    throw new CausewayError(
      'storage-full',
      `There is no space left to store the instance: the last ${reserveBytes} bytes of the disk are kept for the database.`,
      { details: { limit: 'diskReserveBytes' } },
    );
  }

  return {
    check() {
      if (reserveBytes === 0) return Promise.resolve();
      const now = performance.now();
      if (checking === undefined || now - checkedAt > maxAgeMs) {
        checkedAt = now;
        checking = look();
      }
      return checking;
    },
  };
}
