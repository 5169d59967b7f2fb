import { sniffEncoding } from '../dicom/encoding-sniffing.ts';
import type { Ingest, InstanceOutcome, InstanceReceiver } from '../ingest/ingest.ts';
import type { FoundFile } from './found-file.ts';

/** What became of one file. */
export type FileOutcome =
  | InstanceOutcome
  /** No reader of DICOM would recognise it. */
  | { readonly status: 'not-dicom' }
  /** It could not be read to its end; nothing of it was kept. */
  | { readonly status: 'unreadable'; readonly reason: string };

const preambleBytes = 128;
/** Enough for the preamble, `DICM`, or for the first element of a file without them. */
const peekBytes = preambleBytes + 4;

/**
 * Sends one file through the door in.
 * @param id as in the log
 */
export async function importFile(file: FoundFile, ingest: Ingest, id: string): Promise<FileOutcome> {
  let receiver: InstanceReceiver | undefined;
  try {
    let head = Buffer.alloc(0);
    for await (const chunk of await file.open()) {
      if (receiver) {
        await receiver.write(chunk as Buffer);
        continue;
      }
      head = Buffer.concat([head, chunk as Buffer]);
      if (head.length < peekBytes) continue;
      if (!looksLikeDicom(head)) return { status: 'not-dicom' };
      receiver = ingest.receive({ door: 'import', id, address: file.name });
      await receiver.write(head);
    }
    return receiver ? await receiver.finish() : { status: 'not-dicom' };
  } catch (thrown) {
    await receiver?.abort();
    return { status: 'unreadable', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** With the prefix of PS3.10 §7.1, or starting with an element as files of before 1993 and of careless software do. */
function looksLikeDicom(head: Buffer): boolean {
  return head.toString('latin1', preambleBytes, peekBytes) === 'DICM' || sniffEncoding(head, 0) !== undefined;
}
