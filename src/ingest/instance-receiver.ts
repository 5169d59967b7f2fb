import { createHash } from 'node:crypto';
import type { Happening } from '../activity/house-event.ts';
import { newBlobKey } from '../blobs/blob-keys.ts';
import { fetchedDoor, type NewInstance } from '../index/instance-record.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { IngestParts } from './create-ingest.ts';
import { createInstanceScan } from './inflating.ts';
import type { InstanceOutcome, InstanceReceiver, InstanceSource } from './ingest.ts';
import { insertInstance } from './insert-instance.ts';
import { deflatedMetadata } from './metadata-text.ts';
import { createPreambleFilter } from './preamble-filter.ts';
import { policyOf } from './source-policy.ts';
import { storableUids, verifyInstance } from './verify-instance.ts';

/** Larger blobs take long to sync, as any may over a network; their study should not be locked meanwhile. */
const insertBesideSyncBytes = 4_194_304;

/** Sends the bytes of one instance through blob writer, hash and scanner as they come, and stores it at the end. */
export function createInstanceReceiver(source: InstanceSource, parts: IngestParts): InstanceReceiver {
  const { blobs, custody, log, metrics } = parts;
  const { maxInstanceBytes, maxMetadataBytes } = parts.limits;
  const writer = blobs.create();
  const scan = createInstanceScan({ limits: { maxMetadataBytes } });
  const hash = createHash('sha256');
  const preamble = parts.keepPreamble ? undefined : createPreambleFilter();
  let size = 0;
  let refusal: CausewayError | undefined;
  let inDoubt = false;
  let committedAs: string | undefined;
  let discarding: Promise<void> | undefined;
  let finishing: Promise<InstanceOutcome> | undefined;

  function discard(): Promise<void> {
    discarding ??= writer.discard().catch((error: unknown) => {
      log.warn('blob not discarded, the janitor will', { source: source.id, error: String(error) });
      if (committedAs !== undefined) custody.doubt(committedAs);
    });
    return discarding;
  }

  function refuse(error: unknown): void {
    if (refusal) return;
    refusal = asCausewayError(error);
    scan.close();
    if (!inDoubt) void discard();
  }

  function take(chunk: Uint8Array): Promise<void> | undefined {
    hash.update(chunk);
    return both(scan.push(chunk), writer.write(chunk));
  }

  /** The rejection is for whoever waits for the blob; that nobody does so yet is no defect. */
  function commitBlob(blobKey: string): Promise<void> {
    const committed = writer.commit(blobKey);
    committed.catch(() => {});
    return committed;
  }

  async function store(): Promise<InstanceOutcome> {
    for (const chunk of preamble?.end() ?? []) await take(chunk);
    if (refusal) throw refusal;
    const scanned = await scan.end();
    const { attributes, transferSyntaxUid } = scanned;
    const verified = verifyInstance(scanned, source, parts.acceptance);

    const blobKey = newBlobKey(verified.uids.studyInstanceUid, verified.uids.sopInstanceUid);
    custody.hold(blobKey);
    committedAs = blobKey;
    const durable = commitBlob(blobKey);
    try {
      const waitsFirst = size > insertBesideSyncBytes || !blobs.commitsSoon;
      if (waitsFirst) await durable;
      const instance = {
        ...verified.uids,
        transferSyntaxUid,
        attributes,
        metadata: await deflatedMetadata(attributes, transferSyntaxUid),
        blobKey,
        size,
        sha256: hash.digest(),
        dataSetOffset: scanned.dataSetOffset,
        deflated: scanned.deflated,
        pixelData: scanned.pixelData,
        bulk: scanned.bulk,
        source: { ...originOf(source), ...(source.isFetched && { door: fetchedDoor }) },
      };
      // A connection that breaks during COMMIT does not say whether it took place. So the blob stays when the index
      // fails: either a row refers to it, or the janitor finds that none does.
      inDoubt = true;
      const policy = source.neverReplaces
        ? 'keep'
        : policyOf(source, (await parts.sourcePolicies?.()) ?? [], parts.onDifferentContent);
      const status = await insertInstance(instance, policy, parts, waitsFirst ? undefined : durable);
      inDoubt = false;
      if (status !== 'stored' && status !== 'replaced') await discard();
      if (status === 'differs') throw differs();
      return { status, ...verified.uids, warnings: verified.warnings };
    } catch (error) {
      await durable.catch(() => {
        // The index commits after the blob, or not at all.
        inDoubt = false;
      });
      throw error;
    } finally {
      if (inDoubt) custody.doubt(blobKey);
      else custody.release(blobKey);
    }
  }

  async function finish(): Promise<InstanceOutcome> {
    const outcome = await store().catch(async (error: unknown): Promise<InstanceOutcome> => {
      refuse(error);
      await discarding;
      const { code, message, details } = refusal!;
      if (code === 'internal') log.error('instance not stored', { source: source.id, error: reasonOf(refusal!) });
      return { status: 'refused', code, message, details, ...storableUids(scan.identity) };
    });
    metrics?.instancesReceived.inc({ door: source.door, outcome: outcome.status });
    metrics?.bytesReceived.inc({ door: source.door }, size);
    parts.activity?.tell(happened(source, outcome, size));
    return outcome;
  }

  return {
    write(chunk) {
      if (refusal || finishing) return undefined;
      size += chunk.length;
      if (size > maxInstanceBytes) {
        refuse(
          new CausewayError('limit-exceeded', `The instance is larger than ${maxInstanceBytes} bytes.`, {
            details: { limit: 'maxInstanceBytes' },
          }),
        );
        return undefined;
      }
      try {
        let wait: Promise<void> | undefined;
        for (const piece of preamble?.push(chunk) ?? [chunk]) wait = both(wait, take(piece));
        return wait?.catch(refuse);
      } catch (error) {
        refuse(error);
        return undefined;
      }
    },
    finish() {
      finishing ??= finish();
      return finishing;
    },
    async abort() {
      if (finishing) {
        await finishing;
        return;
      }
      refuse(new CausewayError('aborted', 'The sender went away before the instance was complete.'));
      await discarding;
    },
  };
}

function happened(source: InstanceSource, outcome: InstanceOutcome, bytes: number): Happening {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = outcome;
  const { door, callingAeTitle, address } = originOf(source);
  return {
    kind: 'instance',
    door,
    ...(callingAeTitle === undefined ? {} : { callingAeTitle }),
    ...(address === undefined ? {} : { address }),
    outcome: outcome.status,
    ...(outcome.status === 'refused' ? { reason: outcome.message } : {}),
    bytes,
    ...(studyInstanceUid === undefined ? {} : { studyInstanceUid }),
    ...(seriesInstanceUid === undefined ? {} : { seriesInstanceUid }),
    ...(sopInstanceUid === undefined ? {} : { sopInstanceUid }),
  };
}

function originOf({ door, callingAeTitle, address }: InstanceSource): NewInstance['source'] {
  return {
    door,
    ...(callingAeTitle === undefined ? {} : { callingAeTitle }),
    ...(address === undefined ? {} : { address }),
  };
}

function differs(): CausewayError {
  return new CausewayError(
    'duplicate-differs',
    'An instance with this SOP Instance UID (0008,0018) is stored already, and its content is different.',
    { details: { tag: '00080018' } },
  );
}

function both(first: Promise<void> | undefined, second: Promise<void> | undefined): Promise<void> | undefined {
  if (!first || !second) return first ?? second;
  return Promise.all([first, second]).then(() => {});
}

/** For the log: what lies behind an error that tells the sender nothing. */
function reasonOf(error: CausewayError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
}
