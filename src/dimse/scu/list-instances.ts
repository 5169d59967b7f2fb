import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import type { Peer } from '../service.ts';
import { find } from './find.ts';
import { patientIdOf } from './patient-id-of.ts';
import { queryContext } from './remote-query.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';

/** An instance as a peer tells of it. */
export interface RemoteInstance {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** Undefined where the peer does not tell. */
  readonly sopClassUid: string | undefined;
}

/** What a peer has of a target. */
export interface RemoteListing {
  readonly instances: readonly RemoteInstance[];
  /** Told by those that know the patient root only: they want it with whatever is asked of them. */
  readonly patientId: string | undefined;
}

const studyInstanceUid = '0020000D';
const seriesInstanceUid = '0020000E';
const sopInstanceUid = '00080018';
const sopClassUid = '00080016';
const patientId = '00100020';

/**
 * Asks level by level what a peer has of a target: an archive need not take a query that leaves out a unique key of the
 * levels above (PS3.4 §C.4.1.2.1).
 * @throws CausewayError as `find`
 */
export async function listInstances(
  peer: Pick<Peer, 'request' | 'contexts'>,
  target: RemoteTarget,
): Promise<RemoteListing> {
  const { root, context } = queryContext('find', peer.contexts);

  async function* matches(level: string, keys: Readonly<Record<string, string | undefined>>) {
    const identifier: DicomJson = { '00080052': { vr: 'CS', Value: [level] } };
    for (const [tag, value] of Object.entries(keys)) {
      const vr = tag === patientId ? 'LO' : 'UI';
      identifier[tag] = value === undefined ? { vr } : { vr, Value: [value] };
    }
    for await (const match of find(peer, context, identifier)) yield match.identifier;
  }
  const told = (match: DicomJson, tag: string): string | undefined => textValues(match[tag])[0];

  const isAsked = root === 'patient' && target.patientId === undefined;
  const patient = isAsked ? await patientIdOf(peer, context, target.studyInstanceUid) : target.patientId;
  const above = {
    ...(root === 'patient' && patient !== undefined && { [patientId]: patient }),
    [studyInstanceUid]: target.studyInstanceUid,
  };
  const series = new Set<string>();
  if (target.seriesInstanceUid !== undefined) series.add(target.seriesInstanceUid);
  else {
    for await (const match of matches('SERIES', { ...above, [seriesInstanceUid]: undefined })) {
      const uid = told(match, seriesInstanceUid);
      if (uid !== undefined) series.add(uid);
    }
  }
  const instances: RemoteInstance[] = [];
  for (const uid of series) {
    const keys = {
      ...above,
      [seriesInstanceUid]: uid,
      [sopInstanceUid]: target.sopInstanceUid,
      [sopClassUid]: undefined,
    };
    for await (const match of matches('IMAGE', keys)) {
      const instance = told(match, sopInstanceUid);
      if (instance === undefined) continue;
      instances.push({
        studyInstanceUid: told(match, studyInstanceUid) ?? target.studyInstanceUid,
        seriesInstanceUid: uid,
        sopInstanceUid: instance,
        sopClassUid: told(match, sopClassUid),
      });
    }
  }
  return { instances, patientId: patient };
}
