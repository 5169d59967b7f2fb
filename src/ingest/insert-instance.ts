import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import type { BlobStore } from '../blobs/blob-store.ts';
import type {
  DifferentContentPolicy,
  ExistingInstance,
  Index,
  InsertResult,
  OriginalPolicy,
} from '../index/instance-index.ts';
import { fetchedDoor, type IndexedInstance, type NewInstance } from '../index/instance-record.ts';
import { equalStreams } from '../kernel/equal-streams.ts';
import { asCausewayError, errnoOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

export interface InsertParts {
  readonly index: Pick<Index, 'insert' | 'instance' | 'instances' | 'metadataOf' | 'replace' | 'putOriginal' | 'claim'>;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly log?: Pick<Log, 'warn' | 'error'>;
}

type Inserted = 'stored' | 'duplicate' | 'replaced' | 'kept' | 'differs';

/** Rounds until an instance that is stored and erased all the time is given up. */
const maxRounds = 10;

/**
 * Puts an instance into the index, not before its blob is durable, if that is still to come. Senders write File Meta
 * Information of their own in front of the same data set; so where the files differ, the data sets are compared before
 * anything is called different. And the stored one is read before anything is called a duplicate: sending an instance
 * again is how one repairs a file that was lost or damaged. Of such a file the index still knows the attributes, so that
 * nothing takes its place that only has the same UIDs.
 *
 * Of an instance that was corrected the sender knows nothing: what it sends again is no other content but the original,
 * which is kept, so the correction stays whatever the policy; unless the corrected file is lost or damaged: then the
 * original takes its place, as an instance without a correction is better than none.
 *
 * What was there because it was fetched from a peer would go again: nobody is told that it is there before it stays.
 * @returns `differs`: it was not stored, as the policy is to reject it
 */
export async function insertInstance(
  instance: NewInstance,
  policy: DifferentContentPolicy,
  parts: InsertParts,
  durable?: Promise<void>,
): Promise<Inserted> {
  for (let round = 0; round < maxRounds; round++) {
    const result = await parts.index.insert(instance, 'reject', durable);
    const status = await settle(result, instance, policy, parts);
    if (status === undefined) continue;
    const found = status === 'duplicate' || status === 'kept';
    const mayGo = found && result.status !== 'inserted' && result.existing.isFetched;
    if (!mayGo || instance.source.door === fetchedDoor) return status;
    const [stays] = await parts.index.claim([instance]);
    if (stays) return status;
  }
  throw new Error('The instance is stored and erased faster than it can be stored.');
}

/** @returns undefined if it was erased or replaced meanwhile: to be tried again */
async function settle(
  result: InsertResult,
  instance: NewInstance,
  policy: DifferentContentPolicy,
  parts: InsertParts,
): Promise<Inserted | undefined> {
  // What takes the place of something that may have come by another door stays as that would have.
  const toStay = { ...instance, source: { ...instance.source, door: doorToStay(instance.source.door) } };
  /** Another sender may have put the file right meanwhile, or sent something newer: only what was found damaged goes. */
  const takesPlaceOf = async ({ blobKey }: { blobKey: string }, original: OriginalPolicy = 'leave') =>
    (await parts.index.replace(toStay, blobKey, original)) ? 'stored' : undefined;
  if (result.status === 'duplicate') {
    if (await isIntact(result.existing, instance, parts)) return 'duplicate';
    return takesPlaceOf(result.existing);
  }
  if (result.status === 'inserted') return 'stored';
  if (result.status !== 'differs') return result.status;
  const current = await parts.index.instance(instance);
  if (current === undefined) return undefined;
  const { studyInstanceUid, sopInstanceUid } = instance;
  const original = await keptOriginal(instance, current, parts);
  const isCurrentWhole = await isWhole(current, parts);
  if (original !== undefined && !isCurrentWhole) {
    if ((await takesPlaceOf(current, 'drop')) === undefined) return undefined;
    parts.log?.warn(
      'A corrected file was lost or damaged: the original, sent again, stands in its place, uncorrected.',
      {
        studyInstanceUid,
        sopInstanceUid,
      },
    );
    return 'stored';
  }
  if (original === 'damaged') return (await parts.index.putOriginal(instance, current.blobKey)) ? 'stored' : undefined;
  if (original === 'intact') return 'duplicate';
  if (!isCurrentWhole) {
    const isSent = await hasSameAttributes(instance, current, parts);
    const then = isSent ? 'it was sent again, and what came takes its place' : 'what came is another one, and cannot';
    parts.log?.[isSent ? 'warn' : 'error'](`A stored file is lost or damaged: ${then}.`, {
      studyInstanceUid,
      sopInstanceUid,
      blob: current.blobKey,
    });
    if (isSent) return takesPlaceOf(current);
  } else if (await sameDataSet(instance, current, parts)) return 'duplicate';
  if (policy === 'reject') return 'differs';
  if (policy === 'keep') return 'kept';
  const { status } = await parts.index.insert(toStay, 'replace');
  return status === 'inserted' ? 'stored' : status;
}

function doorToStay(door: string): string {
  return door === fetchedDoor ? 'dimse' : door;
}

/** Whether the stored file is what its hash says: that of the instance, whose own file is compared with it. */
async function isIntact(
  existing: Pick<ExistingInstance, 'blobKey'>,
  { blobKey }: NewInstance,
  { blobs }: InsertParts,
): Promise<boolean> {
  try {
    return await equalStreams(blobs.read(blobKey), blobs.read(existing.blobKey));
  } catch (thrown) {
    if (tellsOfDamage(thrown)) return false;
    throw thrown;
  }
}

/** Whether the stored file is what its hash says. */
async function isWhole({ blobKey, sha256 }: IndexedInstance, { blobs }: InsertParts): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of blobs.read(blobKey)) hash.update(chunk as Buffer);
  } catch (thrown) {
    if (tellsOfDamage(thrown)) return false;
    throw thrown;
  }
  return hash.digest().equals(sha256);
}

