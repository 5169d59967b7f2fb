import type pg from 'pg';

/** What the index knows of a match; DICOM JSON is raw deflate. */
export interface FoundEntity {
  readonly study: {
    readonly studyInstanceUid: string;
    /** Patient and study attributes. */
    readonly attributes: Buffer;
    readonly modalities: readonly string[];
    readonly sopClassUids: readonly string[];
    readonly series: number;
    readonly instances: number;
  };
  /** In searches for series and for instances. */
  readonly series?: {
    readonly seriesInstanceUid: string;
    readonly attributes: Buffer;
    readonly instances: number;
  };
  /** In searches for instances; numbers are null where the data set has none. */
  readonly instance?: {
    readonly sopInstanceUid: string;
    readonly sopClassUid: string;
    readonly transferSyntaxUid: string;
    readonly instanceNumber: number | null;
    readonly numberOfFrames: number | null;
    readonly rows: number | null;
    readonly columns: number | null;
    readonly bitsAllocated: number | null;
    /** The whole data set, where it was asked for. */
    readonly metadata?: Buffer;
  };
}

/** A row of `pageSql`. */
export interface PageRow extends pg.QueryResultRow {
  study_instance_uid: string;
  study_date: string | null;
  study_time: string | null;
  study_attributes: Buffer;
  modalities_in_study: string[];
  sop_classes_in_study: string[];
  number_of_study_related_series: number;
  number_of_study_related_instances: number;
  series_instance_uid?: string;
  series_number: number | null;
  series_attributes: Buffer;
  number_of_series_related_instances: number;
  sop_instance_uid?: string;
  sort_number: number;
  sop_class_uid: string;
  transfer_syntax_uid: string;
  instance_number: number | null;
  number_of_frames: number | null;
  rows_of_pixels: number | null;
  columns_of_pixels: number | null;
  bits_allocated: number | null;
  metadata?: Buffer;
  /** Matches from the first of the page on, counted no further than was asked. */
  matched?: number;
}

export function foundEntity(row: PageRow): FoundEntity {
  return {
    study: {
      studyInstanceUid: row.study_instance_uid,
      attributes: row.study_attributes,
      modalities: row.modalities_in_study,
      sopClassUids: row.sop_classes_in_study,
      series: row.number_of_study_related_series,
      instances: row.number_of_study_related_instances,
    },
    ...(row.series_instance_uid !== undefined && {
      series: {
        seriesInstanceUid: row.series_instance_uid,
        attributes: row.series_attributes,
        instances: row.number_of_series_related_instances,
      },
    }),
    ...(row.sop_instance_uid !== undefined && {
      instance: {
        sopInstanceUid: row.sop_instance_uid,
        sopClassUid: row.sop_class_uid,
        transferSyntaxUid: row.transfer_syntax_uid,
        instanceNumber: row.instance_number,
        numberOfFrames: row.number_of_frames,
        rows: row.rows_of_pixels,
        columns: row.columns_of_pixels,
        bitsAllocated: row.bits_allocated,
        ...(row.metadata !== undefined && { metadata: row.metadata }),
      },
    }),
  };
}
