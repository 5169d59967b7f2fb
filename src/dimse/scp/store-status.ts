import type { InstanceOutcome } from '../../ingest/ingest.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import { status } from '../command/status.ts';
import type { DimseResponse } from '../service.ts';

/** Status values of C-STORE. PS3.4 table B.2-1; those that PS3.18 §10.5 has beyond it are in the same ranges. */
const storeStatus = {
  /** A warning: the elements were discarded, here all of them. */
  elementsDiscarded: 0xb006,
  outOfResources: 0xa700,
  dataSetDoesNotMatchSopClass: 0xa900,
  cannotUnderstand: 0xc000,
  transferSyntaxNotSupported: 0xc122,
} as const;

const statusOf = {
  'not-dicom': storeStatus.cannotUnderstand,
  truncated: storeStatus.cannotUnderstand,
  malformed: storeStatus.cannotUnderstand,
  'attribute-missing': storeStatus.cannotUnderstand,
  'uid-invalid': storeStatus.cannotUnderstand,
  'sop-class-unsupported': status.sopClassNotSupported,
  'transfer-syntax-unsupported': storeStatus.transferSyntaxNotSupported,
  'data-set-mismatch': storeStatus.dataSetDoesNotMatchSopClass,
  'study-mismatch': storeStatus.dataSetDoesNotMatchSopClass,
  'duplicate-differs': status.duplicateSopInstance,
  'limit-exceeded': storeStatus.outOfResources,
  'bad-request': status.processingFailure,
  'not-found': status.processingFailure,
  gone: status.processingFailure,
  'not-acceptable': status.processingFailure,
  'unsupported-media-type': status.processingFailure,
  'method-not-allowed': status.processingFailure,
  'range-not-satisfiable': status.processingFailure,
  conflict: status.processingFailure,
  forbidden: status.notAuthorized,
  'precondition-failed': status.notAuthorized,
  'precondition-required': status.notAuthorized,
  'frame-not-found': status.processingFailure,
  'frame-boundary-unknown': storeStatus.cannotUnderstand,
  'no-pixel-data': status.processingFailure,
  'decode-failed': status.processingFailure,
  'cannot-render': status.processingFailure,
  'stored-file-damaged': status.processingFailure,
  'storage-full': storeStatus.outOfResources,
  'timed-out': storeStatus.outOfResources,
  aborted: status.processingFailure,
  unavailable: storeStatus.outOfResources,
  'configuration-invalid': status.processingFailure,
  internal: status.processingFailure,
} as const satisfies Record<ErrorCode, number>;

/**
 * The C-STORE response to what became of an instance: the first warning decides where there are several. An instance that is
 * discarded for what is kept is no success, although its sender need not send it again.
 */
export function storeResponse(outcome: InstanceOutcome): DimseResponse {
  if (outcome.status === 'refused') {
    return reasoned(statusOf[outcome.code], outcome.message, outcome.details.tag);
  }
  if (outcome.status === 'kept') {
    return reasoned(storeStatus.elementsDiscarded, 'Not stored: other content under this UID is kept.', undefined);
  }
  const [warning] = outcome.warnings;
  if (warning !== undefined) return reasoned(warning.reason, warning.message, warning.tag);
  return { status: status.success };
}

function reasoned(code: number, message: string, tag: string | undefined): DimseResponse {
  return {
    status: code,
    errorComment: message,
    ...(tag !== undefined && /^[0-9A-F]{8}$/i.test(tag) ? { offendingElement: [tag] } : {}),
  };
}
