import type { Vr } from '../dicom/json-model.ts';
import type { QueryLevel } from '../dicom/query.ts';

/**
 * How a column holds an attribute, so that SQL decides exactly as `matches()` does:
 * - `text`: the values joined by `\`; a row in which any such column has several values says so in `multi_valued`
 * - `texts`: one array element a value, for attributes that often have several
 * - `name`: the folded search text of person names, see `nameSearchText`
 * - `date` `YYYYMMDD`, `time` `HHMMSS.FFFFFF`, `date-time` `YYYYMMDDHHMMSS.FFFFFF` in UTC: the first valid value
 * - `number`: the first value that is a number
 * - `items`: the sequence as a JSON array, one object an item: lists of values (or of folded names) keyed by tag
 */
export type ColumnKind = 'text' | 'texts' | 'name' | 'date' | 'time' | 'date-time' | 'number' | 'items';

/** `patient` and `study` columns both live in the table `studies`. */
export type AttributeLevel = 'patient' | QueryLevel;

/** An attribute that is matched by a relational column of the index. */
export interface IndexedAttribute {
  readonly keyword: string;
  /** Eight upper-case hexadecimal digits. */
  readonly tag: string;
  readonly vr: Vr;
  readonly level: AttributeLevel;
  readonly column: string;
  readonly kind: ColumnKind;
  /** Not read from the data set of one instance: the index keeps it up as instances come and go. */
  readonly counted?: true;
  /** Of `items`: the attributes of an item that are matched. */
  readonly items?: readonly ItemAttribute[];
  /** Of an attribute that an administrator has added: its values lie in `extended_…_values`, one a row. */
  readonly extendedTagId?: number;
}

/** Attributes that can be matched, by their tags. */
export type Attributes = (tag: string) => IndexedAttribute | undefined;

/** An attribute within the items of an indexed sequence. */
export interface ItemAttribute {
  readonly keyword: string;
  readonly tag: string;
  readonly vr: Vr;
  readonly kind: 'text' | 'name';
}

type Row = readonly [tag: string, keyword: string, vr: Vr, column: string, kind?: ColumnKind];

const columnKindOfVr: Partial<Record<Vr, ColumnKind>> = {
  PN: 'name',
  DA: 'date',
  TM: 'time',
  DT: 'date-time',
  IS: 'number',
  DS: 'number',
  US: 'number',
  UL: 'number',
  FD: 'number',
  SQ: 'items',
};

function atLevel(level: AttributeLevel, rows: readonly Row[]): IndexedAttribute[] {
  return rows.map(([tag, keyword, vr, column, kind]) => ({
    keyword,
    tag,
    vr,
    level,
    column,
    kind: kind ?? columnKindOfVr[vr] ?? 'text',
  }));
}

const codeItem: readonly ItemAttribute[] = [
  { keyword: 'CodeValue', tag: '00080100', vr: 'SH', kind: 'text' },
  { keyword: 'CodingSchemeDesignator', tag: '00080102', vr: 'SH', kind: 'text' },
  { keyword: 'CodeMeaning', tag: '00080104', vr: 'LO', kind: 'text' },
];

const requestItem: readonly ItemAttribute[] = [
  { keyword: 'AccessionNumber', tag: '00080050', vr: 'SH', kind: 'text' },
  { keyword: 'StudyInstanceUID', tag: '0020000D', vr: 'UI', kind: 'text' },
  { keyword: 'RequestingPhysician', tag: '00321032', vr: 'PN', kind: 'name' },
  { keyword: 'RequestedProcedureDescription', tag: '00321060', vr: 'LO', kind: 'text' },
  { keyword: 'ScheduledProcedureStepDescription', tag: '00400007', vr: 'LO', kind: 'text' },
  { keyword: 'ScheduledProcedureStepID', tag: '00400009', vr: 'SH', kind: 'text' },
  { keyword: 'RequestedProcedureID', tag: '00401001', vr: 'SH', kind: 'text' },
];

const otherPatientIdItem: readonly ItemAttribute[] = [
  { keyword: 'PatientID', tag: '00100020', vr: 'LO', kind: 'text' },
  { keyword: 'IssuerOfPatientID', tag: '00100021', vr: 'LO', kind: 'text' },
];

/**
 * Everything that a query can match; `studyColumns` and its like in search-columns.ts compute the values.
 * Holds the required and unique keys of PS3.18 table 10.6.1-5 and PS3.4 §C.6, and what viewers and scripts ask for
 * beyond them. Each table has one more column, `multi_valued boolean`: whether any of its `text` columns has several values.
 * Columns are named after the keyword but for PatientID and StudyID, whose names the keys of the tables may want.
 */
