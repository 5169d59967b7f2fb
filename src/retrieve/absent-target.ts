import type { Index } from '../index/instance-index.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Target } from './retrieve.ts';

/** Why a target for which the index found nothing is not there: `gone` if it was erased, `not-found` with the level that is unknown. */
export async function absent(index: Pick<Index, 'known'>, target: Target): Promise<CausewayError> {
  const knowledge = await index.known(target);
  if (knowledge.state === 'erased') return new CausewayError('gone', `This ${levelOf(target)} was deleted.`);
  const level = knowledge.state === 'unknown' ? knowledge.level : levelOf(target);
  return new CausewayError('not-found', `There is no such ${level}.`, { details: { level } });
}

function levelOf({ sopInstanceUid, seriesInstanceUid }: Target): 'study' | 'series' | 'instance' {
  if (sopInstanceUid !== undefined) return 'instance';
  return seriesInstanceUid === undefined ? 'study' : 'series';
}
