import type { RemoteTarget } from '../dimse/scu/retrieve-identifier.ts';
import { UsageError } from './command.ts';
import { parseKeys } from './query-keys.ts';

const memberOfTag: Readonly<Record<string, keyof RemoteTarget>> = {
  '0020000D': 'studyInstanceUid',
  '0020000E': 'seriesInstanceUid',
  '00080018': 'sopInstanceUid',
  '00100020': 'patientId',
};

/** What `-k StudyInstanceUID=… -k SeriesInstanceUID=…` ask to be sent. @throws UsageError */
export function retrieveTarget(texts: readonly string[]): RemoteTarget {
  const target: { -readonly [Member in keyof RemoteTarget]?: string } = {};
  for (const { path, name, value } of parseKeys(texts)) {
    const member = path.length === 1 ? memberOfTag[path[0]] : undefined;
    if (member === undefined) throw new UsageError(`-k ${name} is no unique key: retrieval is by UIDs.`);
    target[member] = value;
  }
  const { studyInstanceUid, ...rest } = target;
  if (studyInstanceUid === undefined || studyInstanceUid === '') {
    throw new UsageError('Say what to retrieve: -k StudyInstanceUID=…');
  }
  return { studyInstanceUid, ...rest };
}
