import { ApiError, inWords } from '../api.ts';
import { strings } from '../strings.ts';
import { holdPage } from '../unfinished.ts';
import { answersByFile, type Outcome, outcomeOfFile, outcomeOfZip } from './answers-by-file.ts';
import { droppedFiles } from './collect-files.ts';
import { fileKind } from './sop-instance-uid.ts';
import { multipartOf, type StoreAnswer, store } from './store-request.ts';

export type UploadState = 'waiting' | 'sending' | 'cancelled' | Outcome['state'];

/** A file that was dropped, and what became of it. */
export interface Upload {
  readonly number: number;
  readonly path: string;
  readonly size: number;
  readonly state: UploadState;
  /** Of its bytes, 0 to 1. */
  readonly sent: number;
  /** Why it was refused, or what is to be known about it. */
  readonly reason?: string;
  readonly sopInstanceUid?: string;
}

export interface Uploads {
  readonly files: readonly Upload[];
  readonly isBusy: boolean;
  /** Of those that were refused, at least in part, or cancelled, those that can be sent again. */
  readonly repeatable: number;
}

interface Waiting {
  readonly number: number;
  readonly file: File;
  readonly kind: 'instance' | 'zip' | 'unknown';
  readonly sopInstanceUid?: string;
}

// Bounded, so that a refusal of the request as a whole costs little, and progress is seen.
const maxBatchFiles = 32;
const maxBatchBytes = 64_000_000;
const requests = 2;
const busyRetries = 8;
const busyDelayMs = 2_000;
const longestDelayMs = 60_000;

const notSent = { state: 'cancelled', reason: strings.upload.notSent } as const;
/** That nobody waited for the answer does not say what it would have been. */
const givenUp = { state: 'cancelled', reason: strings.upload.givenUp } as const;

/** Ends a wait; what is cancelled throws why. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancelled);
      resolve();
    }, ms);
    signal.addEventListener('abort', cancelled, { once: true });
  });
}

/**
 * What is uploaded goes on while other pages are looked at: this outlives them.
 * @param sent one request
 */
