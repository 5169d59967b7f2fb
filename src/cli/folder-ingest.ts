import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ingest, InstanceOutcome, InstanceReceiver } from '../ingest/ingest.ts';
import { asCausewayError } from '../kernel/errors.ts';

/** An Ingest into a folder: each instance becomes `<SOP Instance UID>.dcm`, byte for byte, when all of it is on the disk. */
export function createFolderIngest(folder: string, onStored: (path: string) => void): Ingest {
  return {
    receive({ affected }): InstanceReceiver {
      const uid = affected?.sopInstanceUid ?? randomUUID();
      const temporary = join(folder, `.${randomUUID()}.part`);
      const path = join(folder, `${/^[0-9.]{1,64}$/.test(uid) ? uid : randomUUID()}.dcm`);
      let file: FileHandle | undefined;
      let last: Promise<void> = mkdir(folder, { recursive: true }).then(async () => {
        file = await open(temporary, 'wx');
      });
      last.catch(() => {}); // told when the instance is complete

      async function discard(): Promise<void> {
        await last.catch(() => {});
        await file?.close().catch(() => {});
        await rm(temporary, { force: true });
      }

      return {
        write(chunk) {
          const copy = Buffer.from(chunk);
          last = last.then(async () => {
            await file?.write(copy);
          });
          const written = last;
          written.catch(() => {});
          // One chunk at a time lies in memory; what fails is told at the end.
          return written.catch(() => {});
        },
        async finish(): Promise<InstanceOutcome> {
          try {
            await last;
            await file?.sync();
            await file?.close();
            await rename(temporary, path);
            onStored(path);
          } catch (thrown) {
            await discard();
            const { code, message, details } = asCausewayError(thrown);
            return { status: 'refused', code, message, details };
          }
          const sopClassUid = affected?.sopClassUid ?? '';
          return {
            status: 'stored',
            warnings: [],
            studyInstanceUid: '',
            seriesInstanceUid: '',
            sopInstanceUid: uid,
            sopClassUid,
          };
        },
        abort: discard,
      };
    },
  };
}
