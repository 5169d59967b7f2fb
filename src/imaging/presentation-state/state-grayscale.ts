import type { DicomJson } from '../../dicom/json-model.ts';
import { itemOf, stringOf } from '../attribute-values.ts';
import type { FrameDescription } from '../frame-description.ts';
import type { EncodedFrame, RenderParameters } from '../imaging.ts';
import { readLookupTable } from '../lookup-table.ts';
import { describePresentation, linearOrTable, type Presentation, voiOf } from '../presentation.ts';
import { type ImageFrame, itemsFor } from './referenced-images.ts';

/**
 * The grayscale transformations of a presentation state. They take the place of those of the image, also where the state has none; even
 * Photometric Interpretation is overridden (PS3.4 §N.2, §N.2.1.4). Colour has none: there only the palette of the image counts.
 * @throws CausewayError `cannot-render` if a lookup table is unusable
 */
export function stateGrayscale(
  state: DicomJson,
  image: ImageFrame,
  of: {
    readonly frame: EncodedFrame;
    readonly description: FrameDescription;
    readonly window: RenderParameters['window'];
  },
): Presentation {
  const { frame, description, window } = of;
  const modality = linearOrTable(state, state, description);
  const [softcopyVoi] = itemsFor(state, '00283110', image);
  const asked = window === undefined ? undefined : ({ kind: 'window', ...window } as const);
  const stated = softcopyVoi === undefined ? undefined : voiOf(softcopyVoi, modality, description);
  const voi = asked ?? (stated === undefined || stated.kind === 'auto' ? ({ kind: 'whole' } as const) : stated);
  const presentationLut = itemOf(state, '20500010');
  return {
    ...describePresentation(frame.attributes, description, window),
    modality,
    voi,
    presentationLut:
      presentationLut === undefined ? undefined : readLookupTable(presentationLut, '00283002', '00283006', false),
    inverted: presentationLut === undefined && stringOf(state, '20500020') === 'INVERSE',
    maximumFraction: undefined,
  };
}
