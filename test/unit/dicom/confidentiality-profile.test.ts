import { describe, expect, test } from 'vitest';
import { confidentialityAction, confidentialityRows } from '../../../src/dicom/confidentiality-profile.ts';
import { dictionaryEntry } from '../../../src/dicom/dictionary.ts';

const none: ReadonlySet<never> = new Set<never>();

describe('Table E.1-1 of PS3.15', () => {
  test('has its 621 rows, with as many of each action as the Standard prints', () => {
    const counts: Record<string, number> = {};
    for (const { basic } of confidentialityRows().values()) counts[basic] = (counts[basic] ?? 0) + 1;
    expect(confidentialityRows().size).toBe(621);
    expect(counts).toEqual({
      X: 384,
      D: 92,
      U: 54,
      Z: 42,
      'X/D': 22,
      'X/Z': 11,
      'X/Z/D': 8,
      'Z/D': 6,
      'X/Z/U*': 2,
    });
  });

  test('says of each option as often K or C as the Standard prints', () => {
    const counts: Record<string, number> = {};
    for (const { options } of confidentialityRows().values()) {
      for (const option of options.keys()) counts[option] = (counts[option] ?? 0) + 1;
    }
    expect(counts).toEqual({
      FULL_DATES: 165,
      MODIFIED_DATES: 165,
      DESCRIPTORS: 125,
      UIDS: 59,
      DEVICE: 57,
      PATIENT: 13,
      INSTITUTION: 10,
      GRAPHICS: 4,
      STRUCTURED: 3,
      PRIVATE: 1,
    });
  });

  test('is of attributes that the dictionary knows', () => {
    const unknown = [...confidentialityRows().keys()].filter(
      (tag) => /^[0-9A-F]{8}$/.test(tag) && !tag.startsWith('0000') && dictionaryEntry(tag) === undefined,
    );
    expect(unknown).toEqual([]);
  });

  test.each([
    ['AccessionNumber', '00080050', 'Z'],
    ['StudyDate', '00080020', 'Z'],
    ['SeriesDate', '00080021', 'X/D'],
    ['AcquisitionDate', '00080022', 'X/Z'],
    ['ContentDate', '00080023', 'Z/D'],
    ['AcquisitionDateTime', '0008002A', 'X/Z/D'],
    ['StudyTime', '00080030', 'Z'],
    ['InstitutionName', '00080080', 'X/Z/D'],
    ['InstitutionAddress', '00080081', 'X'],
    ['ReferringPhysicianName', '00080090', 'Z'],
    ['ReferringPhysicianAddress', '00080092', 'X'],
    ['StationName', '00081010', 'X/Z/D'],
    ['StudyDescription', '00081030', 'X'],
    ['SeriesDescription', '0008103E', 'X'],
    ['PerformingPhysicianName', '00081050', 'X'],
    ['OperatorsName', '00081070', 'X/Z/D'],
    ['ReferencedStudySequence', '00081110', 'X/Z'],
    ['ReferencedPerformedProcedureStepSequence', '00081111', 'X/Z/D'],
    ['ReferencedImageSequence', '00081140', 'X/Z/U*'],
    ['ReferencedSOPInstanceUID', '00081155', 'U'],
    ['SourceImageSequence', '00082112', 'X/Z/U*'],
    ['SOPInstanceUID', '00080018', 'U'],
    ['InstanceCreatorUID', '00080014', 'U'],
    ['PatientName', '00100010', 'Z'],
    ['PatientID', '00100020', 'Z/D'],
    ['PatientBirthDate', '00100030', 'Z'],
    ['PatientSex', '00100040', 'Z'],
    ['OtherPatientIDs', '00101000', 'X'],
    ['OtherPatientNames', '00101001', 'X'],
    ['PatientAge', '00101010', 'X'],
    ['PatientWeight', '00101030', 'X'],
    ['PatientAddress', '00101040', 'X'],
    ['EthnicGroup', '00102160', 'X'],
    ['PatientComments', '00104000', 'X'],
    ['ClinicalTrialSubjectID', '00120040', 'D'],
    ['ContrastBolusAgent', '00180010', 'Z/D'],
    ['DeviceSerialNumber', '00181000', 'X/Z/D'],
    ['ProtocolName', '00181030', 'X/D'],
    ['StudyInstanceUID', '0020000D', 'U'],
    ['SeriesInstanceUID', '0020000E', 'U'],
    ['StudyID', '00200010', 'Z'],
    ['FrameOfReferenceUID', '00200052', 'U'],
    ['ImageComments', '00204000', 'X'],
    ['RequestAttributesSequence', '00400275', 'X'],
    ['PersonName', '0040A123', 'D'],
    ['ContentSequence', '0040A730', 'D'],
    ['VerifyingObserverSequence', '0040A073', 'D'],
    ['GraphicAnnotationSequence', '00700001', 'D'],
    ['DigitalSignaturesSequence', 'FFFAFFFA', 'X'],
    ['DataSetTrailingPadding', 'FFFCFFFC', 'X'],
    ['IconImageSequence', '00880200', 'X'],
    ['OriginalAttributesSequence', '04000561', 'X'],
  ])('says of %s (%s): %s', (keyword, tag, basic) => {
    expect(dictionaryEntry(tag)?.keyword).toBe(keyword);
    expect(confidentialityRows().get(tag)?.basic).toBe(basic);
  });
});

