import { CausewayError } from '../kernel/errors.ts';
import type { DicomJson, Vr } from './json-model.ts';
import { validateDicomJson } from './json-validation.ts';

/** Patient and study attributes that a bulk update may change: those that the archived Azure dicom-server let be. */
export const updatableAttributes: Readonly<Record<string, Vr>> = {
  '00080050': 'SH', // AccessionNumber
  '00080090': 'PN', // ReferringPhysicianName
  '00081030': 'LO', // StudyDescription
  '00100010': 'PN', // PatientName
  '00100020': 'LO', // PatientID
  '00100021': 'LO', // IssuerOfPatientID
  '00100022': 'CS', // TypeOfPatientID
  '00100030': 'DA', // PatientBirthDate
  '00100032': 'TM', // PatientBirthTime
  '00100040': 'CS', // PatientSex
  '00100200': 'CS', // QualityControlSubject
  '00101000': 'LO', // OtherPatientIDs
  '00101001': 'PN', // OtherPatientNames
  '00101005': 'PN', // PatientBirthName
  '00101010': 'AS', // PatientAge
  '00101020': 'DS', // PatientSize
  '00101030': 'DS', // PatientWeight
  '00101040': 'LO', // PatientAddress
  '00101060': 'PN', // PatientMotherBirthName
  '00101080': 'LO', // MilitaryRank
  '00101081': 'LO', // BranchOfService
  '00101090': 'LO', // MedicalRecordLocator
  '00102150': 'LO', // CountryOfResidence
  '00102152': 'LO', // RegionOfResidence
  '00102154': 'SH', // PatientTelephoneNumbers
  '00102160': 'SH', // EthnicGroup
  '00102180': 'SH', // Occupation
  '001021F0': 'LO', // PatientReligiousPreference
  '00102201': 'LO', // PatientSpeciesDescription
  '00102292': 'LO', // PatientBreedDescription
  '00102295': 'LO', // BreedRegistrationNumber
  '00102297': 'PN', // ResponsiblePerson
  '00102298': 'CS', // ResponsiblePersonRole
  '00102299': 'LO', // ResponsibleOrganization
  '00104000': 'LT', // PatientComments
  '00403001': 'LO', // ConfidentialityConstraintOnPatientDataDescription
};

/** Of one value, characters: none of these attributes is longer but for comments. */
const maxCharacters = 10_240;

/**
 * What a bulk update changes, in ascending order.
 * @throws CausewayError `bad-request` with `details.tag` for what it may not change, or not to that
 */
export function validUpdate(json: unknown): DicomJson {
  let change: DicomJson;
  try {
    change = validateDicomJson(json);
  } catch (thrown) {
    if (!(thrown instanceof CausewayError)) throw thrown;
    throw new CausewayError('bad-request', `changeDataset: ${thrown.message}`, { details: thrown.details });
  }
  const tags = Object.keys(change);
  if (tags.length === 0) throw new CausewayError('bad-request', 'changeDataset holds no attribute.');
  for (const tag of tags) {
    const { vr, Value: values = [] } = change[tag]!;
    const known = updatableAttributes[tag];
    if (known === undefined) throw refused(tag, 'cannot be changed by a bulk update');
    if (vr !== known) throw refused(tag, `has the VR ${known}`);
    if (values.length === 0 || values.some((value) => value === null || value === '')) {
      throw refused(tag, 'cannot be emptied: give it a value');
    }
    if (JSON.stringify(values).length > maxCharacters) throw refused(tag, `has more than ${maxCharacters} characters`);
    if (vr !== 'LT' && /\\\\|\\[bfnrtu]/.test(JSON.stringify(values))) {
      throw refused(tag, 'has a value with a backslash or a control character');
    }
  }
  return change;
}

function refused(tag: string, what: string): CausewayError {
  return new CausewayError('bad-request', `The attribute ${tag} ${what}.`, { details: { tag } });
}
