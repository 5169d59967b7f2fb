import type { DicomJson } from '../dicom/json-model.ts';
import { storageSopClass } from '../dicom/storage-sop-classes.ts';
import type { ContentItem } from './content-items.ts';
import { codeOf, itemsOf, textOf, valuesOf } from './report-attributes.ts';

/** URL of the rendered instance, or of its frame. Undefined where the document does not say in which series it lies. */
export type LinkOf = (sopInstanceUid: string, frame?: string) => string | undefined;

/** A piece of the value of a content item. */
export type ValuePiece =
  | { readonly kind: 'text'; readonly text: string; readonly title?: string }
  /** Says something of the value. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  /** Another content item. */
  | { readonly kind: 'item'; readonly position: string };

/** Coordinates of a shape, and frames of an image, that are written out. */
const maxNumbers = 60;

const plainValues: Readonly<Record<string, string>> = {
  TEXT: '0040A160',
  PNAME: '0040A123',
  DATETIME: '0040A120',
  DATE: '0040A121',
  TIME: '0040A122',
  UIDREF: '0040A124',
};

/** The value of an item, for people (PS3.3 §C.17.3.2.1, §C.18); nothing for a container. */
export function itemValue({ valueType, attributes }: ContentItem, linkOf: LinkOf): ValuePiece[] {
  const plain = plainValues[valueType];
  if (plain !== undefined) return [{ kind: 'text', text: textOf(attributes, plain) }];
  switch (valueType) {
    case 'CONTAINER':
      return [];
    case 'CODE':
      return coded(attributes, '0040A168');
    case 'NUM':
      return measurement(attributes);
    case 'IMAGE':
    case 'COMPOSITE':
    case 'WAVEFORM':
      return itemsOf(attributes, '00081199').flatMap((reference) => referenced(reference, linkOf));
    case 'SCOORD':
    case 'SCOORD3D':
      return shape(attributes);
    case 'TCOORD':
      return time(attributes);
    case '':
      return [{ kind: 'item', position: valuesOf(attributes, '0040DB73').join('.') }];
    default:
      return [{ kind: 'note', text: `a value of type ${valueType}, which is not shown here` }];
  }
}

function coded(attributes: DicomJson, tag: string): ValuePiece[] {
  const code = codeOf(attributes, tag);
  if (code === undefined) return [];
  return [
    { kind: 'text', text: code.meaning },
    { kind: 'note', text: `(${[code.value, code.scheme].filter(Boolean).join(', ')})` },
  ];
}

/** Without a value there is at least the reason why (PS3.3 §C.18.1). */
function measurement(attributes: DicomJson): ValuePiece[] {
  const values = itemsOf(attributes, '0040A300').map((measured): ValuePiece => {
    const number = textOf(measured, '0040A30A') || textOf(measured, '0040A161');
    const unit = codeOf(measured, '004008EA');
    if (unit === undefined) return { kind: 'text', text: number };
    // Symbols are what people write: those of UCUM, whose 1 is no unit, and those of whoever had a scheme of his own.
    const isOpaque = unit.scheme !== 'UCUM' && /\d{3}/.test(unit.value);
    const symbol = isOpaque ? unit.meaning : unit.value === '1' ? '' : unit.value;
    return { kind: 'text', text: `${number} ${symbol}`.trimEnd(), title: unit.meaning };
  });
  return [...values, ...coded(attributes, '0040A301')];
}

/** An instance, or each of the frames that are meant; what says how to look at it comes behind. */
function referenced(reference: DicomJson, linkOf: LinkOf): ValuePiece[] {
  const uid = textOf(reference, '00081155');
  const sopClass = textOf(reference, '00081150');
  const name = `${storageSopClass(sopClass)?.name.replace(/ Storage$/, '') ?? `SOP Class ${sopClass}`} ${uid}`;
  const frames = valuesOf(reference, '00081160');
  const pieces =
    frames.length === 0
      ? [linked(name, linkOf(uid))]
      : [
          { kind: 'text', text: name } as const,
          ...frames.slice(0, maxNumbers).map((frame) => linked(`frame ${frame}`, linkOf(uid, frame))),
          ...more(frames.length),
        ];
  const channels = textOf(reference, '0040A0B0');
  const segments = textOf(reference, '0062000B');
  if (channels !== '') pieces.push({ kind: 'note', text: `channels ${channels}` });
  if (segments !== '') pieces.push({ kind: 'note', text: `segments ${segments}` });
  for (const state of itemsOf(reference, '00081199')) {
    pieces.push({ kind: 'note', text: 'shown with' });
    pieces.push(...referenced({ ...state, '00081199': { vr: 'SQ' } }, linkOf));
  }
  return pieces;
}

function linked(text: string, url: string | undefined): ValuePiece {
  return url === undefined ? { kind: 'text', text } : { kind: 'link', text, url };
}

function more(count: number): ValuePiece[] {
  return count > maxNumbers ? [{ kind: 'note', text: `and more: ${count} in all` }] : [];
}

function shape(attributes: DicomJson): ValuePiece[] {
  const frameOfReference = textOf(attributes, '30060024');
  return [
    { kind: 'text', text: textOf(attributes, '00700023').toLowerCase() },
    ...numbers(attributes, '00700022'),
    ...(frameOfReference === '' ? [] : [{ kind: 'note', text: `in ${frameOfReference}` } as const]),
  ];
}

/** Samples, seconds or points in time. */
function time(attributes: DicomJson): ValuePiece[] {
  return [
    { kind: 'text', text: textOf(attributes, '0040A130').toLowerCase() },
    ...numbers(attributes, '0040A132', 'samples'),
    ...numbers(attributes, '0040A138', 'seconds'),
    ...numbers(attributes, '0040A13A'),
  ];
}

function numbers(attributes: DicomJson, tag: string, unit = ''): ValuePiece[] {
  const element = attributes[tag];
  if (element === undefined) return [];
  const count = element.Value?.length ?? 0;
  const shown = textOf({ [tag]: { ...element, Value: (element.Value ?? []).slice(0, maxNumbers) } }, tag);
  return [{ kind: 'text', text: `${shown} ${unit}`.trim() }, ...more(count)];
}
