import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { writeWholeFile } from '../kernel/write-whole-file.ts';
import type { ReceiveInstance } from './incoming-instance.ts';

/**
 * Keeps instances in a folder as `<SOP Instance UID>.dcm`. A file has its name when all of it is on the disk; one that is there
 * already is replaced.
 * @param folder made where it is missing
 * @param onStored told of each
 */
export function storeIn(folder: string, onStored: (path: string) => void = () => {}): ReceiveInstance {
  return async ({ sopInstanceUid, file }) => {
    // A UID comes from outside: it must not lead elsewhere.
    const name = /^[0-9.]{1,64}$/.test(sopInstanceUid) ? sopInstanceUid : randomUUID();
    const path = join(folder, `${name}.dcm`);
    await writeWholeFile(path, () => file, { replace: true });
    onStored(path);
  };
}
