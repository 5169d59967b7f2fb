import type { DicomJson } from '../dicom/json-model.ts';
import type { ArrivalQuery, ArrivedEntity, ArrivedImage, ArrivedPatient } from '../index/arrival-tables.ts';

export type { ArrivalQuery };

export interface Table<R> {
  readonly items: readonly R[];
  /** Rows of all pages. */
  readonly total: number;
  /** False: there are more, and nobody counted on. */
  readonly totalIsExact: boolean;
}

/** What is known of a study, series or instance, parent levels included, as a search would answer it. */
export interface TableRow {
  readonly attributes: DicomJson;
  readonly createdAt: Date;
}

export type EntityRow = TableRow & Omit<ArrivedEntity, 'entity'>;
export type ImageRow = TableRow & Omit<ArrivedImage, 'entity'>;
export type PatientRow = TableRow & Omit<ArrivedPatient, 'entity'>;

/** What is stored, for people who look at it: the last that came first. All throw CausewayError `timed-out`, `unavailable`. */
export interface Tables {
  images(query: ArrivalQuery): Promise<Table<ImageRow>>;
  series(query: ArrivalQuery): Promise<Table<EntityRow>>;
  studies(query: ArrivalQuery): Promise<Table<EntityRow>>;
  patients(query: ArrivalQuery): Promise<Table<PatientRow>>;
  totals(): Promise<{ readonly studies: number; readonly series: number; readonly instances: number }>;
}
