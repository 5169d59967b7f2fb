import type { DicomJson } from './json-model.ts';

/** What the Basic Profile cannot take out of an instance, in words for who asked. */
export interface DeidentificationObstacles {
  /** Why it must not go out as de-identified. */
  readonly refusal: string | undefined;
  /** What somebody has to look at before the result is taken for anonymous. */
  readonly warnings: readonly string[];
}

const storage = '1.2.840.10008.5.1.4.1.1.';
const encapsulatedDocuments = `${storage}104.`;
const secondaryCapture = `${storage}7`;
const voices: ReadonlySet<string> = new Set([`${storage}9.4.1`, `${storage}9.4.2`]);

/** Devices that write names into their pictures, or whose pictures people may be known by. */
const tellingModalities: ReadonlySet<string> = new Set([
  'US',
  'IVUS',
  'XA',
  'RF',
  'SC',
  'OT',
  'ES',
  'GM',
  'SM',
  'XC',
  'DMS',
  'OP',
  'HC',
  'FID',
  'BMD',
  'ECG',
]);

/**
 * The Basic Profile cleans attributes and leaves pixels alone; what they show is for the options Clean Pixel Data and Clean
 * Recognizable Visual Features, which take somebody who looks. So what says of itself that names are in its pixels is
 * refused, and what may have them goes out with a warning. Documents, reports and voices are text and sound all through.
 * @param attributes of the data set, bulk data by its URI
 * @see PS3.15 §E.1.1, §E.3.1, §E.3.2; PS3.3 §C.7.6.1.1.8
 */
export function deidentificationObstacles(attributes: DicomJson): DeidentificationObstacles {
  return { refusal: refusalOf(attributes), warnings: warningsOf(attributes) };
}

function refusalOf(attributes: DicomJson): string | undefined {
  const sopClass = textOf(attributes, '00080016');
  if (attributes['00420011'] !== undefined || sopClass.startsWith(encapsulatedDocuments)) {
    return 'It holds a document, whose text cannot be cleaned here.';
  }
  if (attributes['0040A730'] !== undefined) return 'It is a report, whose text cannot be cleaned here.';
  if (voices.has(sopClass)) return 'It is a sound recording, by which somebody may be known.';
  if (textOf(attributes, '00280301') === 'YES') {
    return 'Burned In Annotation (0028,0301) says that identifying text is in its pixels, which are not cleaned here.';
  }
  if (hasEmbeddedOverlay(attributes)) {
    return 'An overlay is in unused bits of its pixels, which are not cleaned here.';
  }
  return undefined;
}

function warningsOf(attributes: DicomJson): string[] {
  const warnings: string[] = [];
  const hasPixels = attributes['7FE00010'] !== undefined;
  const maybeBurnedIn = textOf(attributes, '00280301') !== 'NO';
  const telling =
    tellingModalities.has(textOf(attributes, '00080060')) ||
    textOf(attributes, '00080016').startsWith(secondaryCapture);
  if (hasPixels && maybeBurnedIn && telling) {
    warnings.push('The pixels are as stored; instances of this kind often show names: look before you pass it on');
  }
  if (textOf(attributes, '00280302') === 'YES') {
    warnings.push('The pixels are as stored, and the person may be recognized by them');
  }
  return warnings;
}

/** (60xx,0102) is 0 where the overlay has data of its own (PS3.5 §8.1.2). */
function hasEmbeddedOverlay(attributes: DicomJson): boolean {
  return Object.entries(attributes).some(([tag, { Value }]) => {
    if (!/^60[0-9A-F]{2}0102$/.test(tag)) return false;
    const hasData = attributes[`${tag.slice(0, 4)}3000`] !== undefined;
    return !hasData && typeof Value?.[0] === 'number' && Value[0] > 0;
  });
}

function textOf(attributes: DicomJson, tag: string): string {
  const value = attributes[tag]?.Value?.[0];
  return typeof value === 'string' ? value.trim() : '';
}
