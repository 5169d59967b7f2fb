import { stringOf } from '../attribute-values.ts';
import type { FrameDescription } from '../frame-description.ts';
import type { EncodedFrame } from '../imaging.ts';
import { describeOverlay, type OverlayPlane, overlayGroups } from '../overlays.ts';
import { defaultLayer, type GraphicLayer } from './graphic-layers.ts';
import type { StoredPresentationState } from './stored-presentation-state.ts';

/**
 * Overlays that the state activates, with the ink of their layer, those of the lowest layer first: its own, else those of the image.
 * What it does not activate is not shown, whatever the image holds (PS3.3 §C.11.7).
 * @throws CausewayError `cannot-render` for a bitmap beyond all bounds
 */
export function activatedOverlays(
  state: StoredPresentationState,
  frame: EncodedFrame,
  description: FrameDescription,
  layers: ReadonlyMap<string, GraphicLayer>,
): OverlayPlane[] {
  const ofState: EncodedFrame = { ...frame, ...state, frameNumber: 1 };
  return overlayGroups
    .flatMap((group) => {
      const layerName = stringOf(state.attributes, `${group}1001`);
      if (layerName === undefined) return [];
      const own = state.attributes[`${group}3000`] !== undefined;
      const plane = describeOverlay(own ? ofState : frame, group, description, 'any type');
      const layer = layers.get(layerName) ?? defaultLayer;
      return plane === undefined ? [] : [{ order: layer.order, plane: { ...plane, ink: layer.ink } }];
    })
    .sort((a, b) => a.order - b.order)
    .map(({ plane }) => plane);
}
