import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import type { Peer, PresentationContext } from '../service.ts';
import { find } from './find.ts';

const patientId = '00100020';
const studyInstanceUid = '0020000D';

/**
 * Asks whose study it is: with whatever is asked of the patient root comes Patient ID, its unique key (PS3.4 §C.6.1.1.2).
 * @param context of the patient root
 * @returns undefined if the peer does not know the study
 */
export async function patientIdOf(
  peer: Pick<Peer, 'request'>,
  context: PresentationContext,
  study: string,
): Promise<string | undefined> {
  const identifier: DicomJson = {
    '00080052': { vr: 'CS', Value: ['STUDY'] },
    [patientId]: { vr: 'LO' },
    [studyInstanceUid]: { vr: 'UI', Value: [study] },
  };
  let found: string | undefined;
  // To its end: who stops in the middle cancels, which costs more than the few matches that there can be.
  for await (const match of find(peer, context, identifier)) found ??= textValues(match.identifier[patientId])[0];
  return found;
}

/**
 * An Identifier with the Patient ID of its one study, if it has none.
 * @param told the Patient ID, where the peer has told it before: else it is asked
 * @throws CausewayError as `find`
 */
export async function withPatientId(
  peer: Pick<Peer, 'request'>,
  context: PresentationContext,
  identifier: DicomJson,
  told?: string,
): Promise<DicomJson> {
  const [study, ...others] = textValues(identifier[studyInstanceUid]);
  const isKnown = textValues(identifier[patientId]).some((value) => value !== '');
  if (isKnown || study === undefined || study === '' || others.length > 0) return identifier;
  const found = told ?? (await patientIdOf(peer, context, study));
  return found === undefined ? identifier : { ...identifier, [patientId]: { vr: 'LO', Value: [found] } };
}
