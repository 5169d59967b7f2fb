import { CausewayError } from '../../../kernel/errors.ts';
import type { RenderParameters } from '../../imaging.ts';
import type { Job } from '../../job.ts';
import { laidOut, laidOutSize } from '../../presentation-state/displayed-area.ts';
import { isGray, white } from '../../presentation-state/ink.ts';
import type { Samples } from '../samples.ts';
import { burnIn } from './burn-in.ts';
import { closeShutter } from './close-shutter.ts';
import { encodePicture, type Picture } from './encode-picture.ts';
import { fontPresent } from './font-present.ts';
import { graphicsSvg } from './graphics-svg.ts';
import { layOut } from './lay-out.ts';

type RenderJob = Job & { kind: 'render' };
type State = NonNullable<RenderJob['state']>;

/**
 * From the picture of a whole frame to the one that a presentation state shows: shutters hide the image, overlays lie over them, the displayed
 * area is cut out, turned and scaled, and graphics lie over all (PS3.4 §N.2).
 * @throws CausewayError `cannot-render` if there is text and the machine has no font
 */
export async function renderState(
  job: RenderJob,
  { shutter, layout, graphics }: State,
  decoded: Picture,
  samples: Samples,
): Promise<Uint8Array> {
  const inks = [...job.overlays.map(({ ink = white }) => ink), ...graphics.map(({ ink }) => ink)];
  if (shutter !== undefined) inks.push(shutter.ink);
  const picture = inks.every(isGray) ? decoded : coloured(decoded);
  if (shutter !== undefined) closeShutter(picture, shutter);
  burnIn(picture, job.overlays, samples);
  const shown = layOut(picture, layout);
  const turned = layout.rotation % 180 !== 0;
  const pixelAspect = turned ? 1 / layout.pixelAspect : layout.pixelAspect;
  const parameters = { ...magnified(shown, layout.magnification), ...job.parameters };
  if (graphics.length === 0) return encodePicture(shown, parameters, pixelAspect);
  if (graphics.some(({ kind }) => kind === 'text') && !(await fontPresent())) throw noFont();
  const size = laidOutSize(layout);
  return encodePicture(shown, parameters, pixelAspect, (view) =>
    graphicsSvg(graphics, {
      ...view,
      place: (units, [x, y]) =>
        units === 'pixel' ? view.place(...laidOut(layout, x, y)) : view.place(x * size.width, y * size.height),
    }),
  );
}

function coloured({ bytes, width, height, channels }: Picture): Picture {
  if (channels === 3) return { bytes, width, height, channels };
  const colours = new Uint8Array(3 * bytes.length);
  for (let pixel = 0; pixel < bytes.length; pixel++) colours.fill(bytes[pixel] as number, 3 * pixel, 3 * pixel + 3);
  return { bytes: colours, width, height, channels: 3 };
}

/** The viewport that a magnified picture fills; none at one to one, where a pixel stays a pixel. */
function magnified({ width, height }: Picture, magnification: number): Pick<RenderParameters, 'viewport'> {
  if (magnification === 1) return {};
  const sideOf = (pixels: number) => Math.max(1, Math.round(pixels * magnification));
  return { viewport: { width: sideOf(width), height: sideOf(height) } };
}

function noFont(): CausewayError {
  const message =
    'The presentation state has text, and this machine has no font to draw it with: install one, such as DejaVu.';
  return new CausewayError('cannot-render', message, { details: { tag: '00700008' } });
}
