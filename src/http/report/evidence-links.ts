import type { DicomJson } from '../../dicom/json-model.ts';
import type { LinkOf } from '../../report/item-value.ts';
import { itemsOf, textOf } from '../../report/report-attributes.ts';
import type { Target } from '../../retrieve/retrieve.ts';
import { urlOf } from '../exchange.ts';

/**
 * Current Requested Procedure Evidence, Pertinent Other Evidence, Predecessor Documents, Identical Documents: all of
 * them name instances by study and series.
 */
const evidenceSequences = ['0040A375', '0040A385', '0040A360', '0040A525'];

const isUid = /^[0-9.]{1,64}$/;

/**
 * Where the instances lie that a document refers to: its content names them by SOP Instance UID alone, its evidence
 * sequences by study and series (PS3.3 §C.17.2.3).
 */
export function evidenceLinks(dataSet: DicomJson, baseUrl: string): LinkOf {
  const targets = new Map<string, Required<Target>>();
  for (const study of evidenceSequences.flatMap((tag) => itemsOf(dataSet, tag))) {
    for (const series of itemsOf(study, '00081115')) {
      for (const instance of itemsOf(series, '00081199')) {
        const studyInstanceUid = textOf(study, '0020000D');
        const seriesInstanceUid = textOf(series, '0020000E');
        const sopInstanceUid = textOf(instance, '00081155');
        if ([studyInstanceUid, seriesInstanceUid, sopInstanceUid].every((uid) => isUid.test(uid))) {
          targets.set(sopInstanceUid, { studyInstanceUid, seriesInstanceUid, sopInstanceUid });
        }
      }
    }
  }
  return (sopInstanceUid, frame) => {
    const target = targets.get(sopInstanceUid);
    if (target === undefined) return undefined;
    const ofFrame = frame !== undefined && /^[1-9]\d{0,8}$/.test(frame) ? `/frames/${frame}` : '';
    return `${urlOf(baseUrl, target)}${ofFrame}/rendered`;
  };
}