export const indexedAttributes: readonly IndexedAttribute[] = [
  ...atLevel('patient', [
    ['00100010', 'PatientName', 'PN', 'patient_name'],
    ['00100020', 'PatientID', 'LO', 'patient_identifier'],
    ['00100021', 'IssuerOfPatientID', 'LO', 'issuer_of_patient_id'],
    ['00100030', 'PatientBirthDate', 'DA', 'patient_birth_date'],
    ['00100032', 'PatientBirthTime', 'TM', 'patient_birth_time'],
    ['00100040', 'PatientSex', 'CS', 'patient_sex'],
    ['00101000', 'OtherPatientIDs', 'LO', 'other_patient_ids', 'texts'],
    ['00101001', 'OtherPatientNames', 'PN', 'other_patient_names'],
    ['00102160', 'EthnicGroup', 'SH', 'ethnic_group'],
    ['00104000', 'PatientComments', 'LT', 'patient_comments'],
  ]),
  {
    ...sequence('patient', '00101002', 'OtherPatientIDsSequence', 'other_patient_id_items'),
    items: otherPatientIdItem,
  },
  ...atLevel('study', [
    ['0020000D', 'StudyInstanceUID', 'UI', 'study_instance_uid'],
    ['00080020', 'StudyDate', 'DA', 'study_date'],
    ['00080030', 'StudyTime', 'TM', 'study_time'],
    ['00080050', 'AccessionNumber', 'SH', 'accession_number'],
    ['00080090', 'ReferringPhysicianName', 'PN', 'referring_physician_name'],
    ['00081030', 'StudyDescription', 'LO', 'study_description'],
    ['00081048', 'PhysiciansOfRecord', 'PN', 'physicians_of_record'],
    ['00081060', 'NameOfPhysiciansReadingStudy', 'PN', 'name_of_physicians_reading_study'],
    ['00081080', 'AdmittingDiagnosesDescription', 'LO', 'admitting_diagnoses_description'],
    ['00101010', 'PatientAge', 'AS', 'patient_age'],
    ['00101020', 'PatientSize', 'DS', 'patient_size'],
    ['00101030', 'PatientWeight', 'DS', 'patient_weight'],
    ['00102180', 'Occupation', 'SH', 'occupation'],
    ['001021B0', 'AdditionalPatientHistory', 'LT', 'additional_patient_history'],
    ['00200010', 'StudyID', 'SH', 'study_identifier'],
    ['00321032', 'RequestingPhysician', 'PN', 'requesting_physician'],
    ['00380010', 'AdmissionID', 'LO', 'admission_id'],
  ]),
  { ...sequence('study', '00081032', 'ProcedureCodeSequence', 'procedure_code_items'), items: codeItem },
  ...counted('study', [
    ['00080061', 'ModalitiesInStudy', 'CS', 'modalities_in_study', 'texts'],
    ['00080062', 'SOPClassesInStudy', 'UI', 'sop_classes_in_study', 'texts'],
    ['00201206', 'NumberOfStudyRelatedSeries', 'IS', 'number_of_study_related_series'],
    ['00201208', 'NumberOfStudyRelatedInstances', 'IS', 'number_of_study_related_instances'],
  ]),
  ...atLevel('series', [
    ['0020000E', 'SeriesInstanceUID', 'UI', 'series_instance_uid'],
    ['00080021', 'SeriesDate', 'DA', 'series_date'],
    ['00080031', 'SeriesTime', 'TM', 'series_time'],
    ['00080060', 'Modality', 'CS', 'modality'],
    ['00080070', 'Manufacturer', 'LO', 'manufacturer'],
    ['00080080', 'InstitutionName', 'LO', 'institution_name'],
    ['00081010', 'StationName', 'SH', 'station_name'],
    ['0008103E', 'SeriesDescription', 'LO', 'series_description'],
    ['00081040', 'InstitutionalDepartmentName', 'LO', 'institutional_department_name'],
    ['00081050', 'PerformingPhysicianName', 'PN', 'performing_physician_name'],
    ['00081070', 'OperatorsName', 'PN', 'operators_name'],
    ['00081090', 'ManufacturerModelName', 'LO', 'manufacturer_model_name'],
    ['00180015', 'BodyPartExamined', 'CS', 'body_part_examined'],
    ['00181000', 'DeviceSerialNumber', 'LO', 'device_serial_number'],
    ['00181030', 'ProtocolName', 'LO', 'protocol_name'],
    ['00185100', 'PatientPosition', 'CS', 'patient_position'],
    ['00200011', 'SeriesNumber', 'IS', 'series_number'],
    ['00200052', 'FrameOfReferenceUID', 'UI', 'frame_of_reference_uid'],
    ['00200060', 'Laterality', 'CS', 'laterality'],
    ['00400244', 'PerformedProcedureStepStartDate', 'DA', 'performed_procedure_step_start_date'],
    ['00400245', 'PerformedProcedureStepStartTime', 'TM', 'performed_procedure_step_start_time'],
    ['00400253', 'PerformedProcedureStepID', 'SH', 'performed_procedure_step_id'],
    ['00400254', 'PerformedProcedureStepDescription', 'LO', 'performed_procedure_step_description'],
  ]),
  { ...sequence('series', '00400275', 'RequestAttributesSequence', 'request_attribute_items'), items: requestItem },
  ...counted('series', [['00201209', 'NumberOfSeriesRelatedInstances', 'IS', 'number_of_series_related_instances']]),
  ...atLevel('instance', [
    ['00080018', 'SOPInstanceUID', 'UI', 'sop_instance_uid'],
    ['00080016', 'SOPClassUID', 'UI', 'sop_class_uid'],
    ['00080008', 'ImageType', 'CS', 'image_type', 'texts'],
    ['00080012', 'InstanceCreationDate', 'DA', 'instance_creation_date'],
    ['00080013', 'InstanceCreationTime', 'TM', 'instance_creation_time'],
    ['00080022', 'AcquisitionDate', 'DA', 'acquisition_date'],
    ['00080032', 'AcquisitionTime', 'TM', 'acquisition_time'],
    ['0008002A', 'AcquisitionDateTime', 'DT', 'acquisition_date_time'],
    ['00080023', 'ContentDate', 'DA', 'content_date'],
    ['00080033', 'ContentTime', 'TM', 'content_time'],
    ['00200012', 'AcquisitionNumber', 'IS', 'acquisition_number'],
    ['00200013', 'InstanceNumber', 'IS', 'instance_number'],
    ['00280004', 'PhotometricInterpretation', 'CS', 'photometric_interpretation'],
    ['00280008', 'NumberOfFrames', 'IS', 'number_of_frames'],
    ['00280010', 'Rows', 'US', 'rows_of_pixels'],
    ['00280011', 'Columns', 'US', 'columns_of_pixels'],
    ['00280100', 'BitsAllocated', 'US', 'bits_allocated'],
    ['0040A491', 'CompletionFlag', 'CS', 'completion_flag'],
    ['0040A493', 'VerificationFlag', 'CS', 'verification_flag'],
    ['00420010', 'DocumentTitle', 'ST', 'document_title'],
    ['00700080', 'ContentLabel', 'CS', 'content_label'],
    ['00700081', 'ContentDescription', 'LO', 'content_description'],
  ]),
  { ...sequence('instance', '0040A043', 'ConceptNameCodeSequence', 'concept_name_code_items'), items: codeItem },
];

function sequence(level: AttributeLevel, tag: string, keyword: string, column: string): IndexedAttribute {
  return { keyword, tag, vr: 'SQ', level, column, kind: 'items' };
}

function counted(level: AttributeLevel, rows: readonly Row[]): IndexedAttribute[] {
  return atLevel(level, rows).map((attribute) => ({ ...attribute, counted: true }));
}

const byTag = new Map(indexedAttributes.map((attribute) => [attribute.tag, attribute]));

/** @param tag eight upper-case hexadecimal digits */
export function indexedAttribute(tag: string): IndexedAttribute | undefined {
  return byTag.get(tag);
}

/** The table whose row holds the attribute. */
export function tableOf(level: AttributeLevel): 'studies' | 'series' | 'instances' {
  if (level === 'instance') return 'instances';
  return level === 'series' ? 'series' : 'studies';
}

/** The type of a column in PostgreSQL; text compares by code point, as JavaScript's `<` does for what is stored here. */
export function sqlType(kind: ColumnKind): string {
  switch (kind) {
    case 'texts':
      return 'text[] COLLATE "C"';
    case 'number':
      return 'double precision';
    case 'items':
      return 'jsonb';
    default:
      return 'text COLLATE "C"';
  }
}
