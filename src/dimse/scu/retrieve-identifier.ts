import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import type { DicomJson } from '../../dicom/json-model.ts';

/** What to have a peer send: a study, a series or an instance. */
export interface RemoteTarget {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string | undefined;
  readonly sopInstanceUid?: string | undefined;
  /** Needed by peers that know the patient root only. */
  readonly patientId?: string | undefined;
}

/** The Identifier of a C-MOVE or C-GET: unique keys, nothing else. PS3.4 §C.4.2.2.1, §C.4.3.2.1. */
export function retrieveIdentifier(target: RemoteTarget, root: QueryRetrieveRoot): DicomJson {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, patientId } = target;
  const level = sopInstanceUid !== undefined ? 'IMAGE' : seriesInstanceUid !== undefined ? 'SERIES' : 'STUDY';
  return {
    '00080052': { vr: 'CS', Value: [level] },
    ...(sopInstanceUid === undefined ? {} : { '00080018': { vr: 'UI', Value: [sopInstanceUid] } }),
    ...(root === 'study' || patientId === undefined ? {} : { '00100020': { vr: 'LO', Value: [patientId] } }),
    '0020000D': { vr: 'UI', Value: [studyInstanceUid] },
    ...(seriesInstanceUid === undefined ? {} : { '0020000E': { vr: 'UI', Value: [seriesInstanceUid] } }),
  };
}