export function createUploads(sent: typeof store = store) {
  const files: Upload[] = [];
  /** By number, of what has not been stored. */
  const originals = new Map<number, File>();
  const queue: Waiting[] = [];
  const listeners = new Set<() => void>();
  let snapshot: Uploads = { files: [], isBusy: false, repeatable: 0 };
  let collecting = 0;
  let sending = 0;
  let cancel = new AbortController();
  let telling = false;

  /** At most once a picture of the screen. */
  function changed(): void {
    if (telling) return;
    telling = true;
    setTimeout(() => {
      telling = false;
      snapshot = {
        files: [...files],
        isBusy: collecting > 0 || sending > 0 || queue.length > 0,
        repeatable: files.filter(isRepeatable).length,
      };
      holdPage('uploads', snapshot.isBusy);
      for (const listener of listeners) listener();
    }, 50);
  }

  /** What is stored already of an archive is stored once, however often it is sent. */
  const isRepeatable = ({ state, number }: Upload) =>
    (state === 'refused' || state === 'partly' || state === 'cancelled') && originals.has(number);

  function update(number: number, change: Partial<Upload>): void {
    files[number] = { ...files[number]!, ...change };
    if (change.state === 'stored' || change.state === 'warned' || change.state === 'kept') originals.delete(number);
    changed();
  }

  /** Of one kind, so that the answer says about which file it is. */
  function nextBatch(): Waiting[] {
    const [first] = queue;
    if (first === undefined) return [];
    if (first.kind !== 'instance') return [queue.shift()!];
    const batch: Waiting[] = [];
    const uids = new Set<string>();
    let size = 0;
    for (let next = queue[0]; next !== undefined && batch.length < maxBatchFiles; next = queue[0]) {
      const uid = next.sopInstanceUid ?? '';
      const tooLarge = batch.length > 0 && size + next.file.size > maxBatchBytes;
      if (next.kind !== 'instance' || tooLarge || uids.has(uid)) break;
      uids.add(uid);
      size += next.file.size;
      batch.push(queue.shift()!);
    }
    return batch;
  }

  async function send(batch: readonly Waiting[], signal: AbortSignal): Promise<StoreAnswer> {
    const [first] = batch;
    const isZip = first!.kind === 'zip';
    const request = isZip
      ? { body: first!.file, contentType: 'application/zip' }
      : multipartOf(batch.map(({ file }) => file));
    const size = batch.reduce((sum, { file }) => sum + file.size, 0);
    function onProgress(part: number): void {
      // Files leave one after the other.
      let left = part * size;
      for (const { number, file } of batch) {
        update(number, { sent: file.size === 0 ? part : Math.min(1, Math.max(0, left / file.size)) });
        left -= file.size;
      }
    }
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await sent({ ...request, signal, onProgress });
      } catch (thrown) {
        // Too many uploads at the same time: others of this page or of other senders will end.
        if (!(thrown instanceof ApiError) || thrown.status !== 503 || attempt >= busyRetries) throw thrown;
        await delay(Math.min(Math.max(thrown.retryAfterMs ?? 0, busyDelayMs), longestDelayMs), signal);
      }
    }
  }

  async function sendBatch(batch: readonly Waiting[], signal: AbortSignal): Promise<void> {
    for (const { number } of batch) update(number, { state: 'sending' });
    try {
      const answer = await send(batch, signal);
      if (batch.length === 1) {
        const [only] = batch;
        const outcome = only!.kind === 'zip' ? outcomeOfZip(answer) : outcomeOfFile(answer.instances);
        update(only!.number, { sent: 1, ...outcome });
        return;
      }
      const answers = answersByFile(batch, answer);
      for (const one of batch) {
        const about = answers.get(one);
        if (about !== undefined) update(one.number, { sent: 1, ...outcomeOfFile([about]) });
        else sendAlone(one, signal);
      }
    } catch (thrown) {
      for (const { number } of batch)
        update(number, signal.aborted ? givenUp : { state: 'refused', reason: inWords(thrown) });
    }
  }

  /** What the answer to several does not tell is asked again: what is stored already is stored once. */
  function sendAlone({ number, file }: Waiting, signal: AbortSignal): void {
    if (signal.aborted) {
      update(number, givenUp);
    } else {
      update(number, { state: 'waiting', sent: 0 });
      queue.push({ number, file, kind: 'unknown' });
    }
  }

  function work(): void {
    while (sending < requests && queue.length > 0) {
      sending++;
      void sendBatch(nextBatch(), cancel.signal).finally(() => {
        sending--;
        changed();
        work();
      });
    }
  }

  /** Puts a file where it waits, unless it is cancelled while it is looked at. */
  async function enqueue(number: number, file: File, signal: AbortSignal): Promise<void> {
    try {
      const kind = await fileKind(file);
      signal.throwIfAborted();
      queue.push({ number, file, ...kind });
    } catch {
      update(number, signal.aborted ? notSent : { state: 'refused', reason: strings.upload.unreadable });
    }
    changed();
    if (queue.length >= maxBatchFiles) work();
  }

  async function collected(collect: (signal: AbortSignal) => Promise<void>): Promise<void> {
    collecting++;
    try {
      await collect(cancel.signal);
    } finally {
      collecting--;
      changed();
      work();
    }
  }

  return {
    add(entries: readonly (FileSystemEntry | File)[]): Promise<void> {
      return collected(async (signal) => {
        for await (const { file, path } of droppedFiles(entries)) {
          if (signal.aborted) break;
          const number = files.length;
          files.push({ number, path, size: file?.size ?? 0, state: 'waiting', sent: 0 });
          if (file === undefined) {
            update(number, { state: 'refused', reason: strings.upload.unreadable });
          } else {
            originals.set(number, file);
            await enqueue(number, file, signal);
          }
        }
      });
    },
    cancel(): void {
      cancel.abort(new ApiError(0, { detail: strings.upload.givenUp }));
      cancel = new AbortController();
      for (const { number } of queue.splice(0)) update(number, notSent);
    },
    /** Sends what was refused or cancelled once more, as far as its files are still known. */
    again(): Promise<void> {
      return collected(async (signal) => {
        const unsent = files.filter(isRepeatable);
        for (const { number } of unsent) {
          const { reason: _, ...file } = files[number]!;
          files[number] = { ...file, state: 'waiting', sent: 0 };
        }
        for (const { number } of unsent) await enqueue(number, originals.get(number)!, signal);
      });
    },
    /** Forgets what has ended. Only while nothing is under way. */
    clear(): void {
      if (snapshot.isBusy) return;
      files.length = 0;
      originals.clear();
      changed();
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => snapshot,
  };
}

export const uploads = createUploads();
