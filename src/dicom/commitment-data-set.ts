import type { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import { elementHeader, itemMark } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import { writeIdentifier } from './identifier.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { textValues } from './match-values.ts';
import { transferSyntaxUids } from './transfer-syntaxes.ts';

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

/** A report of any length, in parts that are read from where it is kept: it need not fit into memory. */
export interface LongCommitmentReport {
  readonly transactionUid: string;
  readonly hasFailures: boolean;
  /** All of it; may be read again. */
  parts(): AsyncIterable<Omit<CommitmentReport, 'transactionUid'>>;
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
const sequenceDelimitation = 0xfffee0dd;

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

/**
 * The data set of a report, piece by piece, its sequences of undefined length.
 * @param retrieveAeTitle where the committed instances can be had
 * @param transferSyntaxUid one of `isIdentifierSyntax`
 */
export async function* commitmentReportPieces(
  { transactionUid, parts }: LongCommitmentReport,
  retrieveAeTitle: string,
  transferSyntaxUid: string,
): AsyncGenerator<Buffer, void, void> {
  const explicitVr = transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian;
  const encoding = { explicitVr, bigEndian: false };
  const head: DicomJson = {
    '00080054': { vr: 'AE', Value: [retrieveAeTitle] },
    [transactionUidTag]: uid(transactionUid),
  };
  yield writeIdentifier(head, transferSyntaxUid);
  for (const [tag, itemsOfPart] of [
    [failedSopSequence, ({ failed }) => failed.map(failedReference)],
    [referencedSopSequence, ({ committed }) => committed.map(reference)],
  ] as readonly (readonly [string, (part: Omit<CommitmentReport, 'transactionUid'>) => DicomJson[]])[]) {
    let hasBegun = false;
    for await (const part of parts()) {
      const items = itemsOfPart(part);
      if (items.length === 0) continue;
      if (!hasBegun) yield elementHeader(encoding, Number.parseInt(tag, 16), 'SQ', undefinedLength);
      hasBegun = true;
      // Behind the header of a sequence of defined length its items stand as in any other.
      yield writeIdentifier({ [tag]: { vr: 'SQ', Value: items } }, transferSyntaxUid).subarray(explicitVr ? 12 : 8);
    }
    if (hasBegun) yield itemMark(sequenceDelimitation, 0, false);
  }
}

function failedReference({ failureReason: reason, ...one }: CommitmentReport['failed'][number]): DicomJson {
  return { ...reference(one), [failureReasonTag]: { vr: 'US', Value: [reason] } };
}

/** @param item of Referenced SOP Sequence @throws CausewayError `attribute-missing` with `details.tag` */
export function referencedInstance(item: DicomJson): ReferencedInstance {
  const [sopClassUid] = textValues(item[referencedSopClassUid]);
  const [sopInstanceUid] = textValues(item[referencedSopInstanceUid]);
  if (!sopClassUid || !sopInstanceUid) throw attributeMissing(referencedSopSequence);
  return { sopClassUid, sopInstanceUid };
}

function referencedIn(sequence: DicomJsonElement | undefined, tag: string): ReferencedInstance[] {
  return itemsOf(sequence).map((item) => {
    const [sopClassUid] = textValues(item[referencedSopClassUid]);
    const [sopInstanceUid] = textValues(item[referencedSopInstanceUid]);
    if (sopClassUid === undefined || sopInstanceUid === undefined) throw attributeMissing(tag);
    return { sopClassUid, sopInstanceUid };
  });
}

function itemsOf(sequence: DicomJsonElement | undefined): DicomJson[] {
  return (sequence?.Value ?? []).map((item) => (item ?? {}) as DicomJson);
}

/** @throws CausewayError `attribute-missing` with `details.tag` */
function uidIn(dataSet: DicomJson, tag: string): string {
  const [value] = textValues(dataSet[tag]);
  if (value === undefined || value === '') throw attributeMissing(tag);
  return value;
}

function reference({ sopClassUid, sopInstanceUid }: ReferencedInstance): DicomJson {
  return { [referencedSopClassUid]: uid(sopClassUid), [referencedSopInstanceUid]: uid(sopInstanceUid) };
}

function uid(value: string): DicomJsonElement {
  return { vr: 'UI', Value: [value] };
}

export function attributeMissing(tag: string): CausewayError {
  const message = `The attribute (${tag.slice(0, 4)},${tag.slice(4)}) is missing or incomplete.`;
  return new CausewayError('attribute-missing', message, { details: { tag } });
}