describe('the action on an attribute', () => {
  test.each([
    [0x00090010, 'LO', 'X', 'a private creator'],
    [0x00291010, 'OB', 'X', 'a private attribute'],
    [0x50100010, 'US', 'X', 'a curve'],
    [0x60020010, 'US', 'X', 'a part of an overlay'],
    [0x00100000, 'UL', 'X', 'a group length'],
    [0x00080099, 'LO', 'X', 'one that nobody knows'],
    [0x00140104, 'PN', 'D', 'a person that the table does not list'],
    [0x00080404, 'DT', 'D', 'a date that the table does not list'],
    [0x00200242, 'UI', 'U', 'the UID of a thing that the table does not list'],
    [0x00081190, 'UR', 'D', 'a URL, which names UIDs and servers'],
    [0x0040e010, 'UR', 'D', 'a URI of what is referred to'],
    [0x0008010e, 'UR', 'K', 'the URL of a vocabulary'],
    [0x00400400, 'LT', 'D', 'a comment that the table does not list'],
    [0x00660004, 'LT', 'D', 'another one'],
    [0x0040e001, 'ST', 'D', 'the identifier of a document about somebody'],
    [0x0074100c, 'LO', 'D', 'the name of somebody to be called'],
    [0x00081150, 'UI', 'K', 'the UID of a SOP class'],
    [0x00080005, 'CS', 'K', 'the character set'],
    [0x00280010, 'US', 'K', 'the rows of the picture'],
  ] as const)('%i %s is %s: %s', (tag, vr, action, _what) => {
    expect(confidentialityAction(tag, vr, none)).toBe(action);
  });

  test('is to keep what an option retains, and not what it says to clean', () => {
    expect(confidentialityAction(0x0020000d, 'UI', new Set(['UIDS']))).toBe('K');
    expect(confidentialityAction(0x00080080, 'LO', new Set(['INSTITUTION']))).toBe('K');
    expect(confidentialityAction(0x00100040, 'CS', new Set(['PATIENT']))).toBe('K');
    expect(confidentialityAction(0x00080020, 'DA', new Set(['FULL_DATES']))).toBe('K');
    expect(confidentialityAction(0x00080020, 'DA', new Set(['MODIFIED_DATES']))).toBe('M');
    // Timezone Offset From UTC and Certified Timestamp are no dates that could be moved.
    expect(confidentialityAction(0x00080201, 'SH', new Set(['MODIFIED_DATES']))).toBe('X');
    expect(confidentialityAction(0x04000310, 'OB', new Set(['MODIFIED_DATES']))).toBe('X');
    expect(confidentialityAction(0x00080054, 'AE', new Set(['DEVICE']))).toBe('X');
  });
});
