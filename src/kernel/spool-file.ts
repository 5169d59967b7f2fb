import { randomUUID } from 'node:crypto';
import { close, open, write } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);

/**
 * Writes content to a file without a name: it is gone as soon as its descriptor is closed, and with the process.
 * @param folder made if it is not there
 * @returns the descriptor, which is the caller's to close
 * @throws what the content throws, and what the file system says; nothing is left then
 */
export async function spoolToDisk(content: AsyncIterable<Uint8Array>, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, randomUUID());
  const descriptor = await openFile(path, 'wx+', 0o600);
  try {
    await unlink(path);
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; ) at += (await writeFile(descriptor, chunk, at)).bytesWritten;
    }
  } catch (thrown) {
    await closeFile(descriptor);
    throw thrown;
  }
  return descriptor;
}

/** Closes a descriptor of `spoolToDisk` that nobody else took over. */
export function closeSpool(descriptor: number): Promise<void> {
  return closeFile(descriptor);
}
