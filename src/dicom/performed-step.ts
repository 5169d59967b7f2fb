import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { comparableDate, comparableTime, textValues } from './match-values.ts';
import { nameOfPath } from './query-attribute.ts';

/** Performed Procedure Step Status (0040,0252). PS3.3 §C.4.14. */
export type PerformedStepStatus = 'IN PROGRESS' | 'COMPLETED' | 'DISCONTINUED';

/** The scheduled procedure step that a performed one is of. */
export interface ScheduledStepReference {
  readonly studyInstanceUid: string;
  readonly stepId: string;
}

/** What has come of a series. */
export interface PerformedSeries {
  readonly seriesInstanceUid: string;
  readonly description: string | undefined;
  readonly instances: number;
}

/** A performed procedure step in short, as the worklist shows it. */
export interface PerformedStepFacts {
  readonly status: PerformedStepStatus;
  readonly stationAeTitle: string;
  /** `YYYYMMDD` and a TM, as they were told. */
  readonly startDate: string;
  readonly startTime: string;
  readonly endDate: string | undefined;
  readonly endTime: string | undefined;
  /** It was discontinued as the wrong item of the worklist had been chosen: nothing was done of that. */
  readonly wrongEntry: boolean;
  readonly series: readonly PerformedSeries[];
}

export interface PerformedStep {
  readonly dataSet: DicomJson;
  readonly facts: PerformedStepFacts;
  /** None: what was done was not scheduled here. */
  readonly scheduled: readonly ScheduledStepReference[];
}

export const performedStepStatusTag = '00400252';
const startDate = '00400244';
const startTime = '00400245';
const endDate = '00400250';
const endTime = '00400251';
const stationAeTitle = '00400241';
const modality = '00080060';
const scheduledStepAttributes = '00400270';
const studyInstanceUid = '0020000D';
const scheduledStepId = '00400009';
const performedSeries = '00400340';
const seriesInstanceUid = '0020000E';
const specificCharacterSet = '00080005';
const discontinuationReason = '00400281';

/** Attributes of type 1 in an N-CREATE (PS3.4 table F.7.2-1) that what follows relies upon. */
const requiredAtStart = [
  '00400253',
  stationAeTitle,
  startDate,
  startTime,
  performedStepStatusTag,
  modality,
  scheduledStepAttributes,
];

/** What an N-SET must not change (PS3.4 table F.7.2-1): who was examined, where, since when, and what was scheduled. */
const settledAtStart: ReadonlySet<string> = new Set([
  scheduledStepAttributes,
  '00100010',
  '00100020',
  '00100021',
  '00100030',
  '00100040',
  '00081120',
  '00400253',
  stationAeTitle,
  '00400242',
  '00400243',
  startDate,
  startTime,
  modality,
  '00200010',
]);

/**
 * Takes the Attribute List of an N-CREATE.
 * @throws CausewayError `attribute-missing` (with `details.isEmpty` where it is there without a value), `bad-request`; both
 * with `details.tag`
 * @see PS3.4 §F.7.2.1
 */
export function newPerformedStep(attributes: DicomJson): PerformedStep {
  const dataSet = withoutBulk(attributes);
  for (const tag of requiredAtStart) demand(dataSet, tag);
  if (first(dataSet, performedStepStatusTag) !== 'IN PROGRESS') {
    throw wrong('A performed procedure step begins with the status IN PROGRESS.', performedStepStatusTag);
  }
  for (const item of itemsOf(dataSet[scheduledStepAttributes])) demand(item, studyInstanceUid);
  return performedStep(dataSet);
}

/**
 * Puts the Modification List of an N-SET into a step that is in progress. Sequences are replaced as a whole.
 * @throws CausewayError as `newPerformedStep`
 * @see PS3.4 §F.7.2.2
 */
export function changedPerformedStep(before: DicomJson, modifications: DicomJson): PerformedStep {
  const { [specificCharacterSet]: _, ...changes } = withoutBulk(modifications);
  for (const [tag, element] of Object.entries(changes)) {
    if (!settledAtStart.has(tag)) continue;
    if (!isSame(before[tag], element))
      throw wrong(`${nameOfPath([tag])} cannot be changed once a step has begun.`, tag);
    delete changes[tag];
  }
  const dataSet = { ...before, ...changes };
  const after = first(dataSet, performedStepStatusTag);
  if (after !== 'IN PROGRESS') {
    for (const tag of [endDate, endTime]) demand(dataSet, tag);
    // What was broken off need not have a series to show for it.
    if (after === 'COMPLETED') demand(dataSet, performedSeries);
  }
  return performedStep(dataSet);
}

