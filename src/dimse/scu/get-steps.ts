import { groupBy } from '../../kernel/group-by.ts';
import { commonSopClasses } from './common-sop-classes.ts';
import { groupsThatFit } from './get-contexts.ts';
import type { RemoteInstance } from './list-instances.ts';
import type { RemoteTarget } from './retrieve-identifier.ts';

/** What to ask for by C-GET, over associations that one after the other take other SOP classes, until nothing is left. */
export interface GetStep {
  readonly target: RemoteTarget;
  readonly groups: readonly (readonly string[])[];
}

/**
 * Divides what is wanted so that each association has room for the SOP classes and transfer syntaxes that come over it: a
 * study whose classes are too many is asked for series by series.
 * @param listed what the peer has of the target, as far as it tells
 * @param isTaken whether instances of a SOP class are stored here
 */
export function getSteps(
  target: RemoteTarget,
  listed: readonly RemoteInstance[],
  isTaken: (sopClassUid: string) => boolean,
): GetStep[] {
  const classes = new Set(listed.map(({ sopClassUid }) => sopClassUid));
  if (classes.size === 0 || classes.has(undefined)) {
    return [{ target, groups: groupsThatFit([...commonSopClasses].filter(isTaken), 'usual') }];
  }
  const taken = [...classes].filter((uid): uid is string => uid !== undefined && isTaken(uid)).sort();
  const groups = groupsThatFit(taken, 'every');
  if (groups.length <= 1 || target.seriesInstanceUid !== undefined) return [{ target, groups }];
  const series = groupBy(
    listed,
    ({ studyInstanceUid, seriesInstanceUid }) => `${studyInstanceUid}/${seriesInstanceUid}`,
  );
  return [...series.values()].flatMap((ofSeries) => {
    const { studyInstanceUid, seriesInstanceUid } = ofSeries[0]!;
    return getSteps({ ...target, studyInstanceUid, seriesInstanceUid }, ofSeries, isTaken);
  });
}
