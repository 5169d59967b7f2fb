import type { DicomJson } from '../../dicom/json-model.ts';
import { itemsOf, numberOf, numbersOf, stringOf } from '../attribute-values.ts';
import { cielabInk, grayInk, type Ink, white } from './ink.ts';
import { levelOf } from './level.ts';

/** A layer that graphics lie in (PS3.3 §C.10.7). */
export interface GraphicLayer {
  /** Those of higher order lie over those of lower. */
  readonly order: number;
  readonly ink: Ink;
}

/** Layers by name. A colour comes before a gray, as pictures can be coloured; white where neither is recommended. */
export function graphicLayers(state: DicomJson): ReadonlyMap<string, GraphicLayer> {
  return new Map(
    itemsOf(state, '00700060').map((item) => [
      stringOf(item, '00700002') ?? '',
      { order: numberOf(item, '00700062') ?? 0, ink: inkOf(item) },
    ]),
  );
}

export const defaultLayer: GraphicLayer = { order: 0, ink: white };

function inkOf(layer: DicomJson): Ink {
  const level = levelOf(layer, '00700066');
  return cielabInk(layer, '00700401') ?? rgbInk(layer) ?? (level === undefined ? white : grayInk(level));
}

/** Graphic Layer Recommended Display RGB Value, retired: 16 bits. */
function rgbInk(layer: DicomJson): Ink | undefined {
  const [red, green, blue] = numbersOf(layer, '00700067');
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return [red >> 8, green >> 8, blue >> 8];
}
