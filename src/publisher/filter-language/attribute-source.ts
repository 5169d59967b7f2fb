import { dictionaryEntry, keywords, tagOfKeyword } from '../../dicom/dictionary.ts';
import type { DicomJson, DicomJsonElement } from '../../dicom/json-model.ts';
import { namesOf } from '../../dicom/match-name.ts';
import { textValues, timezoneOffset } from '../../dicom/match-values.ts';
import { formatPersonName, nameComponents, searchForm } from '../../dicom/person-name.ts';
import { nearestName } from '../../kernel/nearest-name.ts';
import type { FilterSubject } from '../filter.ts';
import type { Path, PathStep } from './expression.ts';
import { filterError } from './filter-problem.ts';
import { describedType, typeOfVr, type ValueType } from './value-types.ts';

/** Where values come from. Nothing here throws, whatever the data set holds. */
export interface Source {
  /** As written. */
  readonly label: string;
  readonly type: ValueType;
  /** Whether there is a value; also for bytes and items. */
  exists(subject: FilterSubject): boolean;
  /** Values as texts: of numbers in decimal; of names each group in the form in which names are compared. */
  texts(subject: FilterSubject): string[];
  /** Of dates with time that bring none: `+HHMM`. */
  offset(subject: FilterSubject): string;
  /** Values as people read them. */
  shown(subject: FilterSubject): string[];
}

/** What is known of an instance besides its attributes. */
export const arrivalNames = {
  CallingAETitle: { type: 'text', name: 'Calling AE title of who sent it; none if it did not come by DIMSE' },
  ReceivedTime: { type: 'date-time', name: 'When it was stored' },
  ReceivedTimeOfDay: { type: 'time', name: 'Time of day when it was stored, local time' },
  ReceivedWeekday: { type: 'text', name: 'Day when it was stored, local time: MON, TUE, WED, THU, FRI, SAT, SUN' },
} as const satisfies Record<string, { readonly type: ValueType; readonly name: string }>;

type ArrivalName = keyof typeof arrivalNames;

const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const groupNames = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;
const componentNames = {
  FamilyName: 'familyName',
  GivenName: 'givenName',
  MiddleName: 'middleName',
  NamePrefix: 'namePrefix',
  NameSuffix: 'nameSuffix',
} as const;

type GroupName = (typeof groupNames)[number];
type ComponentName = keyof typeof componentNames;

/**
 * Says where the values of a path come from.
 * @param text the whole expression
 * @throws CausewayError `bad-request` with the place, for what names no attribute
 */
export function attributeSource(path: Path, text: string): Source {
  const label = text.slice(path.from, path.till);
  const [first, ...rest] = path.steps;
  if (first.kind === 'name' && Object.hasOwn(arrivalNames, first.name)) {
    const [next] = rest;
    if (next !== undefined)
      throw filterError({ message: `${first.name} has no parts.`, from: next.from, till: next.till });
    return arrivalSource(first.name as ArrivalName);
  }
  const steps: Step[] = [];
  let type: ValueType = 'sequence';
  for (const [at, step] of path.steps.entries()) {
    if (type === 'name') return nameSource(label, steps, path.steps.slice(at));
    if (type !== 'sequence' && type !== 'any') {
      const before = path.steps[at - 1]!;
      const message = `${text.slice(before.from, before.till)} is ${describedType[type]}, and no sequence.`;
      throw filterError({ message, from: step.from, till: step.till });
    }
    const resolved = resolveStep(step, at === 0);
    steps.push(resolved.step);
    type = resolved.type;
  }
  return type === 'name' ? nameSource(label, steps, []) : plainSource(label, type, steps);
}

/** Finds the element in a data set. */
type Step = (dataSet: DicomJson) => DicomJsonElement | undefined;

