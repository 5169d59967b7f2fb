import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { openZip, type ZippedFile, type ZipReader } from '../kernel/zip-reader.ts';
import type { ArchiveLimits, FileVisitor } from './found-file.ts';

/** The first bytes of an archive with entries, and of one without. */
const signatures = ['PK\x03\x04', 'PK\x05\x06'];

/** True if the file starts as ZIP archives do. */
export async function isZipArchive(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return signatures.includes(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * Visits the files of a ZIP archive. Nothing is unpacked to disk: entries are streams, and their names are for people
 * only. Sizes that the archive states are limits here, as an entry that exceeds its own, or does not fit its CRC, fails
 * while it is read.
 */
export async function visitZipArchive(path: string, visitor: FileVisitor, limits: ArchiveLimits): Promise<void> {
  let zip: ZipReader;
  try {
    zip = await openZip(path);
  } catch (thrown) {
    visitor.problem(path, `The archive cannot be read: ${reasonOf(thrown)}.`);
    return;
  }
  try {
    await visitEntries(zip, path, visitor, limits);
  } catch (thrown) {
    visitor.problem(path, `The archive cannot be read any further: ${reasonOf(thrown)}.`);
  } finally {
    await visitor.settled();
    zip.close();
  }
}

async function visitEntries(
  zip: ZipReader,
  path: string,
  visitor: FileVisitor,
  { maxArchiveEntries, maxArchiveBytes, maxInstanceBytes }: ArchiveLimits,
): Promise<void> {
  let entries = 0;
  let bytes = 0;
  for await (const file of zip.files()) {
    if (visitor.stopped()) return;
    const name = `${path}: ${file.name}`;
    if (++entries > maxArchiveEntries) {
      visitor.problem(name, `The archive has more than ${maxArchiveEntries} entries (maxArchiveEntries).`);
      return;
    }
    if (file.isFolder || /[/ ]dicomdir$/i.test(name)) continue;
    const refusal = refusalOf(file, maxInstanceBytes);
    if (refusal !== undefined) {
      visitor.problem(name, refusal);
      continue;
    }
    bytes += file.size;
    if (bytes > maxArchiveBytes) {
      visitor.problem(name, `The archive unpacks to more than ${maxArchiveBytes} bytes (maxArchiveBytes).`);
      return;
    }
    await visitor.file({ name, named: false, open: async () => Readable.from(file.content()) });
  }
}

function refusalOf({ name, size, unreadable }: ZippedFile, maxInstanceBytes: number): string | undefined {
  if (unreadable !== undefined) return unreadable;
  if (size > maxInstanceBytes) {
    return `The entry unpacks to more than ${maxInstanceBytes} bytes (maxInstanceBytes).`;
  }
  return /\.zip$/i.test(name) ? 'An archive within an archive is not opened.' : undefined;
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
