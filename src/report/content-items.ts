import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import { type Code, codeOf, itemsOf, textOf } from './report-attributes.ts';

/** Content items of a document that is rendered. */
export const maxReportItems = 50_000;
/** Levels of its content tree. */
export const maxReportDepth = 64;

/** One node of the content tree of an SR document (PS3.3 §C.17.3). */
export interface ContentItem {
  /** As references name it: `1.2.1` is the first item in the second of the root (PS3.3 §C.17.3.2.5). */
  readonly position: string;
  /** 1 for the root. */
  readonly depth: number;
  /** Empty for an item that is a reference to another. */
  readonly valueType: string;
  /** To the item that it lies in, in plain words; empty for what a container just contains, and for the root. */
  readonly relationship: string;
  readonly name: Code | undefined;
  /** What to call it where it has no name of its own; may be empty. */
  readonly kindName: string;
  /** Observation DateTime, where it has one of its own. */
  readonly observed: string;
  /** The node itself. */
  readonly attributes: DicomJson;
}

export type ContentEvent =
  | { readonly kind: 'begin'; readonly item: ContentItem }
  | { readonly kind: 'end'; readonly item: ContentItem };

/**
 * The content tree in the order of the document, each item before and after those within it.
 * @throws CausewayError `cannot-render` past `maxReportItems` or `maxReportDepth`
 */
export function contentEvents(dataSet: DicomJson): Generator<ContentEvent, void, void> {
  let items = 0;

  function* eventsOf(attributes: DicomJson, position: string, depth: number): Generator<ContentEvent, void, void> {
    items += 1;
    if (items > maxReportItems) throw tooLarge(`${maxReportItems} content items`, 'maxReportItems');
    if (depth > maxReportDepth) throw tooLarge(`${maxReportDepth} levels`, 'maxReportDepth');
    const item = contentItem(attributes, position, depth);
    yield { kind: 'begin', item };
    for (const [at, child] of itemsOf(attributes, '0040A730').entries()) {
      yield* eventsOf(child, `${position}.${at + 1}`, depth + 1);
    }
    yield { kind: 'end', item };
  }

  return eventsOf(dataSet, '1', 1);
}

/** What PS3.3 Table C.17-6 calls the relationships. */
const relationships: Readonly<Record<string, string>> = {
  CONTAINS: '',
  'HAS OBS CONTEXT': 'observation context',
  'HAS CONCEPT MOD': 'concept modifier',
  'HAS PROPERTIES': 'property',
  'HAS ACQ CONTEXT': 'acquisition context',
  'INFERRED FROM': 'inferred from',
  'SELECTED FROM': 'selected from',
};

const kindNames: Readonly<Record<string, string>> = {
  CONTAINER: 'Section',
  IMAGE: 'Image',
  COMPOSITE: 'Object',
  WAVEFORM: 'Waveform',
  SCOORD: 'Spatial coordinates',
  SCOORD3D: 'Spatial coordinates',
  TCOORD: 'Temporal coordinates',
};

function contentItem(attributes: DicomJson, position: string, depth: number): ContentItem {
  const relationship = depth === 1 ? '' : textOf(attributes, '0040A010');
  // The root is a container even where it forgets to say so.
  const valueType = textOf(attributes, '0040A040') || (depth === 1 ? 'CONTAINER' : '');
  return {
    position,
    depth,
    valueType,
    relationship: relationships[relationship] ?? relationship.toLowerCase(),
    name: codeOf(attributes, '0040A043'),
    kindName: depth === 1 ? 'Structured report' : (kindNames[valueType] ?? ''),
    observed: textOf(attributes, '0040A032'),
    attributes,
  };
}

function tooLarge(words: string, limit: string): CausewayError {
  return new CausewayError('cannot-render', `The document has more than ${words} (${limit}), the most that is shown.`, {
    details: { limit },
  });
}