function performedStep(dataSet: DicomJson): PerformedStep {
  const status = first(dataSet, performedStepStatusTag);
  if (!isStatus(status)) {
    throw wrong('Performed Procedure Step Status is IN PROGRESS, COMPLETED or DISCONTINUED.', performedStepStatusTag);
  }
  for (const tag of [startDate, endDate]) checkValue(dataSet, tag, comparableDate, 'no date');
  for (const tag of [startTime, endTime]) checkValue(dataSet, tag, comparableTime, 'no time');
  const series = itemsOf(dataSet[performedSeries]);
  for (const item of series) demand(item, seriesInstanceUid);
  return {
    dataSet,
    facts: {
      status,
      stationAeTitle: first(dataSet, stationAeTitle),
      startDate: first(dataSet, startDate),
      startTime: first(dataSet, startTime),
      endDate: first(dataSet, endDate) || undefined,
      endTime: first(dataSet, endTime) || undefined,
      wrongEntry: status === 'DISCONTINUED' && isWrongEntry(dataSet),
      series: series.map((item) => ({
        seriesInstanceUid: first(item, seriesInstanceUid),
        description: first(item, '0008103E') || undefined,
        instances: itemsOf(item['00081140']).length + itemsOf(item['00400220']).length,
      })),
    },
    scheduled: itemsOf(dataSet[scheduledStepAttributes]).flatMap((item) => {
      const stepId = first(item, scheduledStepId);
      return stepId === '' ? [] : [{ studyInstanceUid: first(item, studyInstanceUid), stepId }];
    }),
  };
}

/** (110514, DCM, "Incorrect worklist entry selected"): PS3.16 CID 9300. */
function isWrongEntry(dataSet: DicomJson): boolean {
  return itemsOf(dataSet[discontinuationReason]).some(
    (code) => first(code, '00080100') === '110514' && first(code, '00080102') === 'DCM',
  );
}

function isStatus(text: string): text is PerformedStepStatus {
  return text === 'IN PROGRESS' || text === 'COMPLETED' || text === 'DISCONTINUED';
}

function isSame(before: DicomJsonElement | undefined, after: DicomJsonElement): boolean {
  return JSON.stringify(before?.Value ?? []) === JSON.stringify(after.Value ?? []);
}

function first(dataSet: DicomJson, tag: string): string {
  return textValues(dataSet[tag])[0]?.trim() ?? '';
}

function itemsOf(element: DicomJsonElement | undefined): DicomJson[] {
  return element?.vr === 'SQ' ? (element.Value ?? []).map((item) => (item ?? {}) as DicomJson) : [];
}

/** A value that is too long to be held is nothing that a step needs to be known by. */
function withoutBulk(dataSet: DicomJson): DicomJson {
  return Object.fromEntries(
    Object.entries(dataSet)
      .filter(([, { BulkDataURI }]) => BulkDataURI === undefined)
      .map(([tag, element]) => [
        tag,
        element.vr === 'SQ' && element.Value !== undefined
          ? { ...element, Value: element.Value.map((item) => withoutBulk((item ?? {}) as DicomJson)) }
          : element,
      ]),
  );
}

function demand(dataSet: DicomJson, tag: string): void {
  const element = dataSet[tag];
  const hasValue = element?.vr === 'SQ' ? itemsOf(element).length > 0 : first(dataSet, tag) !== '';
  if (hasValue) return;
  const isEmpty = element !== undefined;
  throw new CausewayError('attribute-missing', `${nameOfPath([tag])} ${isEmpty ? 'has no value' : 'is missing'}.`, {
    details: { tag, isEmpty },
  });
}

function checkValue(dataSet: DicomJson, tag: string, read: (value: string) => string | undefined, words: string): void {
  const value = first(dataSet, tag);
  if (value !== '' && read(value) === undefined) throw wrong(`${nameOfPath([tag])} is ${words}.`, tag);
}

function wrong(message: string, tag: string): CausewayError {
  return new CausewayError('bad-request', message, { details: { tag } });
}
