import type { DicomJson } from '../dicom/json-model.ts';

/** What an expression is asked about. */
export interface FilterSubject {
  /** Attributes of the instance (PS3.18 Annex F). */
  readonly attributes: DicomJson;
  readonly callingAeTitle: string | undefined;
  readonly receivedAt: Date;
}

/** A compiled expression of the filter language. */
export interface Filter {
  /** Never throws: what is not there is not equal to anything. */
  selects(subject: FilterSubject): boolean;
  /** The clause (its text and place in the expression) that said no, and the values that it saw; undefined if selected. */
  whyNot(subject: FilterSubject): Refusal | undefined;
}

export interface Refusal {
  readonly clause: string;
  /** Into the expression, from 0. */
  readonly from: number;
  readonly till: number;
  /** For people: `Modality is 'MR'`. Values of attributes that identify patients are shown to those who may see them only. */
  readonly because: string;
}
