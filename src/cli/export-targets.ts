import type { House } from '../compose.ts';
import { conditionsOf } from '../dicom/query-conditions.ts';
import { levelOf } from '../dicom/query-levels.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Target } from '../retrieve/retrieve.ts';
import { targetOf } from '../retrieve/target-of.ts';
import { UsageError } from './command.ts';
import type { WrittenKey } from './query-keys.ts';

/** As a person means what he types: several values of a key select what has any of them. */
const options = { fuzzyNames: false, emptyValues: false, multipleValues: false, combinedDateTimes: true };

/** What to export. */
export interface ExportTarget {
  readonly target: Target;
  /** Where only some of a series are: their SOP Instance UIDs. */
  readonly only?: ReadonlySet<string>;
}

/**
 * The studies, series or instances that keys select, as C-FIND would at the lowest level of a key.
 * @throws UsageError for keys that select nothing in particular, or by which nothing can be searched
 * @throws CausewayError `not-found` if nothing matches
 */
export async function exportTargets(
  search: Pick<House['search'], 'findAll'>,
  keys: readonly WrittenKey[],
): Promise<ExportTarget[]> {
  if (keys.length === 0 || keys.some(({ value }) => value === '')) {
    throw new UsageError('Say what to export: -k KEY=VALUE, such as -k StudyInstanceUID=…');
  }
  const levels = new Set(keys.map(({ path }) => levelOf(path[0])));
  const level = levels.has('instance') ? 'instance' : levels.has('series') ? 'series' : 'study';
  const targets = new Map<string, { readonly target: Target; readonly only?: Set<string> }>();
  for await (const { matches, warnings } of search.findAll({ level, conditions: conditionsIn(keys), include: [] })) {
    // A key that is passed over would bring more than was asked for.
    if (warnings.length > 0) throw new UsageError(`${warnings.join('. ')}.`);
    for (const match of matches) {
      const { sopInstanceUid, ...target } = targetOf(match, level);
      const key = Object.values(target).join('/');
      const known = targets.get(key) ?? { target, ...(level === 'instance' && { only: new Set<string>() }) };
      if (sopInstanceUid !== undefined) known.only?.add(sopInstanceUid);
      targets.set(key, known);
    }
  }
  if (targets.size === 0) throw new CausewayError('not-found', `No ${level} that is stored matches.`);
  return [...targets.values()];
}

function conditionsIn(keys: readonly WrittenKey[]) {
  try {
    return conditionsOf(keys, options);
  } catch (thrown) {
    if (thrown instanceof CausewayError && thrown.code === 'bad-request') throw new UsageError(thrown.message);
    throw thrown;
  }
}
