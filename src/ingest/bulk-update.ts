import type { BlobStore } from '../blobs/blob-store.ts';
import { validUpdate } from '../dicom/updatable-attributes.ts';
import type { Index, InstanceTarget } from '../index/instance-index.ts';
import type { UpdateOperation, UpdateOperationStore, UpdateTurn } from '../index/update-operations.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { createWakingLoop, type WakingLoop } from '../kernel/waking-loop.ts';
import type { BlobCustody } from './blob-custody.ts';
import { writeUpdatedInstance } from './updated-instance.ts';

export interface BulkUpdateParts {
  readonly operations: UpdateOperationStore;
  readonly index: Pick<Index, 'instance' | 'known'>;
  readonly blobs: Pick<BlobStore, 'create' | 'read' | 'readRange'>;
  readonly custody: BlobCustody;
  /** Bytes of attributes that are held while an instance is read, pixel data aside. */
  readonly maxMetadataBytes: number;
  /** Told of each study that this node is through with, if any instance of it has another version now. */
  readonly corrected?: (studyInstanceUid: string) => void;
  readonly log: Log;
  readonly pollMs?: number;
}

/** Corrects patient and study attributes of everything that is stored of studies. */
export interface BulkUpdate {
  /**
   * @param change DICOM JSON, unchecked
   * @returns id of the operation that does it
   * @throws CausewayError `bad-request`
   */
  start(studyInstanceUids: readonly string[], change: unknown): Promise<string>;
  operation(id: string): Promise<UpdateOperation | undefined>;
}

/** As many as the Azure service allows. */
const maxStudies = 50;
/** An instance that is replaced all the time is given up. */
const maxAttempts = 5;

export function createBulkUpdate({ operations }: Pick<BulkUpdateParts, 'operations'>): BulkUpdate {
  return {
    async start(studyInstanceUids, change) {
      const uids = [...new Set(studyInstanceUids)];
      if (uids.length === 0) throw refused('studyInstanceUids names no study.');
      if (uids.length > maxStudies) {
        throw refused(`At most ${maxStudies} studies can be updated at once.`, { limit: 'maxStudiesAnUpdate' });
      }
      if (!uids.every((uid) => /^[0-9.]{1,64}$/.test(uid))) throw refused('studyInstanceUids holds what is no UID.');
      return operations.add(uids, validUpdate(change));
    },
    operation: (id) => operations.operation(id),
  };
}

/**
 * Performs the operations, one after the other and an instance at a time. Its new version is durable under a key of its
 * own before the index refers to it; the place of the operation moves in the same transaction, so that after a crash it
 * goes on with the instance at which it was.
 */
export function createBulkUpdateWorker(parts: BulkUpdateParts): WakingLoop {
  const { operations, index, custody, corrected = () => {}, log, pollMs = 10_000 } = parts;

  async function perform(operation: UpdateOperation, closing: AbortSignal): Promise<void> {
    const { id } = operation;
    const turn = await operations.begin(id);
    const changed = new Set<string>();
    for (let instances = 0; !closing.aborted; ) {
      const target = await turn.next();
      if (target !== undefined) {
        instances += 1;
        if (await updateInstance(operation, turn, target)) changed.add(target.studyInstanceUid);
        continue;
      }
      for (const study of changed) corrected(study);
      changed.clear();
      const error = instances === 0 ? await absence(operation) : undefined;
      instances = 0;
      if (!(await turn.nextStudy(error))) {
        const end = await operations.operation(id);
        log.info('a bulk update has ended', { operation: id, status: end?.status, instances: end?.instancesUpdated });
        return;
      }
    }
  }

  /** Of the study in hand, which has no instance left: whether it never had one. */
  async function absence({ id, studyInstanceUids }: UpdateOperation): Promise<string | undefined> {
    const now = await operations.operation(id);
    const uid = studyInstanceUids[(now?.studiesUpdated ?? 0) + (now?.studiesFailed ?? 0)];
    if (uid === undefined || (await index.known({ studyInstanceUid: uid })).state === 'stored') return undefined;
    return `The study ${uid} is not stored.`;
  }

  /** @returns whether it has another version now */
  async function updateInstance(
    operation: UpdateOperation,
    turn: UpdateTurn,
    target: InstanceTarget,
  ): Promise<boolean> {
    const { id } = operation;
    try {
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        const stored = await index.instance(target);
        if (stored === undefined) {
          await turn.passOver(target, undefined);
          return false;
        }
        const written = await writeUpdatedInstance(stored, operation, parts, turn.writing);
        try {
          if (await turn.replace(written, stored.blobKey)) return true;
        } finally {
          custody.release(written.blobKey);
          custody.doubt(written.blobKey);
        }
      }
      throw new CausewayError('conflict', 'The instance is replaced all the time.');
    } catch (thrown) {
      const { code, message, cause } = asCausewayError(thrown);
      if (code === 'unavailable' || code === 'storage-full') throw thrown;
      if (code === 'internal') log.error('an instance could not be updated', { operation: id, cause: String(cause) });
      const uids = `StudyInstanceUID: ${target.studyInstanceUid}, SeriesInstanceUID: ${target.seriesInstanceUid}, SOPInstanceUID: ${target.sopInstanceUid}`;
      await turn.passOver(target, `${message} ${uids}`);
      return false;
    }
  }

  return createWakingLoop({
    async work(closing) {
      for (const operation of await operations.unfinished()) {
        if (closing.aborted) return;
        await operations.alone(operation.id, () => perform(operation, closing));
      }
    },
    pollMs,
    log,
    trouble: 'bulk updates wait for the moment',
  });
}

function refused(message: string, details: { limit?: string } = {}): CausewayError {
  return new CausewayError('bad-request', message, { details });
}
