import { dictionaryEntry } from './dictionary.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, PersonNameValue } from './json-model.ts';
import { nameComponents } from './person-name.ts';

/**
 * Writes a data set as a Native DICOM Model document in UTF-8, in pieces of about one attribute, so that no long answer
 * is ever held whole.
 *
 * As the model asks, a private attribute has block number 00 in its tag and names its creator instead. Characters that
 * XML 1.0 cannot hold become U+FFFD.
 * @param dataSet whose BulkDataURIs are what the reader shall follow
 * @see PS3.19 §A.1
 */
export function* nativeDicomModel(dataSet: DicomJson): Generator<string, void, undefined> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">';
  yield* attributesOf(dataSet);
  yield '</NativeDicomModel>\n';
}

function* attributesOf(dataSet: DicomJson): Generator<string, void, undefined> {
  for (const tag of Object.keys(dataSet).sort()) {
    const element = dataSet[tag];
    if (element === undefined) continue;
    const opening = `<DicomAttribute ${identity(tag, element, dataSet)}>`;
    if (element.vr === 'SQ') {
      yield opening;
      yield* itemsOf(element);
      yield '</DicomAttribute>';
    } else {
      yield `${opening}${content(element)}</DicomAttribute>`;
    }
  }
}

function* itemsOf(element: DicomJsonElement): Generator<string, void, undefined> {
  let number = 0;
  for (const item of element.Value ?? []) {
    number++;
    yield `<Item number="${number}">`;
    if (item !== null && typeof item === 'object') yield* attributesOf(item as DicomJson);
    yield '</Item>';
  }
}

/** The XML attributes that say which DICOM attribute this is. */
function identity(tag: string, element: DicomJsonElement, dataSet: DicomJson): string {
  const vr = `vr="${element.vr}"`;
  if ((Number.parseInt(tag.slice(0, 4), 16) & 1) === 0) {
    const keyword = dictionaryEntry(tag)?.keyword;
    return `tag="${tag}" ${vr}${keyword ? ` keyword="${attributeText(keyword)}"` : ''}`;
  }
  const creator = dataSet[`${tag.slice(0, 4)}00${tag.slice(4, 6)}`]?.Value?.[0];
  if (typeof creator !== 'string') return `tag="${tag}" ${vr}`;
  return `tag="${tag.slice(0, 4)}00${tag.slice(6)}" ${vr} privateCreator="${attributeText(creator)}"`;
}

function content(element: DicomJsonElement): string {
  if (element.BulkDataURI !== undefined) return `<BulkData uri="${attributeText(element.BulkDataURI)}"/>`;
  if (element.InlineBinary !== undefined) return `<InlineBinary>${elementText(element.InlineBinary)}</InlineBinary>`;
  return (element.Value ?? [])
    .map((value, i) => (element.vr === 'PN' ? personName(value, i + 1) : plainValue(value, i + 1)))
    .join('');
}

function plainValue(value: DicomJsonValue, number: number): string {
  const text = typeof value === 'string' || typeof value === 'number' ? elementText(String(value)) : '';
  return `<Value number="${number}">${text}</Value>`;
}

function personName(value: DicomJsonValue, number: number): string {
  const name: PersonNameValue = typeof value === 'string' ? { Alphabetic: value } : ((value ?? {}) as PersonNameValue);
  const groups = (['Alphabetic', 'Ideographic', 'Phonetic'] as const).map((group) => nameGroup(group, name[group]));
  return `<PersonName number="${number}">${groups.join('')}</PersonName>`;
}

function nameGroup(element: keyof PersonNameValue, group: string | undefined): string {
  if (!group) return '';
  const { familyName, givenName, middleName, namePrefix, nameSuffix } = nameComponents(group);
  const components = [
    component('FamilyName', familyName),
    component('GivenName', givenName),
    component('MiddleName', middleName),
    component('NamePrefix', namePrefix),
    component('NameSuffix', nameSuffix),
  ];
  return `<${element}>${components.join('')}</${element}>`;
}

function component(element: string, text: string): string {
  return text === '' ? '' : `<${element}>${elementText(text)}</${element}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A parser reads CR as LF unless it is written as a reference (XML 1.0 §2.11). */
function elementText(text: string): string {
  return legal(text).replace(/[&<>\r]/g, (character) => entities[character] ?? '&#13;');
}

/** A parser also normalises white space in the values of XML attributes (XML 1.0 §3.3.3). */
function attributeText(text: string): string {
  return legal(text).replace(/[&<>"\t\n\r]/g, (character) => entities[character] ?? `&#${character.charCodeAt(0)};`);
}

/** XML 1.0 §2.2: most control characters, halves of surrogate pairs and two non-characters have no place at all. */
function legal(text: string): string {
  return text.replace(/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|\p{Surrogate}/gu, '\uFFFD');
}
