import type { DicomJson } from '../dicom/json-model.ts';
import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import { storageSopClass } from '../dicom/storage-sop-classes.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { InstanceSource, InstanceUids, StoreWarning } from './ingest.ts';

/** What may be stored beyond the Standard's storage SOP classes. */
export interface Acceptance {
  /** Private storage SOP classes. */
  readonly storageSopClasses: readonly string[];
  /** By STOW-RS and import any SOP class will do; by DIMSE it was negotiated, or not. */
  readonly acceptUnknownSopClasses: boolean;
}

interface UidAttribute {
  readonly name: keyof InstanceUids;
  readonly tag: string;
  readonly title: string;
}

const uidAttributes: readonly UidAttribute[] = [
  { name: 'studyInstanceUid', tag: '0020000D', title: 'Study Instance UID (0020,000D)' },
  { name: 'seriesInstanceUid', tag: '0020000E', title: 'Series Instance UID (0020,000E)' },
  { name: 'sopInstanceUid', tag: '00080018', title: 'SOP Instance UID (0008,0018)' },
  { name: 'sopClassUid', tag: '00080016', title: 'SOP Class UID (0008,0016)' },
];

const patientId = '00100020';
const mediaStorageSopInstanceUid = '00020003';

/** PS3.5 §9.1 without its rule on leading zeros, which old devices break. */
const storableUid = /^(?=.*[0-9])[0-9.]{1,64}$/;
const properUid = /^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$/;

/** The names of an instance that was refused, as far as they are fit to be named. */
export function storableUids(identity: Partial<InstanceUids>): Partial<InstanceUids> {
  const uids: Partial<Record<keyof InstanceUids, string>> = {};
  for (const { name } of uidAttributes) {
    const value = identity[name];
    if (value !== undefined && storableUid.test(value)) uids[name] = value;
  }
  return uids;
}

/**
 * Decides whether an instance can be kept. Only its four UIDs are needed (PS3.18 §10.5); what is odd but harmless
 * becomes a warning.
 * @throws CausewayError `attribute-missing`, `uid-invalid`, `sop-class-unsupported`, `transfer-syntax-unsupported`,
 *   `data-set-mismatch`, `study-mismatch`
 */
export function verifyInstance(
  { attributes, fileMeta, transferSyntaxUid, warnings: scanWarnings }: ScannedInstance,
  source: InstanceSource,
  acceptance: Acceptance,
): { uids: InstanceUids; warnings: StoreWarning[] } {
  const uids = {
    studyInstanceUid: readUid(attributes, uidAttributes[0]!),
    seriesInstanceUid: readUid(attributes, uidAttributes[1]!),
    sopInstanceUid: readUid(attributes, uidAttributes[2]!),
    sopClassUid: readUid(attributes, uidAttributes[3]!),
  };
  verifySource(uids, source);
  verifySopClass(uids.sopClassUid, source, acceptance);
  if (!transferSyntax(transferSyntaxUid)) {
    throw new CausewayError(
      'transfer-syntax-unsupported',
      `Instances in the transfer syntax ${printableUid(transferSyntaxUid)} cannot be kept.`,
      { details: { tag: '00020010' } },
    );
  }

  const warnings: StoreWarning[] = scanWarnings.map(({ tag, message }) => ({
    reason: 0xb007,
    ...(tag === undefined ? {} : { tag }),
    message,
  }));
  const warned = new Set(scanWarnings.filter(({ kind }) => kind === 'uid-syntax').map(({ tag }) => tag));
  for (const { name, tag, title } of uidAttributes) {
    if (properUid.test(uids[name]) || warned.has(tag)) continue;
    warnings.push({ reason: 0xb007, tag, message: `The ${title} does not follow the syntax of UIDs.` });
  }
  if (!attributes[patientId] && !storageSopClass(uids.sopClassUid)?.nonPatient) {
    warnings.push({ reason: 0xb007, tag: patientId, message: 'The Patient ID (0010,0020) is missing.' });
  }
  const inMeta = fileMeta[mediaStorageSopInstanceUid]?.Value?.[0];
  if (typeof inMeta === 'string' && inMeta !== uids.sopInstanceUid) {
    warnings.push({
      reason: 0xb007,
      tag: mediaStorageSopInstanceUid,
      message: 'The file meta information names another SOP instance than the data set, which counts.',
    });
  }
  return { uids, warnings };
}

function readUid(attributes: DicomJson, { tag, title }: UidAttribute): string {
  const values = attributes[tag]?.Value ?? [];
  const [value] = values;
  if (value === undefined || value === null || value === '') {
    throw new CausewayError('attribute-missing', `The ${title} is missing.`, { details: { tag } });
  }
  if (values.length > 1) throw invalidUid(`The ${title} has ${values.length} values instead of one.`, tag);
  if (typeof value !== 'string' || !storableUid.test(value)) {
    throw invalidUid(`The ${title} is not a UID: 1 to 64 digits and dots.`, tag);
  }
  return value;
}

function invalidUid(message: string, tag: string): CausewayError {
  return new CausewayError('uid-invalid', message, { details: { tag } });
}

function verifySource(uids: InstanceUids, { affected, studyInstanceUid }: InstanceSource): void {
  if (affected && affected.sopInstanceUid !== uids.sopInstanceUid) {
    throw new CausewayError(
      'data-set-mismatch',
      'The SOP Instance UID (0008,0018) of the data set is not the Affected SOP Instance UID of the command.',
      { details: { tag: '00080018' } },
    );
  }
  if (affected && affected.sopClassUid !== uids.sopClassUid) {
    throw new CausewayError(
      'data-set-mismatch',
      'The SOP Class UID (0008,0016) of the data set is not the Affected SOP Class UID of the command.',
      { details: { tag: '00080016' } },
    );
  }
  if (studyInstanceUid !== undefined && studyInstanceUid !== uids.studyInstanceUid) {
    throw new CausewayError(
      'study-mismatch',
      'The Study Instance UID (0020,000D) of the instance is not the one of the URL.',
      { details: { tag: '0020000D' } },
    );
  }
}

function verifySopClass(sopClassUid: string, source: InstanceSource, acceptance: Acceptance): void {
  if (storageSopClass(sopClassUid) || acceptance.storageSopClasses.includes(sopClassUid)) return;
  if (source.isSpecialized) return;
  if (acceptance.acceptUnknownSopClasses && source.door !== 'dimse') return;
  throw new CausewayError('sop-class-unsupported', `Instances of the SOP class ${sopClassUid} are not stored here.`, {
    details: { tag: '00080016' },
  });
}

function printableUid(uid: string): string {
  return storableUid.test(uid) ? uid : 'that the file names';
}
