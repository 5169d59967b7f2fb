import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson } from './json-model.ts';
import { comparableDate, comparableTime, textValues } from './match-values.ts';
import { nameOfPath } from './query-attribute.ts';

/** One scheduled procedure step, and what of it narrows a search. */
export interface WorklistItem {
  /** With one item in Scheduled Procedure Step Sequence. */
  readonly dataSet: DicomJson;
  /** `YYYYMMDD` */
  readonly startDate: string;
  readonly modality: string;
  readonly stationAeTitles: readonly string[];
  readonly patientId: string;
  readonly accessionNumber: string | undefined;
  /** By these a modality refers to the step that it performs. */
  readonly studyInstanceUid: string;
  readonly stepId: string;
}

export const scheduledProcedureStepSequence = '00400100';
export const stepAttributes = {
  modality: '00080060',
  stationAeTitle: '00400001',
  startDate: '00400002',
  startTime: '00400003',
  id: '00400009',
} as const;
/** Scheduled Procedure Step Status. */
export const stepStatusTag = '00400020';
export const patientIdTag = '00100020';
export const accessionNumberTag = '00080050';

/** Return keys of type 1 (PS3.4 table K.6-1): what every worklist item has to tell. */
const studyInstanceUidTag = '0020000D';
const requiredOfItem = ['00100010', patientIdTag, studyInstanceUidTag, '00401001'];
const requiredOfStep = Object.values(stepAttributes);

/**
 * Takes a data set for a worklist item.
 * @param dataSet as `validateDicomJson` returns it
 * @throws CausewayError `bad-request` that names what is missing or wrong
 * @see PS3.4 §K.6.1.2.2
 */
export function worklistItem(dataSet: DicomJson): WorklistItem {
  const steps = dataSet[scheduledProcedureStepSequence]?.Value ?? [];
  if (steps.length !== 1) {
    const message = `ScheduledProcedureStepSequence has to hold one scheduled procedure step; it holds ${steps.length}.`;
    throw wrong(message, scheduledProcedureStepSequence);
  }
  const step = (steps[0] ?? {}) as DicomJson;
  const missing = [
    ...requiredOfItem.filter((tag) => !hasValue(dataSet, tag)).map((tag) => nameOfPath([tag])),
    ...requiredOfStep
      .filter((tag) => !hasValue(step, tag))
      .map((tag) => nameOfPath([scheduledProcedureStepSequence, tag])),
  ];
  if (missing.length > 0) throw wrong(`A worklist item has to have a value of ${missing.join(', ')}.`);
  if (holdsBulk(dataSet)) throw wrong('A worklist item holds all its values: there is no bulk data to refer to.');
  const first = (within: DicomJson, tag: string) => textValues(within[tag])[0] ?? '';
  const startDate = comparableDate(first(step, stepAttributes.startDate));
  if (startDate === undefined) throw wrong('Scheduled Procedure Step Start Date is no date.', stepAttributes.startDate);
  if (comparableTime(first(step, stepAttributes.startTime)) === undefined) {
    throw wrong('Scheduled Procedure Step Start Time is no time.', stepAttributes.startTime);
  }
  return {
    dataSet,
    startDate,
    modality: first(step, stepAttributes.modality),
    stationAeTitles: textValues(step[stepAttributes.stationAeTitle]),
    patientId: first(dataSet, patientIdTag),
    accessionNumber: textValues(dataSet[accessionNumberTag])[0],
    studyInstanceUid: first(dataSet, studyInstanceUidTag),
    stepId: first(step, stepAttributes.id).trim(),
  };
}

function hasValue(dataSet: DicomJson, tag: string): boolean {
  const [value] = dataSet[tag]?.Value ?? [];
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function holdsBulk(dataSet: DicomJson): boolean {
  return Object.values(dataSet).some(
    ({ vr, Value = [], BulkDataURI }) =>
      BulkDataURI !== undefined || (vr === 'SQ' && Value.some((item) => holdsBulk((item ?? {}) as DicomJson))),
  );
}

function wrong(message: string, tag?: string): CausewayError {
  return new CausewayError('bad-request', message, { details: tag === undefined ? {} : { tag } });
}
