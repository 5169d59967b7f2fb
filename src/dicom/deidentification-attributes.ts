import { Buffer } from 'node:buffer';
import type { ConfidentialityOption } from './confidentiality-profile.ts';
import { type ElementIn, elementBytes, elementHeader, itemMark, padded } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { Vr } from './json-model.ts';
import type { ProfileExceptions } from './profile-exceptions.ts';

/** PS3.16 CID 7050. */
const basicProfile = ['113100', 'Basic Application Confidentiality Profile'] as const;
const optionCodes: Readonly<Record<ConfidentialityOption, readonly [code: string, meaning: string]>> = {
  FULL_DATES: ['113106', 'Retain Longitudinal Temporal Information Full Dates Option'],
  MODIFIED_DATES: ['113107', 'Retain Longitudinal Temporal Information Modified Dates Option'],
  PATIENT: ['113108', 'Retain Patient Characteristics Option'],
  DEVICE: ['113109', 'Retain Device Identity Option'],
  UIDS: ['113110', 'Retain UIDs Option'],
  INSTITUTION: ['113112', 'Retain Institution Identity Option'],
};

/**
 * What says that a data set is de-identified, and how: attributes by tag, ascending, to be written in the encoding of the
 * data set they go into.
 * @see PS3.15 §E.1.1, PS3.3 §C.7.1.1, §C.12.1
 */
export function deidentificationAttributes(
  options: ReadonlySet<ConfidentialityOption>,
  exceptions: ProfileExceptions,
  patient: { readonly name: string; readonly id: string } | undefined,
): ReadonlyMap<number, ElementIn> {
  const codes = [basicProfile, ...[...options].map((option) => optionCodes[option])].sort();
  const dates = options.has('FULL_DATES') ? 'UNMODIFIED' : options.has('MODIFIED_DATES') ? 'MODIFIED' : 'REMOVED';
  const method = `PS3.15 Annex E Basic Profile${exceptions.actions.size + exceptions.privates.length > 0 ? ', with exceptions of the site' : ''}`;
  return new Map<number, ElementIn>([
    ...pseudonyms(exceptions, patient),
    [0x00120062, (encoding) => text(encoding, 0x00120062, 'CS', 'YES')],
    [0x00120063, (encoding) => text(encoding, 0x00120063, 'LO', method)],
    [0x00120064, (encoding) => codeSequence(encoding, 0x00120064, codes)],
    [0x00280303, (encoding) => text(encoding, 0x00280303, 'CS', dates)],
  ]);
}

/** Where the site keeps the patient's own, or wants none, there is no pseudonym. */
function pseudonyms(
  { actions }: ProfileExceptions,
  patient: { readonly name: string; readonly id: string } | undefined,
): [number, ElementIn][] {
  if (patient === undefined) return [];
  const all: [number, ElementIn][] = [
    [0x00100010, (encoding) => text(encoding, 0x00100010, 'PN', patient.name)],
    [0x00100020, (encoding) => text(encoding, 0x00100020, 'LO', patient.id)],
  ];
  return all.filter(([tag]) => !actions.has(tag));
}

function text(encoding: DataSetEncoding, tag: number, vr: Vr, value: string): Buffer {
  return elementBytes(encoding, tag, vr, padded(Buffer.from(value, 'latin1')));
}

function codeSequence(
  encoding: DataSetEncoding,
  tag: number,
  codes: readonly (readonly [code: string, meaning: string])[],
): Buffer {
  const items = codes.map(([code, meaning]) => {
    const item = [
      text(encoding, 0x00080100, 'SH', code),
      text(encoding, 0x00080102, 'SH', 'DCM'),
      text(encoding, 0x00080104, 'LO', meaning),
    ];
    const length = item.reduce((sum, { length }) => sum + length, 0);
    return Buffer.concat([itemMark(0xfffee000, length, encoding.bigEndian), ...item]);
  });
  const end = itemMark(0xfffee0dd, 0, encoding.bigEndian);
  return Buffer.concat([elementHeader(encoding, tag, 'SQ', undefinedLength), ...items, end]);
}
