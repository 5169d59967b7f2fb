import { dictionaryEntry, keywords, tagOfKeyword } from '../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, Vr } from '../dicom/json-model.ts';
import { parsePersonName } from '../dicom/person-name.ts';
import { type NamedAttribute, namedAttribute } from '../dicom/query-attribute.ts';
import { vrTraits } from '../dicom/vr-traits.ts';
import { CausewayError } from '../kernel/errors.ts';
import { nearestName } from '../kernel/nearest-name.ts';
import { UsageError } from './command.ts';

/** A key as it was written: `PatientName=DOE*`, `StudyDate`, `0010,0020=123`, `RequestAttributesSequence.ScheduledProcedureStepID`. */
export interface WrittenKey extends NamedAttribute {
  /** As it was written, for the heading of a table. */
  readonly name: string;
  /** Empty: it is only to be told. */
  readonly value: string;
}

/** @throws UsageError */
export function parseKeys(texts: readonly string[]): WrittenKey[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const value = at < 0 ? '' : text.slice(at + 1);
    // As DCMTK's tools spell tags: 0010,0020, (0010,0020).
    const spelled = name.replace(/\(?([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)?/g, '$1$2');
    try {
      return { ...namedAttribute(spelled, 'key'), name, value };
    } catch (thrown) {
      if (thrown instanceof CausewayError) throw new UsageError(`-k ${text}: ${thrown.message}${hintFor(spelled)}`);
      throw thrown;
    }
  });
}

/** What may be meant by a keyword that is none. */
function hintFor(spelled: string): string {
  const wrong = spelled
    .split('.')
    .find((name) => tagOfKeyword(name) === undefined && dictionaryEntry(name) === undefined);
  const near = wrong === undefined ? undefined : nearestName(wrong, keywords());
  return near === undefined ? '' : ` Is ${near} meant?`;
}

/** The Identifier that keys make. @param level Query/Retrieve Level: `STUDY`, …; none where the model has none */
export function identifierOf(keys: readonly WrittenKey[], level?: string): DicomJson {
  const identifier: DicomJson = {};
  for (const { path, vr, value } of keys) {
    let within = identifier;
    for (const tag of path.slice(0, -1)) {
      const item = (within[tag]?.Value?.[0] ?? {}) as DicomJson;
      within[tag] = { vr: 'SQ', Value: [item] };
      within = item;
    }
    const element: DicomJsonElement = value === '' ? { vr } : { vr, Value: valuesOf(vr, value) };
    within[path[path.length - 1] as string] = element;
  }
  if (level !== undefined) identifier['00080052'] = { vr: 'CS', Value: [level] };
  return identifier;
}

/** Binary numbers are numbers; all else, as ranges and wildcards may stand in it, is text. */
function valuesOf(vr: Vr, text: string): DicomJsonValue[] {
  const values = text.split('\\');
  if (vr === 'PN') return values.map(parsePersonName);
  return vrTraits(vr).kind === 'numbers' ? values.map(Number) : values;
}
