import type { QueryLevel } from './query.ts';

/** Attributes that a search answers about each entity without being asked (PS3.18 tables 10.6.3-3, -4, -5); RetrieveURL is the door's. */
export const defaultAttributes: Readonly<Record<QueryLevel, readonly string[]>> = {
  study: [
    '00080005', // SpecificCharacterSet
    '00080020', // StudyDate
    '00080030', // StudyTime
    '00080050', // AccessionNumber
    '00080056', // InstanceAvailability
    '00080061', // ModalitiesInStudy
    '00080090', // ReferringPhysicianName
    '00080201', // TimezoneOffsetFromUTC
    '00100010', // PatientName
    '00100020', // PatientID
    '00100030', // PatientBirthDate
    '00100040', // PatientSex
    '0020000D', // StudyInstanceUID
    '00200010', // StudyID
    '00201206', // NumberOfStudyRelatedSeries
    '00201208', // NumberOfStudyRelatedInstances
  ],
  series: [
    '00080005', // SpecificCharacterSet
    '00080056', // InstanceAvailability
    '00080060', // Modality
    '00080201', // TimezoneOffsetFromUTC
    '0008103E', // SeriesDescription
    '0020000D', // StudyInstanceUID
    '0020000E', // SeriesInstanceUID
    '00200011', // SeriesNumber
    '00201209', // NumberOfSeriesRelatedInstances
    '00400244', // PerformedProcedureStepStartDate
    '00400245', // PerformedProcedureStepStartTime
    '00400275', // RequestAttributesSequence
  ],
  instance: [
    '00080005', // SpecificCharacterSet
    '00080016', // SOPClassUID
    '00080018', // SOPInstanceUID
    '00080056', // InstanceAvailability
    '00080201', // TimezoneOffsetFromUTC
    '0020000D', // StudyInstanceUID
    '0020000E', // SeriesInstanceUID
    '00200013', // InstanceNumber
    '00280008', // NumberOfFrames
    '00280010', // Rows
    '00280011', // Columns
    '00280100', // BitsAllocated
  ],
};
