import type { DicomJson } from '../dicom/json-model.ts';
import { itemOf, numberOf, numbersOf, stringOf } from './attribute-values.ts';
import type { FrameDescription } from './frame-description.ts';
import type { RenderParameters } from './imaging.ts';
import { type LookupTable, readLookupTable, readSegmentedLookupTable } from './lookup-table.ts';

/** From stored values to the values that a window is about (PS3.3 §C.11.1). */
export type ModalityTransform =
  | { readonly kind: 'linear'; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

/**
 * From modality values to gray (PS3.3 §C.11.2). `auto`: nothing says how, the frame's own values decide. `whole`: the identity, from the
 * lowest value that there can be to the highest.
 */
export type VoiTransform =
  | ({ readonly kind: 'window' } & NonNullable<RenderParameters['window']>)
  | { readonly kind: 'table'; readonly table: LookupTable }
  | { readonly kind: 'auto' }
  | { readonly kind: 'whole' };

/** Everything that decides how decoded samples become a picture; the grayscale part means nothing for colour. */
export interface Presentation {
  readonly modality: ModalityTransform;
  readonly voi: VoiTransform;
  /** After VOI, whose whole output the table spans (PS3.3 §C.11.6). */
  readonly presentationLut: LookupTable | undefined;
  readonly inverted: boolean;
  /** Stored values from the one to the other (inclusive) are padding and do not count for an automatic window. */
  readonly padding: readonly [number, number] | undefined;
  /** The largest stored value of a fractional segmentation. */
  readonly maximumFraction: number | undefined;
  /** Of PALETTE COLOR; a supplemental palette beside gray values is not shown. */
  readonly palette: readonly [LookupTable, LookupTable, LookupTable] | undefined;
  /** Height of a pixel divided by its width. */
  readonly pixelAspect: number;
}

/**
 * Reads how a frame is to be shown, with functional groups of the frame before shared ones before the top level.
 * @param window replaces whatever VOI the instance has
 * @throws CausewayError `cannot-render` if a lookup table is unusable
 * @see PS3.3 §C.7.6.16.2.9, §C.7.6.16.2.10, §C.11
 */
export function describePresentation(
  attributes: DicomJson,
  frame: FrameDescription,
  window: RenderParameters['window'],
): Presentation {
  const perFrame = itemOf(attributes, '52009230', frame.frameNumber - 1);
  const shared = itemOf(attributes, '52009229');
  const group = (tag: string): DicomJson | undefined => itemOf(perFrame, tag) ?? itemOf(shared, tag);
  const modality = modalityOf(attributes, group('00289145') ?? attributes, frame);
  return {
    modality,
    voi: window === undefined ? voiOf(group('00289132') ?? attributes, modality, frame) : { kind: 'window', ...window },
    presentationLut: undefined,
    inverted: frame.photometricInterpretation === 'MONOCHROME1' || stringOf(attributes, '20500020') === 'INVERSE',
    padding: paddingOf(attributes, frame),
    maximumFraction: stringOf(attributes, '00620001') === 'FRACTIONAL' ? numberOf(attributes, '0062000E') : undefined,
    palette: frame.photometricInterpretation === 'PALETTE COLOR' ? paletteOf(attributes, frame) : undefined,
    pixelAspect: pixelAspectOf(attributes, group('00289110')),
  };
}

function modalityOf(attributes: DicomJson, rescale: DicomJson, frame: FrameDescription): ModalityTransform {
  if (leadsAwayFromDisplay(attributes)) return { kind: 'linear', slope: 1, intercept: 0 };
  return linearOrTable(attributes, rescale, frame);
}

/**
 * The modality transform that attributes tell of; the identity where they do not.
 * @param rescale attributes that have Rescale Slope and Intercept
 * @throws CausewayError `cannot-render` if the table is unusable
 */
export function linearOrTable(attributes: DicomJson, rescale: DicomJson, frame: FrameDescription): ModalityTransform {
  const item = itemOf(attributes, '00283000');
  if (item !== undefined) {
    const table = readLookupTable(item, '00283002', '00283006', frame.pixelRepresentation === 1);
    return { kind: 'table', table };
  }
  const doseGridScaling = numberOf(attributes, '3004000E');
  if (doseGridScaling !== undefined) return { kind: 'linear', slope: doseGridScaling || 1, intercept: 0 };
  const slope = numberOf(rescale, '00281053');
  return { kind: 'linear', slope: slope || 1, intercept: numberOf(rescale, '00281052') ?? 0 };
}

/** X-ray angiography: where pixels are logarithmic or made for display, the Modality LUT leads back to linear (PS3.3 §C.8.7.1.1.2). */
function leadsAwayFromDisplay(attributes: DicomJson): boolean {
  const sopClass = stringOf(attributes, '00080016') ?? '';
  const relationship = stringOf(attributes, '00281040');
  return angiographySopClasses.has(sopClass) && (relationship === 'LOG' || relationship === 'DISP');
}

const angiographySopClasses: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.12.1',
  '1.2.840.10008.5.1.4.1.1.12.2',
  '1.2.840.10008.5.1.4.1.1.12.3',
]);

