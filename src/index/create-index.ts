import type pg from 'pg';
import { CausewayError } from '../kernel/errors.ts';
import { createTurns } from '../kernel/turns.ts';
import {
  forgetDeletedBlobs,
  readAllBlobs,
  readBlobsOf,
  readBlobsToDelete,
  readListedForDeletion,
  readReferencedBlobs,
} from './blob-references.ts';
import { readChanges, readDisagreements, readLastChange } from './change-feed.ts';
import { eraseTarget } from './erase-target.ts';
import { noTags } from './extended-tag-store.ts';
import { claimFetched, eraseFetched } from './fetched-studies.ts';
import { createGroupCommit } from './group-commit.ts';
import { type InsertTarget, insertInstances, type PreparedRequest } from './insert-instances.ts';
import { maxInstancesAStatement } from './insert-statement.ts';
import type { Index, IndexTarget, InsertRequest, InsertResult, InstanceTarget } from './instance-index.ts';
import { createRowMaker } from './instance-rows.ts';
import { keepVersion } from './keep-version.ts';
import { readKnowledge } from './known.ts';
import { numberChanges } from './number-changes.ts';
import { isHeldUp, patiently, persistently } from './postgres-errors.ts';
import {
  readInstance,
  readInstances,
  readInstancesAmong,
  readMetadata,
  readMetadataDigest,
  readMiddleInstance,
} from './read-instances.ts';
import { readBulk, readFrames, readMetadataOf } from './read-values.ts';
import { replaceInstance } from './replace-instance.ts';
import { busyStudy } from './study-lock.ts';
import { uidKey } from './uid-key.ts';

export interface IndexParts {
  /** For everything that is read. */
  readonly pool: pg.Pool;
  /** For everything that is written; with the session settings of `writeSession`. */
  readonly writePool: pg.Pool;
  /**
   * For deletions, with the same settings. They may take half an hour: who stores does not wait for their connections. The
   * write pool unless given.
   */
  readonly erasePool?: pg.Pool;
  /** Transactions of `insert` at the same time, at most the connections of the write pool. */
  readonly maxInsertGroups?: number;
  /** How long who stores waits for a study that is being deleted or corrected: 30 s unless given. */
  readonly mostBusyMs?: number;
}

/**
 * Settings for sessions that write: statements are planned once and for tables of any size, as a plan that was made
 * while a table was small would read all of it for every instance when it has grown. Postgres ends a statement before the
 * pool gives it up: one that was given up would go on waiting for its lock, and later do what nobody waits for. For a
 * study that others have it waits a moment only, and is done again; see `busyStudy`.
 */
export const writeSession: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  lock_timeout: busyStudy.lockTimeout,
  statement_timeout: '50s',
};

const maxBytesAGroup = 8_388_608;

/** All that refers to instances. */
const tablesOfInstances =
  'extended_study_values, extended_series_values, extended_instance_values, extended_query_tag_errors, original_instances';

/** The index over a migrated database. Closing the pools is the caller's. */
export function createIndex(parts: IndexParts): Index {
  const { pool, writePool, erasePool = writePool, maxInsertGroups = 2, mostBusyMs = busyStudy.mostMs } = parts;
  const busy = { ...busyStudy, mostMs: mostBusyMs };
  /** One connection for the deletions of a study, however often somebody asks for them. */
  const erasures = createTurns();
  const makeRows = createRowMaker();
  const insertTarget: InsertTarget = { pool: writePool, tags: noTags };
  const prepare = (request: InsertRequest): PreparedRequest => ({ ...request, rows: makeRows(request.instance) });
  const inserts = createGroupCommit<PreparedRequest, InsertResult>({
    commit: (requests, tell) => insertInstances(insertTarget, requests, tell),
    laneOf: ({ rows }) => rows.studyKey,
    bytesOf: ({ instance }) => instance.metadata.length,
    fails(thrown) {
      if (isHeldUp(thrown)) return 'lane';
      const isOutage =
        thrown instanceof CausewayError && (thrown.code === 'unavailable' || thrown.code === 'storage-full');
      return isOutage ? 'all' : 'item';
    },
    maxGroups: maxInsertGroups,
    maxItemsAGroup: maxInstancesAStatement,
    maxBytesAGroup,
    heldUpPauseMs: busy.pauseMs,
    mostHeldUpMs: busy.mostMs,
  });
  return {
    async insert(instance, onDifferentContent, durable) {
      durable?.catch(() => {}); // it may reject before anybody waits for it
      const request = prepare({ instance, onDifferentContent });
      // Alone, it is inserted while its blob is being synced. Among others it waits first, lest it hold them up.
      if (durable && inserts.isIdle()) return inserts.add({ ...request, durable });
      await durable;
      return inserts.add(request);
    },
    async insertInstances(batch) {
      const results = new Map<PreparedRequest, InsertResult>();
      const requests = batch.map(prepare);
      await patiently(() => {
        const left = requests.filter((request) => !results.has(request));
        return insertInstances(insertTarget, left, (position, result) => void results.set(left[position]!, result));
      }, busy);
      return requests.map((request) => results.get(request)!);
    },
    replace(instance, seenBlobKey, original) {
      const rows = makeRows(instance);
      return patiently(() => replaceInstance(writePool, rows, instance.attributes, seenBlobKey, { original }), busy);
    },
    putOriginal(instance, seenBlobKey) {
      const rows = makeRows(instance);
      return patiently(() => keepVersion(writePool, rows, seenBlobKey), busy);
    },
    known: (target) => readKnowledge(pool, target),
    instance: (target) => readInstance(pool, target),
    instancesAmong: (targets) => readInstancesAmong(pool, targets),
    instances: (target, version) => readInstances(pool, target, version),
    metadataOf: (target) => readMetadataOf(pool, target),
    metadata: (target, version) => readMetadata(pool, target, version),
    metadataDigest: (target) => readMetadataDigest(pool, target),
    middleInstance: (target) => (isInstance(target) ? readInstance(pool, target) : readMiddleInstance(pool, target)),
    frames: (target, numbers) => readFrames(pool, target, numbers),
    bulk: (target, path) => readBulk(pool, target, path),
    erase: (target, version) =>
      erasures.run(uidKey(target.studyInstanceUid), () => persistently(() => eraseTarget(erasePool, target, version))),
    claim: (targets) => patiently(() => claimFetched(writePool, targets), busy),
    eraseFetched: (studyInstanceUid, unaskedForMs) =>
      persistently(() => eraseFetched(erasePool, studyInstanceUid, unaskedForMs)),
    blobsToDelete: (limit) => readBlobsToDelete(pool, limit),
    listedForDeletion: (blobKeys) => readListedForDeletion(pool, blobKeys),
    blobsDeleted: (blobKeys) => forgetDeletedBlobs(pool, blobKeys),
    referencedBlobs: (blobKeys) => readReferencedBlobs(pool, blobKeys),
    blobsOf: (targets) => readBlobsOf(pool, targets),
    allBlobs: () => readAllBlobs(pool),
    changes: (after, limit, span) => readChanges(pool, after, limit, span),
    lastChange: () => readLastChange(pool),
    lastSequence: () => numberChanges(pool),
    disagreements: (studyInstanceUid) => readDisagreements(pool, studyInstanceUid),
    async clear() {
      await persistently(() => pool.query(`truncate studies, series, instances, disagreements, ${tablesOfInstances}`));
    },
    async ping() {
      await pool.query('select 1');
    },
  };
}

function isInstance(target: IndexTarget): target is InstanceTarget {
  return target.seriesInstanceUid !== undefined && target.sopInstanceUid !== undefined;
}
