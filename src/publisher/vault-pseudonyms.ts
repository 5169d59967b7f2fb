import { createHmac } from 'node:crypto';
import { type ConfidentialityOption, confidentialityAction } from '../dicom/confidentiality-profile.ts';
import type { DicomJson, PersonNameValue } from '../dicom/json-model.ts';
import { textValues } from '../dicom/match-values.ts';
import { profileExceptions } from '../dicom/profile-exceptions.ts';
import { shiftedDate } from '../dicom/shifted-date.ts';
import { updatableAttributes } from '../dicom/updatable-attributes.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Days stay apart as they were, which is what makes priors and follow-ups comparable. */
export const movedDates: ReadonlySet<ConfidentialityOption> = new Set(['MODIFIED_DATES']);

/** What patient and study are called at a publisher, and what they are here. */
export interface StudyRecord {
  readonly studyInstanceUid: string;
  /** By which days are moved there, the same for all that is the patient's; negative. */
  readonly days: number;
  readonly patient: { readonly name: string; readonly id: string };
  /** Attributes that stay as they are, days among them: as the configuration said then. */
  readonly keep: readonly string[];
  /** Patient and study attributes that are put back into what comes back. */
  readonly identity: DicomJson;
}

/**
 * Days are moved back by more than anything is waited for: so a day that would come to lie in the future was never moved,
 * but is the receiver's own.
 */
const leastDays = 62;
const moreDays = 3_650;
/** Without letters that are taken for others. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLetters = 14;

/** Study attributes that go with those of the patient. */
const studyTags = ['00080020', '00080030', '00200010'];
/** Pseudonyms stand here, whether or not there was anything before. */
const patientTags = ['00100010', '00100020'];

/** @param key of the publisher @param attributes of an instance of the study */
export function studyRecord(
  key: Uint8Array,
  studyInstanceUid: string,
  attributes: DicomJson,
  keep: readonly string[],
): StudyRecord {
  const [patientId] = textValues(attributes['00100020']);
  const [issuer = ''] = textValues(attributes['00100021']);
  const who = JSON.stringify(patientId === undefined ? ['study', studyInstanceUid] : ['patient', issuer, patientId]);
  const hash = createHmac('sha256', key).update(who).digest();
  const code = Array.from(hash.subarray(0, codeLetters), (byte) => letters[byte % letters.length]).join('');
  const days = -(leastDays + (hash.readUInt32BE(28) % moreDays));
  return {
    studyInstanceUid,
    days,
    patient: { name: `Pseudonym^${code}`, id: code },
    keep,
    identity: identityOf(attributes),
  };
}

/** What was there is put back; where a pseudonym stands for nothing, it goes. */
export function identityOf(attributes: DicomJson): DicomJson {
  const tags = [...Object.keys(updatableAttributes), ...studyTags].sort();
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const { vr, Value = [] } = attributes[tag] ?? { vr: 'LO' };
      return Value.length > 0 || patientTags.includes(tag) ? [[tag, { vr, Value }]] : [];
    }),
  );
}

/** Name and id as texts have them; empty for what is not known. */
export function patientOf(identity: DicomJson): { readonly name: string; readonly id: string } {
  const name = identity['00100010']?.Value?.[0] as PersonNameValue | null | undefined;
  const [id] = textValues(identity['00100020']);
  return { name: name?.Alphabetic ?? name?.Ideographic ?? '', id: id ?? '' };
}

/** Days of an instance as they were, by what they were moved to when it was sent; eight digits. */
export function movedDays(attributes: DicomJson, record: StudyRecord): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  for (const [tag, { vr }] of Object.entries(attributes)) {
    if ((vr !== 'DA' && vr !== 'DT') || !isMoved(Number.parseInt(tag, 16), record)) continue;
    for (const value of textValues(attributes[tag])) {
      const day = value.slice(0, 8);
      const moved = shiftedDate(day, record.days);
      if (moved !== day) days.set(moved, day);
    }
  }
  return days;
}

/** Whether the days of an attribute were moved when the study was sent. */
export function isMoved(tag: number, { keep }: Pick<StudyRecord, 'keep'>): boolean {
  return !profileExceptions([], keep).actions.has(tag) && hasDays(tag);
}

function hasDays(tag: number): boolean {
  return confidentialityAction(tag, 'DA', movedDates) === 'M';
}

/**
 * What stays as it is of another instance of a study: days that were moved in the first are moved in all, whatever is to be
 * kept by now, as what comes back does not tell whose days it has.
 * @throws CausewayError `not-acceptable` where days have left as they are that are to be moved by now
 */
export function keptOf(
  { keep: before }: Pick<StudyRecord, 'keep'>,
  { alsoRemove, keep }: { readonly alsoRemove: readonly string[]; readonly keep: readonly string[] },
): readonly string[] {
  const now = profileExceptions(alsoRemove, keep).actions;
  const changed = before.filter((attribute) => tagsOf(attribute).some((tag) => hasDays(tag) && !now.has(tag)));
  if (changed.length > 0) {
    throw new CausewayError(
      'not-acceptable',
      `The study was sent before with ${changed.join(', ')} as it is, which is not to be kept any more: it can be removed altogether, or sent by another publisher.`,
    );
  }
  return keep.filter((attribute) => !tagsOf(attribute).some((tag) => isMoved(tag, { keep: before })));
}

function tagsOf(attribute: string): number[] {
  return [...profileExceptions([], [attribute]).actions.keys()];
}