/**
 * The first of several windows or tables; a window comes before a table, as it is what operators adjust.
 * @throws CausewayError `cannot-render` if the table is unusable
 */
export function voiOf(attributes: DicomJson, modality: ModalityTransform, frame: FrameDescription): VoiTransform {
  const center = numberOf(attributes, '00281050');
  const width = numberOf(attributes, '00281051');
  if (center !== undefined && width !== undefined && width > 0) {
    return { kind: 'window', center, width, function: windowFunction(stringOf(attributes, '00281056'), width) };
  }
  const item = itemOf(attributes, '00283010');
  if (item === undefined) return { kind: 'auto' };
  const signed = frame.pixelRepresentation === 1 || (modality.kind === 'linear' && modality.intercept < 0);
  return { kind: 'table', table: readLookupTable(item, '00283002', '00283006', signed) };
}

/** LINEAR needs a width of at least 1 (PS3.3 §C.11.2.1.2.1); a narrower one, as parametric maps have, can only mean LINEAR_EXACT. */
function windowFunction(name: string | undefined, width: number): 'linear' | 'linear-exact' | 'sigmoid' {
  if (name === 'SIGMOID') return 'sigmoid';
  return name === 'LINEAR_EXACT' || width < 1 ? 'linear-exact' : 'linear';
}

function paddingOf(attributes: DicomJson, frame: FrameDescription): [number, number] | undefined {
  // Written as US though the samples are signed, -2000 arrives as 63536.
  const asSample = (value: number): number =>
    frame.pixelRepresentation === 1 && value >= 2 ** (frame.bitsAllocated - 1)
      ? value - 2 ** frame.bitsAllocated
      : value;
  const first = numberOf(attributes, '00280120');
  if (first === undefined) return undefined;
  const value = asSample(first);
  const limit = asSample(numberOf(attributes, '00280121') ?? first);
  return [Math.min(value, limit), Math.max(value, limit)];
}

type Palette = [LookupTable, LookupTable, LookupTable];

function paletteOf(attributes: DicomJson, frame: FrameDescription): Palette {
  const colour = (descriptorTag: string, dataTag: string, segmentedTag: string): LookupTable => {
    const segmented = attributes[dataTag] === undefined && attributes[segmentedTag] !== undefined;
    const signed = frame.pixelRepresentation === 1;
    return segmented
      ? readSegmentedLookupTable(attributes, descriptorTag, segmentedTag, signed)
      : readLookupTable(attributes, descriptorTag, dataTag, signed);
  };
  return asDeepAsFilled([
    colour('00281101', '00281201', '00281221'),
    colour('00281102', '00281202', '00281222'),
    colour('00281103', '00281203', '00281223'),
  ]);
}

/** Some writers declare 16 bits and fill 8: the whole picture would be all but black. */
function asDeepAsFilled(palette: Palette): Palette {
  const isShallow = palette.every(({ entries }) => entries.every((entry) => entry < 256));
  return isShallow ? (palette.map((table) => ({ ...table, bits: 8 })) as Palette) : palette;
}

/** Pixel Aspect Ratio, else the spacing in the patient, else at the detector. */
function pixelAspectOf(attributes: DicomJson, pixelMeasures: DicomJson | undefined): number {
  const pairs = [
    numbersOf(attributes, '00280034'),
    numbersOf(pixelMeasures, '00280030'),
    numbersOf(attributes, '00280030'),
    numbersOf(attributes, '00181164'),
  ];
  for (const [vertical, horizontal] of pairs) {
    if (vertical === undefined || horizontal === undefined || vertical <= 0 || horizontal <= 0) continue;
    const aspect = vertical / horizontal;
    if (aspect > 0.1 && aspect < 10) return aspect;
  }
  return 1;
}