function resolveStep(step: PathStep, isFirst: boolean): { readonly step: Step; readonly type: ValueType } {
  const place = { from: step.from, till: step.till };
  if (step.kind === 'name') {
    const tag = tagOfKeyword(step.name);
    const entry = tag === undefined ? undefined : dictionaryEntry(tag);
    if (entry === undefined) throw unknownName(step.name, place, isFirst);
    return { step: (dataSet) => dataSet[entry.tag], type: typeOfVr(entry.vr) };
  }
  const [, group = '', block = '', element = ''] =
    /^([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{2}|[xX]{2})([0-9A-Fa-f]{2})$/.exec(step.tag) ?? [];
  if (group === '') {
    throw filterError({ message: `'${step.tag}' is no tag: it has eight hexadecimal digits.`, ...place });
  }
  const isPrivate = Number.parseInt(group, 16) % 2 === 1;
  if (/x/i.test(block) !== (step.creator !== undefined)) {
    const message = "Of a private tag either the block is known, or its creator: tag('0019,xx0C', 'creator').";
    throw filterError({ message, ...place });
  }
  const tag = `${group}${block}${element}`.toUpperCase();
  if (step.creator !== undefined) {
    if (!isPrivate) throw filterError({ message: `Group ${group} has no private creators.`, ...place });
    return { step: privateElement(group.toUpperCase(), element.toUpperCase(), step.creator), type: 'any' };
  }
  if (isPrivate) return { step: (dataSet) => dataSet[tag], type: 'any' };
  const entry = dictionaryEntry(tag);
  if (entry === undefined) throw filterError({ message: `The Standard has no attribute ${tag}.`, ...place });
  return { step: (dataSet) => dataSet[tag], type: typeOfVr(entry.vr) };
}

/** PS3.5 §7.8.1: the creator of block bb stands in (gggg,00bb). */
function privateElement(group: string, element: string, creator: string): Step {
  return (dataSet) => {
    for (let block = 0x10; block <= 0xff; block++) {
      const digits = block.toString(16).toUpperCase();
      const [named] = textValues(dataSet[`${group}00${digits}`]);
      if (named !== creator.trim()) continue;
      const found = dataSet[`${group}${digits}${element}`];
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function unknownName(name: string, place: { from: number; till: number }, isFirst: boolean) {
  const known = [...(isFirst ? Object.keys(arrivalNames) : []), ...keywords()];
  const suggestion = nearestName(name, known);
  const message = `There is no attribute ${name}${suggestion === undefined ? '' : `; is ${suggestion} meant?`}${suggestion === undefined ? '.' : ''}`;
  return filterError({ message, ...place, ...(suggestion !== undefined && { suggestion }) });
}

/** In all items of the sequences on the way. */
function elementsAt(dataSet: DicomJson, steps: readonly Step[], at = 0): DicomJsonElement[] {
  const element = isObject(dataSet) ? steps[at]?.(dataSet) : undefined;
  if (!isObject(element)) return [];
  if (at === steps.length - 1) return [element];
  return valuesOf(element).flatMap((item) => (isObject(item) ? elementsAt(item as DicomJson, steps, at + 1) : []));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesOf(element: DicomJsonElement): readonly unknown[] {
  return Array.isArray(element.Value) ? element.Value : [];
}

function hasValue(element: DicomJsonElement): boolean {
  const { InlineBinary, BulkDataURI } = element;
  if (typeof BulkDataURI === 'string' || (typeof InlineBinary === 'string' && InlineBinary !== '')) return true;
  if (element.vr === 'PN') return namesOf(safe(element)).some((name) => formatName(name) !== '');
  return valuesOf(element).some(
    (value) => isObject(value) || textValues(safe({ vr: 'LO', Value: [value as string] })).length > 0,
  );
}

/** Values that are a list, whatever the data set says. */
function safe(element: DicomJsonElement): DicomJsonElement {
  return Array.isArray(element.Value) ? element : { vr: element.vr };
}

function plainSource(label: string, type: ValueType, steps: readonly Step[]): Source {
  const texts = ({ attributes }: FilterSubject) =>
    elementsAt(attributes, steps).flatMap((element) => {
      if (element.vr !== 'PN') return textValues(safe(element));
      return namesOf(safe(element)).map(formatName);
    });
  return {
    label,
    type,
    exists: ({ attributes }) => elementsAt(attributes, steps).some(hasValue),
    texts,
    offset: ({ attributes }) => timezoneOffset(attributes) ?? '+0000',
    shown: texts,
  };
}

function formatName(name: object): string {
  const groups = name as Record<GroupName, unknown>;
  const text = (group: GroupName) => (typeof groups[group] === 'string' ? groups[group] : '');
  return formatPersonName({
    Alphabetic: text('Alphabetic'),
    Ideographic: text('Ideographic'),
    Phonetic: text('Phonetic'),
  });
}

/** A whole name, a group of it, or a component of one (of the alphabetic group, where none is named). */
function nameSource(label: string, steps: readonly Step[], parts: readonly PathStep[]): Source {
  const [first, second, ...more] = parts;
  const group = groupNames.find((name) => first?.kind === 'name' && first.name === name);
  const componentStep = group === undefined ? first : second;
  const component =
    componentStep?.kind === 'name' && Object.hasOwn(componentNames, componentStep.name)
      ? (componentStep.name as ComponentName)
      : undefined;
  const wrong =
    componentStep !== undefined && component === undefined ? componentStep : group === undefined ? second : more[0];
  if (wrong !== undefined) {
    const known = [...(wrong === first ? groupNames : []), ...Object.keys(componentNames)];
    const suggestion = wrong.kind === 'name' ? nearestName(wrong.name, known) : undefined;
    throw filterError({
      message: `Parts of a person name are ${groupNames.join(', ')} and, of each, ${Object.keys(componentNames).join(', ')}.`,
      from: wrong.from,
      till: wrong.till,
      ...(suggestion !== undefined && { suggestion }),
    });
  }
  const shown = ({ attributes }: FilterSubject) =>
    elementsAt(attributes, steps)
      .flatMap((element) => namesOf(safe(element)))
      .map((name) => {
        const whole = formatName(name);
        if (first === undefined) return whole;
        const chosen = whole.split('=')[groupNames.indexOf(group ?? 'Alphabetic')] ?? '';
        return component === undefined ? chosen : nameComponents(chosen)[componentNames[component]];
      })
      .filter((text) => text !== '');
  return {
    label,
    type: 'name',
    exists: (subject) => shown(subject).length > 0,
    texts: (subject) =>
      shown(subject)
        .map(searchForm)
        // A name is known by each of its groups, and by all of them.
        .flatMap((text) => (text.includes('=') ? [text, ...text.split('=').filter((one) => one !== '')] : [text])),
    offset: () => '+0000',
    shown,
  };
}

function arrivalSource(name: ArrivalName): Source {
  const texts = (subject: FilterSubject): string[] => {
    const { callingAeTitle, receivedAt } = subject;
    if (name === 'CallingAETitle') return callingAeTitle === undefined ? [] : [callingAeTitle.trim()].filter(Boolean);
    if (Number.isNaN(receivedAt.getTime())) return [];
    if (name === 'ReceivedWeekday') return [weekdays[receivedAt.getDay()]!];
    const local = new Date(receivedAt.getTime() - receivedAt.getTimezoneOffset() * 60_000).toISOString();
    const [day = '', time = ''] = local.slice(0, -1).split('T');
    return [
      name === 'ReceivedTime' ? `${day.replaceAll('-', '')}${time.replaceAll(':', '')}` : time.replaceAll(':', ''),
    ];
  };
  return {
    label: name,
    type: arrivalNames[name].type,
    exists: (subject) => texts(subject).length > 0,
    texts,
    offset: ({ receivedAt }) => localOffset(receivedAt),
    shown: texts,
  };
}

function localOffset(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  if (Number.isNaN(minutes)) return '+0000';
  const digits = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${digits(Math.abs(minutes) / 60)}${digits(Math.abs(minutes) % 60)}`;
}
