import type { RenderParameters } from '../../imaging.ts';
import type { Job } from '../../job.ts';
import { laidOut, laidOutSize } from '../../presentation-state/displayed-area.ts';
import { isGray, white } from '../../presentation-state/ink.ts';
import type { Samples } from '../samples.ts';
import { burnIn } from './burn-in.ts';
import { closeShutter } from './close-shutter.ts';
import { coloured } from './coloured.ts';
import { encodePicture, type Picture, type PictureView } from './encode-picture.ts';
import { requireFont } from './font-present.ts';
import { graphicsSvg } from './graphics-svg.ts';
import { layOut } from './lay-out.ts';

type RenderJob = Job & { kind: 'render' };
type State = NonNullable<RenderJob['state']>;

/**
 * From the picture of a whole frame to the one that a presentation state shows: shutters hide the image, overlays lie over them, the displayed
 * area is cut out, turned and scaled, and graphics lie over all (PS3.4 §N.2).
 * @param drawOver as in `encodePicture`, over all of it
 * @throws CausewayError `cannot-render` if there is text and the machine has no font
 */
export async function renderState(
  job: RenderJob,
  { shutter, layout, graphics }: State,
  decoded: Picture,
  samples: Samples,
  drawOver: readonly ((view: PictureView) => string)[],
): Promise<Uint8Array> {
  const inks = [...job.overlays.map(({ ink = white }) => ink), ...graphics.map(({ ink }) => ink)];
  if (shutter !== undefined) inks.push(shutter.ink);
  // A video consists of pictures of one kind, and other frames may have colours.
  const isGrayOnly = job.parameters.mediaType !== 'image/x-portable-anymap' && inks.every(isGray);
  const picture = isGrayOnly ? decoded : coloured(decoded);
  if (shutter !== undefined) closeShutter(picture, shutter);
  burnIn(picture, job.overlays, samples);
  const shown = layOut(picture, layout);
  const turned = layout.rotation % 180 !== 0;
  const pixelAspect = turned ? 1 / layout.pixelAspect : layout.pixelAspect;
  const parameters = { ...magnified(shown, layout.magnification), ...job.parameters };
  if (graphics.length === 0) return encodePicture(shown, parameters, pixelAspect, drawOver);
  if (graphics.some(({ kind }) => kind === 'text')) await requireFont('The presentation state has text', '00700008');
  const size = laidOutSize(layout);
  const drawGraphics = (view: PictureView) =>
    graphicsSvg(graphics, {
      ...view,
      place: (units, [x, y]) =>
        units === 'pixel' ? view.place(...laidOut(layout, x, y)) : view.place(x * size.width, y * size.height),
    });
  return encodePicture(shown, parameters, pixelAspect, [drawGraphics, ...drawOver]);
}

/** The viewport that a magnified picture fills; none at one to one, where a pixel stays a pixel. */
function magnified({ width, height }: Picture, magnification: number): Pick<RenderParameters, 'viewport'> {
  if (magnification === 1) return {};
  const sideOf = (pixels: number) => Math.max(1, Math.round(pixels * magnification));
  return { viewport: { width: sideOf(width), height: sideOf(height) } };
}
