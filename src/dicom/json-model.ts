/** The value representations of PS3.5 §6.2. */
export type Vr =
  | 'AE'
  | 'AS'
  | 'AT'
  | 'CS'
  | 'DA'
  | 'DS'
  | 'DT'
  | 'FD'
  | 'FL'
  | 'IS'
  | 'LO'
  | 'LT'
  | 'OB'
  | 'OD'
  | 'OF'
  | 'OL'
  | 'OV'
  | 'OW'
  | 'PN'
  | 'SH'
  | 'SL'
  | 'SQ'
  | 'SS'
  | 'ST'
  | 'SV'
  | 'TM'
  | 'UC'
  | 'UI'
  | 'UL'
  | 'UN'
  | 'UR'
  | 'US'
  | 'UT'
  | 'UV';

/** Component groups of a person name, only those that are not empty (PS3.18 §F.2.2). */
export interface PersonNameValue {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}

/** `null` stands for an empty value between others, as in `A\\B` (PS3.18 §F.2.5). */
export type DicomJsonValue = string | number | PersonNameValue | DicomJson | null;

/** One attribute of the DICOM JSON Model: at most one of the three carriers of a value (PS3.18 §F.2.2). */
export interface DicomJsonElement {
  vr: Vr;
  Value?: DicomJsonValue[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set or sequence item in the DICOM JSON Model: keys are eight upper-case hexadecimal digits, ascending (PS3.18 §F.2). */
export interface DicomJson {
  [tag: string]: DicomJsonElement;
}
