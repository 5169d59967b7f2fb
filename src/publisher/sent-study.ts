import type { AcceptedInstance } from '../index/publishing-instances.ts';
import type { Target } from '../retrieve/retrieve.ts';
import type { ResultsUnit } from './destination.ts';

/** A study as the receiver knows it, and as it is here. */
export interface SentStudy extends Omit<ResultsUnit, 'known' | 'everSent'> {
  readonly original: Pick<Target, 'studyInstanceUid'>;
  readonly instances: readonly SentInstance[];
}

export interface SentInstance {
  readonly sent: Pick<AcceptedInstance['sent'], 'seriesInstanceUid' | 'sopInstanceUid'>;
  readonly original: Required<Target>;
}

/** What was sent, study by study. */
export async function sentStudies(sent: AsyncIterable<AcceptedInstance>): Promise<SentStudy[]> {
  const studies = new Map<string, SentInstance[]>();
  for await (const { sent: as, studyInstanceUid, seriesInstanceUid, sopInstanceUid } of sent) {
    const instances = studies.get(as.studyInstanceUid) ?? [];
    studies.set(as.studyInstanceUid, instances);
    instances.push({
      sent: { seriesInstanceUid: as.seriesInstanceUid, sopInstanceUid: as.sopInstanceUid },
      original: { studyInstanceUid, seriesInstanceUid, sopInstanceUid },
    });
  }
  return [...studies].map(([studyInstanceUid, instances]) => ({
    studyInstanceUid,
    seriesInstanceUids: [...new Set(instances.map((one) => one.sent.seriesInstanceUid))],
    sopInstanceUids: instances.map((one) => one.sent.sopInstanceUid),
    original: instances[0]!.original,
    instances,
  }));
}

/** As it was sent: the configuration may have changed since. */
export function hasPseudonyms({ studyInstanceUid, original }: SentStudy): boolean {
  return studyInstanceUid !== original.studyInstanceUid;
}
