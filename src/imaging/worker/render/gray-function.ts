import type { LookupTable } from '../../lookup-table.ts';
import type { ModalityTransform, Presentation, VoiTransform } from '../../presentation.ts';

/** The lowest and highest stored value. */
export type ValueRange = readonly [number, number];

/**
 * The grayscale pipeline from a stored value to what is displayed, 0 to 255 and rounded: modality, VOI, Presentation LUT or inversion.
 * @param range stored values that become the darkest and the brightest where nothing else says how
 * @see PS3.4 §N.2, PS3.3 §C.11
 */
export function createGrayFunction(presentation: Presentation, range: ValueRange): (stored: number) => number {
  const modality = modalityFunction(presentation.modality);
  const voi = voiFunction(resolved(presentation.voi, presentation.modality, range));
  const { inverted } = presentation;
  const output = presentationFunction(presentation.presentationLut);
  return (stored) => {
    const level = Math.round(255 * output(voi(modality(stored))));
    return inverted ? 255 - level : level;
  };
}

/** From 0…1 to 0…1: the first entry is for the darkest, the last for the brightest (PS3.3 §C.11.4). */
function presentationFunction(table: LookupTable | undefined): (level: number) => number {
  if (table === undefined) return (level) => level;
  const last = table.entries.length - 1;
  const brightest = 2 ** table.bits - 1;
  return (level) => (table.entries[Math.round(level * last)] as number) / brightest;
}

function modalityFunction(transform: ModalityTransform): (stored: number) => number {
  if (transform.kind === 'table') return (stored) => entryOf(transform.table, stored);
  const { slope, intercept } = transform;
  return (stored) => stored * slope + intercept;
}

function entryOf({ entries, firstMapped }: LookupTable, input: number): number {
  const index = Math.min(Math.max(Math.round(input) - firstMapped, 0), entries.length - 1);
  return entries[index] as number;
}

/** An automatic window spans exactly what the range becomes by the modality transform; a whole one all that a table's entries can be. */
function resolved(voi: VoiTransform, modality: ModalityTransform, [first, last]: ValueRange): VoiTransform {
  if (voi.kind !== 'auto' && voi.kind !== 'whole') return voi;
  if (voi.kind === 'whole' && modality.kind === 'table') {
    const brightest = 2 ** modality.table.bits - 1;
    return { kind: 'window', center: brightest / 2, width: brightest, function: 'linear-exact' };
  }
  const toModality = modalityFunction(modality);
  let low = Math.min(toModality(first), toModality(last));
  let high = Math.max(toModality(first), toModality(last));
  if (modality.kind === 'table') {
    for (let stored = first; stored <= last; stored++) {
      low = Math.min(low, toModality(stored));
      high = Math.max(high, toModality(stored));
    }
  }
  return { kind: 'window', center: (low + high) / 2, width: high - low, function: 'linear-exact' };
}

/** From a modality value to 0…1. */
function voiFunction(voi: VoiTransform): (value: number) => number {
  if (voi.kind === 'auto' || voi.kind === 'whole') throw new Error('A window has to be resolved first.');
  if (voi.kind === 'table') {
    const brightest = 2 ** voi.table.bits - 1;
    return (value) => entryOf(voi.table, value) / brightest;
  }
  const { center, width } = voi;
  switch (voi.function) {
    case 'sigmoid':
      return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
    case 'linear-exact':
      return ramp(center, width);
    case 'linear':
      // PS3.3 §C.11.2.1.2.1; at a width of 1 it is a threshold.
      return ramp(center - 0.5, width - 1);
  }
}

function ramp(center: number, width: number): (value: number) => number {
  if (!(width > 0)) return (value) => (value > center ? 1 : 0);
  const low = center - width / 2;
  return (value) => {
    const level = (value - low) / width;
    return level > 0 ? Math.min(level, 1) : 0;
  };
}
