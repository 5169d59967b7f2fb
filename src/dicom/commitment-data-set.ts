import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { textValues } from './match-values.ts';

/** An instance by its names. */
export interface ReferencedInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/** What is asked with an N-ACTION of Storage Commitment. PS3.4 table J.3-1. */
export interface CommitmentRequest {
  readonly transactionUid: string;
  readonly instances: readonly ReferencedInstance[];
}

/** What is told by an N-EVENT-REPORT of Storage Commitment. PS3.4 table J.3-2. */
export interface CommitmentReport {
  readonly transactionUid: string;
  readonly committed: readonly ReferencedInstance[];
  readonly failed: readonly (ReferencedInstance & { readonly failureReason: number })[];
}

/** Failure Reason (0008,1197). PS3.3 §C.14.1.1. */
export const failureReason = {
  processingFailure: 0x0110,
  noSuchObjectInstance: 0x0112,
  classInstanceConflict: 0x0119,
  sopClassNotSupported: 0x0122,
  duplicateTransactionUid: 0x0131,
  resourceLimitation: 0x0213,
} as const;

const transactionUidTag = '00081195';
const referencedSopSequence = '00081199';
const failedSopSequence = '00081198';
const referencedSopClassUid = '00081150';
const referencedSopInstanceUid = '00081155';
const failureReasonTag = '00081197';

/** @throws CausewayError `attribute-missing` with `details.tag` */
export function readCommitmentRequest(dataSet: DicomJson): CommitmentRequest {
  const instances = referencedIn(dataSet[referencedSopSequence], referencedSopSequence);
  if (instances.length === 0) throw missing(referencedSopSequence);
  return { transactionUid: uidIn(dataSet, transactionUidTag), instances };
}

export function writeCommitmentRequest({ transactionUid, instances }: CommitmentRequest): DicomJson {
  return {
    [transactionUidTag]: uid(transactionUid),
    [referencedSopSequence]: { vr: 'SQ', Value: instances.map(reference) },
  };
}

/** @throws CausewayError `attribute-missing` with `details.tag` */
export function readCommitmentReport(dataSet: DicomJson): CommitmentReport {
  const failed = itemsOf(dataSet[failedSopSequence]);
  return {
    transactionUid: uidIn(dataSet, transactionUidTag),
    committed: referencedIn(dataSet[referencedSopSequence], referencedSopSequence),
    failed: referencedIn(dataSet[failedSopSequence], failedSopSequence).map((one, at) => ({
      ...one,
      failureReason: Number(failed[at]?.[failureReasonTag]?.Value?.[0] ?? failureReason.processingFailure),
    })),
  };
}

/** @param retrieveAeTitle where the committed instances can be had */
export function writeCommitmentReport(
  { transactionUid, committed, failed }: CommitmentReport,
  retrieveAeTitle: string,
): DicomJson {
  return {
    '00080054': { vr: 'AE', Value: [retrieveAeTitle] },
    [transactionUidTag]: uid(transactionUid),
    ...(committed.length === 0 ? {} : { [referencedSopSequence]: { vr: 'SQ', Value: committed.map(reference) } }),
    ...(failed.length === 0
      ? {}
      : {
          [failedSopSequence]: {
            vr: 'SQ',
            Value: failed.map((one) => ({
              ...reference(one),
              [failureReasonTag]: { vr: 'US', Value: [one.failureReason] },
            })),
          },
        }),
  };
}

function referencedIn(sequence: DicomJsonElement | undefined, tag: string): ReferencedInstance[] {
  return itemsOf(sequence).map((item) => {
    const [sopClassUid] = textValues(item[referencedSopClassUid]);
    const [sopInstanceUid] = textValues(item[referencedSopInstanceUid]);
    if (sopClassUid === undefined || sopInstanceUid === undefined) throw missing(tag);
    return { sopClassUid, sopInstanceUid };
  });
}

function itemsOf(sequence: DicomJsonElement | undefined): DicomJson[] {
  return (sequence?.Value ?? []).map((item) => (item ?? {}) as DicomJson);
}

function uidIn(dataSet: DicomJson, tag: string): string {
  const [value] = textValues(dataSet[tag]);
  if (value === undefined || value === '') throw missing(tag);
  return value;
}

function reference({ sopClassUid, sopInstanceUid }: ReferencedInstance): DicomJson {
  return { [referencedSopClassUid]: uid(sopClassUid), [referencedSopInstanceUid]: uid(sopInstanceUid) };
}

function uid(value: string): DicomJsonElement {
  return { vr: 'UI', Value: [value] };
}

function missing(tag: string): CausewayError {
  const message = `The attribute (${tag.slice(0, 4)},${tag.slice(4)}) is missing or incomplete.`;
  return new CausewayError('attribute-missing', message, { details: { tag } });
}
