import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createDurableDirectories } from '../../blobs/durable-directories.ts';
import { createFileBlobWriter } from '../../blobs/file-blob-writer.ts';
import { createFileRangeStream } from '../../blobs/file-range-stream.ts';
import { CausewayError, errnoOf } from '../../kernel/errors.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { ConfirmOutcome, Destination, OutgoingInstance, Sending, SendOutcome } from '../destination.ts';
import { testInSteps } from './connection-steps.ts';
import { fileKey } from './file-key.ts';
import { sentFile } from './sent-file.ts';

type FolderSettings = Extract<DestinationSettings, { kind: 'folder' }>;

/** Files that a process left half written when it was killed are removed after so long. */
const abandonedAfterMs = 86_400_000;

/**
 * Files `<study>/<series>/<instance>.dcm` below a folder. Each is written elsewhere in it, under `.incoming/`, and gets its
 * name when it is on stable storage: who watches the folder sees whole files only.
 */
export function createFolderDestination({ path }: FolderSettings, { now }: { readonly now: () => Date }): Destination {
  const root = resolve(path);
  const incoming = join(root, '.incoming');
  const directories = createDurableDirectories(root);
  const open = new Set<string>();
  let isTidy = false;

  /** A folder that is not there is not made: it may be a share that is not mounted at the moment. */
  async function folderThere(): Promise<void> {
    const facts = await stat(root).catch((thrown: unknown) => {
      throw folderFailure(thrown, root);
    });
    if (!facts.isDirectory()) throw new CausewayError('bad-request', `${root} is no folder.`);
  }

  async function prepare(): Promise<void> {
    await folderThere();
    await mkdir(incoming).catch((thrown: unknown) => {
      if (errnoOf(thrown) !== 'EEXIST') throw folderFailure(thrown, root);
    });
    if (isTidy) return;
    isTidy = true;
    const before = now().getTime() - abandonedAfterMs;
    for (const entry of await readdir(incoming)) {
      const path = join(incoming, entry);
      const age = await stat(path).catch(() => undefined);
      if (entry.endsWith('.part') && !open.has(path) && age !== undefined && age.mtimeMs < before) {
        await unlink(path).catch(() => {});
      }
    }
  }

  async function write(key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const writer = createFileBlobWriter({ root, incoming, directories, open });
    let isWritten = false;
    try {
      for await (const chunk of content) await writer.write(chunk);
      await writer.commit(key);
      isWritten = true;
    } finally {
      // After a commit that failed as well: what has its name by then would not be known to be durable.
      if (!isWritten) await writer.discard().catch(() => {});
    }
  }

  async function sendOne(instance: OutgoingInstance, sending: Sending): Promise<SendOutcome> {
    const { sopInstanceUid } = instance;
    try {
      await write(fileKey(instance), sentFile(instance, sending));
      return { sopInstanceUid, status: 'accepted', answer: 'Written' };
    } catch (thrown) {
      const error = folderFailure(thrown, root);
      if (error.code === 'aborted' || error.code === 'forbidden') throw error;
      return { sopInstanceUid, status: isOfInstance(error) ? 'refused' : 'failed', answer: error.message };
    }
  }

  async function confirmOne(
    instance: Omit<OutgoingInstance, 'open'>,
    { signal, alive }: Sending,
  ): Promise<ConfirmOutcome> {
    const { sopInstanceUid } = instance;
    const hash = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of createFileRangeStream(join(root, fileKey(instance))) as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        alive?.();
        hash.update(chunk);
        size += chunk.length;
      }
    } catch (thrown) {
      signal.throwIfAborted();
      const error = folderFailure(thrown, root);
      if (error.code !== 'not-found') throw error;
      return { sopInstanceUid, status: 'missing', answer: 'There is no such file' };
    }
    if (size === instance.size && hash.digest('hex') === instance.sha256) {
      return { sopInstanceUid, status: 'confirmed', answer: `${size} bytes, SHA-256 as sent` };
    }
    return { sopInstanceUid, status: 'missing', answer: 'The file is there, but it is not what was sent' };
  }

  return {
    async *send(batch, sending) {
      await prepare();
      for (const instance of batch) yield await sendOne(instance, sending);
    },
    async confirm(batch, sending) {
      const outcomes: ConfirmOutcome[] = [];
      for (const instance of batch) outcomes.push(await confirmOne(instance, sending));
      // Files that are away with their folder are not missing.
      if (outcomes.some(({ status }) => status === 'missing')) await folderThere();
      return outcomes;
    },
    results: undefined,
    test: () =>
      testInSteps(async (step) => {
        await step('folder found', async () => {
          await prepare();
          return root;
        });
        await step('can be written to', async () => {
          const key = join('.incoming', `${randomUUID()}.test`);
          try {
            await write(key, noBytes());
          } catch (thrown) {
            throw folderFailure(thrown, root);
          } finally {
            await unlink(join(root, key)).catch(() => {});
          }
          return 'a file was written and removed again';
        });
      }),
    close: () => directories.close(),
  };
}

/** Of what is to be sent, as opposed to where it goes. */
function isOfInstance({ code }: CausewayError): boolean {
  return code === 'uid-invalid' || code === 'stored-file-damaged';
}

async function* noBytes(): AsyncGenerator<Uint8Array, void, void> {}

const failures: Readonly<Record<string, readonly [code: 'unavailable' | 'forbidden' | 'bad-request', words: string]>> =
  {
    ENOENT: ['unavailable', 'is not there'],
    ENOTDIR: ['bad-request', 'is no folder'],
    EACCES: ['forbidden', 'may not be written to by the user as whom Causeway runs'],
    EPERM: ['forbidden', 'may not be written to by the user as whom Causeway runs'],
    EROFS: ['forbidden', 'can only be read'],
    ENOSPC: ['unavailable', 'has no room left'],
    EDQUOT: ['unavailable', 'has no room left'],
    EIO: ['unavailable', 'cannot be read or written at the moment'],
    ESTALE: ['unavailable', 'cannot be read or written at the moment'],
    EHOSTDOWN: ['unavailable', 'cannot be reached at the moment'],
  };

function folderFailure(thrown: unknown, root: string): CausewayError {
  const [code, words] = failures[errnoOf(thrown) ?? ''] ?? [];
  if (code !== undefined) return new CausewayError(code, `The folder ${root} ${words}.`, { cause: thrown });
  if (thrown instanceof CausewayError) {
    if (thrown.code === 'storage-full') {
      return new CausewayError('unavailable', `The folder ${root} has no room left.`, { cause: thrown });
    }
    // Of a writer: the system's own error lies within.
    const errno = errnoOf(thrown.cause);
    return thrown.code === 'internal' && errno !== undefined ? folderFailure(thrown.cause, root) : thrown;
  }
  return new CausewayError('unavailable', `The folder ${root} cannot be used.`, { cause: thrown });
}
