import type { DicomJson } from '../dicom/json-model.ts';
import type { Target } from './retrieve.ts';

/** What a match of a search is about, down to the level that is given. */
export function targetOf(match: DicomJson, level: 'study' | 'series' | 'instance'): Target {
  const uid = (tag: string) => String(match[tag]?.Value?.[0] ?? '');
  return {
    studyInstanceUid: uid('0020000D'),
    ...(level === 'study' ? {} : { seriesInstanceUid: uid('0020000E') }),
    ...(level === 'instance' ? { sopInstanceUid: uid('00080018') } : {}),
  };
}