/** A medium that fails, or a file system that finds its checksums wrong. */
const damages = new Set(['EIO', 'EBADMSG', 'EUCLEAN']);

/** A store that cannot be reached, or not be read by us, says nothing of its files. */
function tellsOfDamage(thrown: unknown): boolean {
  const error = asCausewayError(thrown);
  if (error.code === 'not-found' || error.code === 'truncated') return true;
  return damages.has(errnoOf(thrown) ?? errnoOf(error.cause) ?? '');
}

/** Whether the instance is what is kept as the original of a correction; undefined if it is not. */
async function keptOriginal(
  instance: NewInstance,
  current: IndexedInstance,
  parts: InsertParts,
): Promise<'intact' | 'damaged' | undefined> {
  for await (const original of parts.index.instances(instance, 'original')) {
    if (original.blobKey === current.blobKey) return undefined;
    if (original.sha256.equals(instance.sha256))
      return (await isIntact(original, instance, parts)) ? 'intact' : 'damaged';
    if (!(await isWhole(original, parts))) return undefined;
    return (await sameDataSet(instance, original, parts)) ? 'intact' : undefined;
  }
  return undefined;
}

/** Whether the index knows the stored file by the same attributes, encoding and length, though it cannot be compared. */
async function hasSameAttributes(
  instance: NewInstance,
  existing: IndexedInstance,
  { index }: InsertParts,
): Promise<boolean> {
  if (!isAsLong(instance, existing)) return false;
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = instance;
  const target = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, blobKey: existing.blobKey };
  const known = await index.metadataOf(target);
  return known !== undefined && inflateRawSync(known).equals(inflateRawSync(instance.metadata));
}

function isAsLong(instance: NewInstance, existing: IndexedInstance): boolean {
  const lengthOf = ({ size, dataSetOffset }: NewInstance | IndexedInstance) => size - dataSetOffset;
  return existing.transferSyntaxUid === instance.transferSyntaxUid && lengthOf(existing) === lengthOf(instance);
}

async function sameDataSet(instance: NewInstance, existing: IndexedInstance, { blobs }: InsertParts): Promise<boolean> {
  if (!isAsLong(instance, existing)) return false;
  const length = instance.size - instance.dataSetOffset;
  return equalStreams(
    blobs.read(instance.blobKey, { offset: instance.dataSetOffset, length }),
    blobs.read(existing.blobKey, { offset: existing.dataSetOffset, length }),
  );
}
