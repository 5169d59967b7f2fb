import { newPreparedBlobKey } from '../blobs/blob-keys.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import type { InstanceEnd, PendingInstance, PreparedFile, PublishingInstances } from '../index/publishing-instances.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { instanceUidIn } from '../retrieve/lossy-derivation.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import { writePrepared } from './prepared-files.ts';
import { endOfReplaced } from './replaced-instance.ts';
import type { RunningTask, RunTask, TaskEnd } from './run-task.ts';
import { uploadOf } from './sending-plan.ts';
import { isPassing } from './trouble.ts';
import type { Vault } from './vault.ts';
import { rulesOf } from './way-of.ts';

export interface PrepareTaskParts {
  readonly instances: PublishingInstances;
  readonly tasks: Pick<TaskStore, 'prepareAgain'>;
  readonly index: Pick<Index, 'instance'>;
  readonly blobs: Pick<BlobStore, 'create' | 'read'>;
  readonly retrieve: Pick<Retrieve, 'file' | 'converted' | 'producible'>;
  readonly vault: Pick<Vault, 'deidentified'>;
  readonly clock: Clock;
}

/** What is to be written of an instance; undefined to leave it as it is. */
interface Made extends Omit<PreparedFile, 'blobKey' | 'size' | 'sha256'> {
  readonly content: AsyncIterable<Uint8Array>;
}

/** Instances that are written down together: what is lost by a crash is made again. */
const writtenTogether = 8;
const explicitLittle = '1.2.840.10008.1.2.1';
const deflatedLittle = '1.2.840.10008.1.2.1.99';

/** Converts what is stored to the transfer syntax that is wanted; what has no pixels, or has it already, stays. */
export function createCompressTask(parts: PrepareTaskParts): RunTask {
  const { retrieve } = parts;
  return async (running) => {
    const { transferSyntaxUid: wanted } = uploadOf(running.publisher, running.configuration);
    let asStored = 0;
    const end = await prepareEach(parts, running, async (pending, stored) => {
      if (wanted === undefined || stored.frames === 0 || stored.transferSyntaxUid === wanted) return undefined;
      if (!retrieve.producible(stored).includes(wanted)) {
        asStored += 1;
        return undefined;
      }
      if (pending.prepared?.transferSyntaxUid === wanted) return undefined;
      return {
        studyInstanceUid: stored.studyInstanceUid,
        seriesInstanceUid: stored.seriesInstanceUid,
        sopInstanceUid: instanceUidIn(stored, wanted),
        sopClassUid: stored.sopClassUid,
        transferSyntaxUid: wanted,
        content: await retrieve.converted(stored, wanted),
      };
    });
    if (end.status !== 'success' || asStored === 0) return end;
    return { ...end, note: `${asStored} of ${running.task.total} cannot be converted, and go as they are stored.` };
  };
}

/** Takes out what identifies, with the pseudonyms of the publisher. */
export function createAnonymiseTask(parts: PrepareTaskParts): RunTask {
  const { retrieve, blobs, vault } = parts;

  async function sourceOf(
    stored: IndexedInstance,
    prepared: PreparedFile | undefined,
  ): Promise<{ content: AsyncIterable<Uint8Array>; transferSyntaxUid: string }> {
    if (prepared !== undefined) {
      return { content: blobs.read(prepared.blobKey), transferSyntaxUid: prepared.transferSyntaxUid };
    }
    const isDeflated = stored.transferSyntaxUid === deflatedLittle;
    return {
      content: isDeflated ? await retrieve.converted(stored, explicitLittle) : retrieve.file(stored),
      transferSyntaxUid: isDeflated ? explicitLittle : stored.transferSyntaxUid,
    };
  }

  return (running) => {
    const { publisher, configuration } = running;
    const { deidentify } = uploadOf(publisher, configuration);
    const rules = rulesOf(publisher, configuration);
    return prepareEach(parts, running, async (pending, stored) => {
      // What was de-identified before a crash has another study already.
      if (pending.prepared !== undefined && pending.prepared.studyInstanceUid !== stored.studyInstanceUid) {
        return pending.prepared.deidentifiedBy === rules ? undefined : 'again';
      }
      const { content, transferSyntaxUid } = await sourceOf(stored, pending.prepared);
      const made = await vault.deidentified(publisher.name, stored, content, transferSyntaxUid, {
        alsoRemove: deidentify.alsoRemove,
        keep: deidentify.keep,
      });
      return { ...made, sopClassUid: stored.sopClassUid, transferSyntaxUid, deidentifiedBy: rules };
    });
  };
}

