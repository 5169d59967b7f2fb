import { CausewayError } from '../../kernel/errors.ts';
import { stringOf } from '../attribute-values.ts';
import type { FrameDescription } from '../frame-description.ts';
import type { EncodedFrame, RenderParameters } from '../imaging.ts';
import type { OverlayPlane } from '../overlays.ts';
import type { Presentation } from '../presentation.ts';
import { activatedOverlays } from './activated-overlays.ts';
import { colorSoftcopy, requireAppliedState } from './applied-states.ts';
import { describeLayout, type Layout } from './displayed-area.ts';
import { describeGraphics, type Graphic } from './graphic-annotations.ts';
import { graphicLayers } from './graphic-layers.ts';
import { referencedImages, refersTo } from './referenced-images.ts';
import { describeShutter, type Shutter } from './shutter.ts';
import { stateGrayscale } from './state-grayscale.ts';
import type { StoredPresentationState } from './stored-presentation-state.ts';

/** What a presentation state makes of one frame. */
export interface DescribedState {
  readonly presentation: Presentation;
  readonly overlays: readonly OverlayPlane[];
  readonly shutter: Shutter | undefined;
  readonly layout: Layout;
  /** Those of the lowest layer come first. */
  readonly graphics: readonly Graphic[];
}

/**
 * Reads how a presentation state shows a frame. What the state does not say of the grayscale is the identity, whatever the image says
 * (PS3.4 §N.2).
 * @param window replaces the VOI transformation of the state
 * @param maxPixels of the displayed area, magnified
 * @throws CausewayError `bad-request` if the state does not refer to the frame; `cannot-render` for what is not applied here, and for parts
 *   that are unusable
 */
export function describeState(
  state: StoredPresentationState,
  frame: EncodedFrame,
  description: FrameDescription,
  { window, maxPixels }: { readonly window: RenderParameters['window']; readonly maxPixels: number },
): DescribedState {
  const { attributes } = state;
  const sopClassUid = stringOf(attributes, '00080016') ?? '';
  requireAppliedState(sopClassUid);
  const image = { sopInstanceUid: stringOf(frame.attributes, '00080018') ?? '', frameNumber: frame.frameNumber };
  if (!referencedImages(attributes).some(({ reference }) => refersTo(reference, image))) throw notReferenced(image);
  requireColor(sopClassUid === colorSoftcopy, description);
  const layers = graphicLayers(attributes);
  const layout = describeLayout(attributes, image, { description, attributes: frame.attributes, maxPixels });
  return {
    presentation: stateGrayscale(attributes, image, { frame, description, window }),
    overlays: activatedOverlays(state, frame, description, layers),
    shutter: describeShutter(state, layout.pixelAspect),
    layout,
    graphics: describeGraphics(attributes, image, layers),
  };
}

function requireColor(ofColor: boolean, { samplesPerPixel, photometricInterpretation }: FrameDescription): void {
  const isColor = samplesPerPixel > 1 || photometricInterpretation === 'PALETTE COLOR';
  if (isColor === ofColor) return;
  const message = ofColor
    ? 'A Color Softcopy Presentation State cannot show a grayscale image.'
    : 'A Grayscale Softcopy Presentation State cannot show an image in colour.';
  throw new CausewayError('cannot-render', message, { details: { tag: '00280004' } });
}

function notReferenced({ frameNumber }: { readonly frameNumber: number }): CausewayError {
  const message = `The presentation state does not refer to frame ${frameNumber} of this image.`;
  return new CausewayError('bad-request', message, { details: { parameter: 'presentationUID' } });
}
