import type { DicomJson } from '../../dicom/json-model.ts';
import type { InstanceOutcome, InstanceUids, StoreWarning } from '../../ingest/ingest.ts';
import type { CausewayError, ErrorCode } from '../../kernel/errors.ts';
import { urlOf } from '../exchange.ts';
import { problemStatus } from '../problem.ts';

/** Failure Reason (0008,1197) of PS3.18 Table I.2-2, and those of PS3.7 Annex C where they say it better. */
const failureReasons = {
  'not-dicom': 0xc000,
  truncated: 0xc000,
  malformed: 0xc000,
  'attribute-missing': 0xa900,
  'uid-invalid': 0xa900,
  'sop-class-unsupported': 0x0122,
  'transfer-syntax-unsupported': 0xc122,
  'data-set-mismatch': 0xa900,
  'study-mismatch': 0xa901,
  'duplicate-differs': 0x0111,
  'limit-exceeded': 0xa700,
  'bad-request': 0xc000,
  'not-found': 0x0110,
  gone: 0x0110,
  'not-acceptable': 0x0110,
  'unsupported-media-type': 0xc000,
  'method-not-allowed': 0x0110,
  'range-not-satisfiable': 0x0110,
  conflict: 0x0110,
  forbidden: 0x0124,
  'precondition-failed': 0x0124,
  'precondition-required': 0x0124,
  'frame-not-found': 0x0110,
  'frame-boundary-unknown': 0x0110,
  'no-pixel-data': 0x0110,
  'decode-failed': 0x0110,
  'cannot-render': 0x0110,
  'stored-file-damaged': 0x0110,
  'storage-full': 0xa700,
  'timed-out': 0x0110,
  aborted: 0x0110,
  unavailable: 0xa700,
  'configuration-invalid': 0x0110,
  internal: 0x0110,
} satisfies Record<ErrorCode, number>;

/** Refusals of everything that are not about the instances; everything else is 409. */
const statusOfAll: Partial<Record<ErrorCode, number>> = {
  'unsupported-media-type': 415,
  'limit-exceeded': 413,
  'storage-full': 507,
  unavailable: 503,
  'timed-out': 503,
  internal: 500,
};

/**
 * 200 all stored, 202 some not or with warnings, else why none was (PS3.18 §10.5.3.1).
 * @param brokenBy why the body could not be read to its end
 */
export function storeStatus(outcomes: readonly InstanceOutcome[], brokenBy: CausewayError | undefined): number {
  const refused = outcomes.filter((outcome) => outcome.status === 'refused');
  if (refused.length < outcomes.length) {
    const warned = outcomes.some((outcome) => outcome.status !== 'refused' && warningsOf(outcome).length > 0);
    return refused.length > 0 || warned || brokenBy !== undefined ? 202 : 200;
  }
  if (brokenBy !== undefined) return brokenBy.code === 'truncated' ? 400 : problemStatus(brokenBy.code);
  const codes = new Set(refused.map((outcome) => outcome.code));
  const [only] = codes;
  return (codes.size === 1 && only !== undefined ? statusOfAll[only] : undefined) ?? 409;
}

/** The Store Instances Response Module (PS3.18 Annex I): each instance is in one of its sequences, in the order sent. */
export function storeResponse(outcomes: readonly InstanceOutcome[], baseUrl: string): DicomJson {
  const stored: (DicomJson & object)[] = [];
  const failed: (DicomJson & object)[] = [];
  const studies = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.status === 'refused') {
      failed.push(failedItem(outcome));
    } else {
      studies.add(outcome.studyInstanceUid);
      stored.push(storedItem(outcome, baseUrl));
    }
  }
  const [study] = studies;
  return {
    ...(studies.size === 1 && study !== undefined
      ? { '00081190': { vr: 'UR', Value: [urlOf(baseUrl, { studyInstanceUid: study })] } }
      : {}),
    ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed } } : {}),
    ...(stored.length > 0 ? { '00081199': { vr: 'SQ', Value: stored } } : {}),
  };
}

type Accepted = Exclude<InstanceOutcome, { status: 'refused' }>;

/**
 * An instance that is discarded for what is kept need not be sent again, so it is no failure; its sender must not take it
 * for stored either. The warning comes first, as one reason is all that an item has room for; C-STORE answers the same.
 */
function warningsOf({ status, warnings }: Accepted): readonly StoreWarning[] {
  return status === 'kept' ? [discarded, ...warnings] : warnings;
}

const discarded: StoreWarning = {
  reason: 0xb006,
  message: 'Not stored: the instance of the same SOP Instance UID and different content stays.',
};

function storedItem(outcome: Accepted, baseUrl: string): DicomJson {
  const warnings = warningsOf(outcome);
  const [warning] = warnings;
  const words = [...(outcome.status === 'replaced' ? [replaced] : []), ...warnings.map(({ message }) => message)];
  const tags = warnings.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
  return {
    ...errorComment(words),
    ...reference(outcome),
    '00081190': { vr: 'UR', Value: [urlOf(baseUrl, outcome)] },
    ...(warning === undefined ? {} : { '00081196': { vr: 'US', Value: [warning.reason] } }),
    ...failedAttributes(tags),
  };
}

const replaced = 'Replaced the instance of the same SOP Instance UID that had different content.';

function failedItem(outcome: Extract<InstanceOutcome, { status: 'refused' }>): DicomJson {
  return {
    ...errorComment([outcome.message]),
    ...reference(outcome),
    '00081197': { vr: 'US', Value: [failureReasons[outcome.code]] },
    ...failedAttributes(outcome.details.tag === undefined ? [] : [outcome.details.tag]),
  };
}

function reference({ sopClassUid, sopInstanceUid }: Partial<InstanceUids>): DicomJson {
  return {
    ...(sopClassUid === undefined ? {} : { '00081150': { vr: 'UI', Value: [sopClassUid] } }),
    ...(sopInstanceUid === undefined ? {} : { '00081155': { vr: 'UI', Value: [sopInstanceUid] } }),
  };
}

/** Error Comment is where C-STORE says it in words; the 64 characters of its VR would cut off what one needs to know. */
function errorComment(words: readonly string[]): DicomJson {
  return words.length === 0 ? {} : { '00000902': { vr: 'LO', Value: [words.join(' ')] } };
}

/** Failed Attributes Sequence with the Selector Attribute of each (PS3.3 Table 10-20). */
function failedAttributes(tags: readonly string[]): DicomJson {
  if (tags.length === 0) return {};
  return {
    '00741048': { vr: 'SQ', Value: tags.map((tag) => ({ '00720026': { vr: 'AT', Value: [tag] } })) },
  };
}