/** @param make `again`: what there is was made by other rules, and all of the batch is to be made anew */
async function prepareEach(
  parts: PrepareTaskParts,
  running: RunningTask,
  make: (pending: PendingInstance, stored: IndexedInstance) => Promise<Made | 'again' | undefined>,
): Promise<TaskEnd> {
  const { instances, tasks, index, blobs, clock } = parts;
  const { task, sending, progress } = running;
  const pending = await instances.pending(task);
  const replaced: InstanceEnd[] = [];

  /** @returns the end of the task, if this is it */
  async function prepareSome(some: readonly PendingInstance[], unused: Set<string>): Promise<TaskEnd | undefined> {
    const made: (PendingInstance & { prepared: PreparedFile })[] = [];
    const ends: InstanceEnd[] = [];
    const keys = [...unused];
    for (const [n, one] of some.entries()) {
      sending.signal.throwIfAborted();
      const stored = await index.instance(one);
      if (stored === undefined) {
        ends.push({ ...keyOf(one), status: 'gone', answer: 'It was deleted here.' });
        continue;
      }
      const end = endOfReplaced(one, stored);
      if (end !== undefined) {
        replaced.push(end);
        continue;
      }
      try {
        const file = await make(one, stored);
        if (file === undefined) continue;
        if (file === 'again') {
          await tasks.prepareAgain(task, clock.now());
          return lost;
        }
        const { content, ...facts } = file;
        const blobKey = keys[n]!;
        const written = await writePrepared(blobs, blobKey, watched(content, running));
        made.push({ ...one, sourceSha256: stored.sha256, prepared: { ...facts, blobKey, ...written } });
      } catch (thrown) {
        ends.push({ ...keyOf(one), status: 'unsendable', answer: reasonOf(thrown, task.type, sending.log) });
      }
    }
    if (made.length > 0) {
      if (!(await instances.recordPrepared(task, made))) return lost;
      for (const { prepared } of made) unused.delete(prepared.blobKey);
    }
    if (ends.length > 0 && !(await instances.recordEnds(task, ends, clock.now()))) return lost;
    return undefined;
  }

  for (let at = 0; at < pending.length; at += writtenTogether) {
    const some = pending.slice(at, at + writtenTogether);
    const unused = new Set(some.map(() => newPreparedBlobKey(task.graphId)));
    if (!(await instances.announceFiles(task, [...unused]))) return lost;
    try {
      const end = await prepareSome(some, unused);
      if (end !== undefined) return end;
    } finally {
      // Of a task that another node has taken over as well, whose graph may be over when the file is written.
      if (unused.size > 0) await instances.discardFiles([...unused]);
    }
    await progress(at + some.length);
  }
  // Together, so that they make one wave.
  if (replaced.length > 0 && !(await instances.recordEnds(task, replaced, clock.now()))) return lost;
  return { status: 'success' };
}

const lost = { status: 'written', outcome: 'waiting' } as const;

/** @throws what will pass: it is no fault of the instance */
function reasonOf(thrown: unknown, what: string, log: Log): string {
  const error = asCausewayError(thrown);
  if (isPassing(error)) throw error;
  log.warn('an instance cannot be prepared to be sent', { task: what, code: error.code, error: error.message });
  return error.message;
}

async function* watched(content: AsyncIterable<Uint8Array>, { alive, sending }: RunningTask) {
  for await (const chunk of content) {
    sending.signal.throwIfAborted();
    alive();
    yield chunk;
  }
}

function keyOf({ studyKey, seriesKey, instanceKey }: PendingInstance) {
  return { studyKey, seriesKey, instanceKey };
}
