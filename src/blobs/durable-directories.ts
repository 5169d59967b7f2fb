import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CausewayError, errnoOf } from '../kernel/errors.ts';

/** Directories whose entries survive a power cut. */
export interface DurableDirectories {
  /**
   * Creates a directory below the root, and makes its entry and those of its parents durable.
   * @throws ENOENT if the root is gone; CausewayError `unavailable` after `close`
   */
  create(path: string): Promise<void>;
  /**
   * Resolves when everything renamed into `path` before this call is on stable storage. Calls that come while a sync
   * is under way share the next one.
   * @throws CausewayError `unavailable` after `close`
   */
  sync(path: string): Promise<void>;
  /** Somebody removed the directory: look again. */
  forget(path: string): void;
  /** Resolves when what was under way has ended and no directory is open. */
  close(): Promise<void>;
}

/** Handles are kept for a burst of files, as a study is; opening costs a third of a sync. */
const maxOpenDirectories = 64;
/** Far below the age at which any node removes an empty directory, so that a handle never belongs to a removed one. */
const maxHandleAgeMs = 10_000;
const maxKnownDirectories = 4096;

interface OpenDirectory {
  readonly handle: Promise<FileHandle | undefined>;
  readonly openedAt: number;
  running: Promise<void> | undefined;
  next: Promise<void> | undefined;
}

/** @param root absolute, without anything that `path.resolve` would take out */
export function createDurableDirectories(root: string): DurableDirectories {
  const opened = new Map<string, OpenDirectory>();
  const known = new Map<string, Promise<void>>();
  const underWay = new Set<Promise<void>>();
  let closed: Promise<void> | undefined;

  /** Whoever closes waits for it. */
  function tracked(work: Promise<void>): Promise<void> {
    const over = (): void => void underWay.delete(work);
    underWay.add(work);
    work.then(over, over);
    return work;
  }

  async function closeAll(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay);
    await Promise.all([...opened.values()].map(closeDirectory));
    opened.clear();
    known.clear();
  }

  function directory(path: string): OpenDirectory {
    const before = opened.get(path);
    if (before && (before.next || performance.now() - before.openedAt < maxHandleAgeMs)) return before;
    if (before) void tracked(closeDirectory(before));
    const entry: OpenDirectory = {
      handle: openDirectory(path),
      openedAt: performance.now(),
      running: undefined,
      next: undefined,
    };
    opened.set(path, entry);
    if (opened.size > maxOpenDirectories) {
      const [oldest, idle] = opened.entries().next().value!;
      opened.delete(oldest);
      void tracked(closeDirectory(idle));
    }
    return entry;
  }

  function syncNow(path: string): Promise<void> {
    const entry = directory(path);
    entry.next ??= syncNext(entry).catch((error: unknown) => {
      if (opened.get(path) === entry) opened.delete(path);
      void tracked(closeDirectory(entry));
      throw error;
    });
    return entry.next;
  }

  /** The root itself is never made: where it is gone, what is written would not be where it belongs. */
  async function make(path: string): Promise<void> {
    if (path === root) return;
    for (;;) {
      try {
        await mkdir(path);
        return;
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'EEXIST') return;
        if (errno !== 'ENOENT' || dirname(path) === root) throw error;
      }
      await make(dirname(path));
    }
  }

  // The entry of a directory that is there already may be as young as the last kill of a process: it is synced too.
  async function createNow(path: string): Promise<void> {
    await make(path);
    const parents: string[] = [];
    for (let made = path; made !== root; made = dirname(made)) parents.push(dirname(made));
    await Promise.all(parents.map(syncNow));
  }

  function forget(path: string): void {
    known.delete(path);
    const entry = opened.get(path);
    opened.delete(path);
    if (entry) void tracked(closeDirectory(entry));
  }

  return {
    create(path) {
      if (closed) return Promise.reject(isClosed());
      const before = known.get(path);
      if (before) return before;
      const creating = tracked(createNow(path));
      known.set(path, creating);
      creating.catch(() => known.delete(path));
      if (known.size > maxKnownDirectories) known.delete(known.keys().next().value!);
      return creating;
    },
    sync: (path) => (closed ? Promise.reject(isClosed()) : tracked(syncNow(path))),
    forget,
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

function isClosed(): CausewayError {
  return new CausewayError('unavailable', 'Nothing is stored any more: the server is stopping.');
}

/** Windows has no directories to sync: its file system journals their entries by itself. */
async function openDirectory(path: string): Promise<FileHandle | undefined> {
  return process.platform === 'win32' ? undefined : open(path, 'r');
}

async function syncNext(entry: OpenDirectory): Promise<void> {
  await entry.running?.catch(() => {});
  const handle = await entry.handle;
  entry.next = undefined;
  entry.running = syncHandle(handle);
  await entry.running;
}

async function syncHandle(handle: FileHandle | undefined): Promise<void> {
  try {
    await handle?.sync();
  } catch (error) {
    // Some network file systems refuse to sync a directory because they do it by themselves.
    if (errnoOf(error) !== 'EINVAL') throw error;
  }
}

async function closeDirectory(entry: OpenDirectory): Promise<void> {
  try {
    const handle = await entry.handle;
    await entry.next?.catch(() => {});
    await entry.running?.catch(() => {});
    await handle?.close();
  } catch {
    // It could not be opened: whoever asked for a sync was told.
  }
}
