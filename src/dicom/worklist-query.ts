import { attributesIn, conditionsIn, keyText } from './find-query.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import type { Condition } from './query.ts';
import { nameOfPath } from './query-attribute.ts';
import type { QueryKey } from './query-conditions.ts';

export interface WorklistQuery {
  readonly conditions: readonly Condition[];
  /** Keys with a value that were not looked at, by name. */
  readonly ignored: readonly string[];
}

/**
 * Reads the Identifier of a C-FIND request for worklist items. A date and its time that are both given are one range, as the
 * Standard has it for the start of a step. Person names match without regard to case and accents.
 * @throws CausewayError `bad-request` with `details.tag` of the attribute that is wrong
 * @see PS3.4 §K.2.2, §K.6.1.2
 */
export function parseWorklistQuery(identifier: DicomJson): WorklistQuery {
  const keys: QueryKey[] = [];
  const ignored: string[] = [];
  for (const { path, element } of attributesIn(identifier)) {
    const value = keyText(element);
    if (value === '') continue;
    const { vr } = element;
    if (value === undefined || vr === 'UN' || vr === 'SQ') ignored.push(nameOfPath(path));
    else keys.push({ path, vr, value, name: nameOfPath(path) });
  }
  const conditions = conditionsIn(keys, identifier, { combinedDateTimes: true, fuzzyNames: false });
  return { conditions, ignored };
}

/** Of an Identifier what says how it is written, not what is asked for. */
const notAsked: ReadonlySet<string> = new Set(['00080005']);

/** What an item tells of what an Identifier asks for: of each attribute its value, none where it has none. PS3.4 §K.4.1.1.3 */
export function worklistAnswer(identifier: DicomJson, dataSet: DicomJson): DicomJson {
  const answer: DicomJson = {};
  for (const [tag, asked] of Object.entries(identifier)) {
    if (!notAsked.has(tag)) answer[tag] = answered(asked, dataSet[tag]);
  }
  return answer;
}

function answered(asked: DicomJsonElement, own: DicomJsonElement | undefined): DicomJsonElement {
  const within = asked.vr === 'SQ' ? ((asked.Value?.[0] ?? {}) as DicomJson) : {};
  if (own === undefined) return { vr: asked.vr };
  if (Object.keys(within).length === 0 || own.vr !== 'SQ') return own;
  return { vr: 'SQ', Value: (own.Value ?? []).map((item) => worklistAnswer(within, (item ?? {}) as DicomJson)) };
}
