import { CausewayError } from '../../../kernel/errors.ts';
import type { Job } from '../../job.ts';
import type { Presentation } from '../../presentation.ts';
import { decodeFrame } from '../decode-frame.ts';
import { embedProfile } from '../icc/embed-profile.ts';
import { manageColours } from '../icc/manage-colours.ts';
import type { Samples } from '../samples.ts';
import { annotationSvg } from './annotation-svg.ts';
import { burnIn } from './burn-in.ts';
import { colorPicture, palettePicture } from './color-picture.ts';
import { encodePicture, type Picture, type PictureView } from './encode-picture.ts';
import { requireFont } from './font-present.ts';
import { grayPicture } from './gray-picture.ts';
import { renderState } from './render-state.ts';

/**
 * Decodes a frame and makes the picture that is asked for.
 * @throws CausewayError `decode-failed`, `cannot-render` (also for text where the machine has no font), `bad-request` if the viewport's region lies outside of the image
 */
export async function renderFrame(job: Job & { kind: 'render' }): Promise<Uint8Array> {
  const samples = await decodeFrame(job.bytes, job.frame);
  const decoded = pictureOf(samples, job.presentation);
  const { iccProfile } = job.parameters;
  if (iccProfile === undefined) return finished(job, decoded, samples);
  const { picture, profile } = await manageColours(decoded, job.iccProfile, iccProfile);
  return embedProfile(await finished(job, picture, samples), profile);
}

async function finished(job: Job & { kind: 'render' }, picture: Picture, samples: Samples): Promise<Uint8Array> {
  const { annotation } = job;
  if (annotation !== undefined) await requireFont('The annotation is text');
  const drawOver = annotation === undefined ? [] : [(view: PictureView) => annotationSvg(annotation, view)];
  if (job.state !== undefined) return renderState(job, job.state, picture, samples, drawOver);
  burnIn(picture, job.overlays, samples);
  return encodePicture(picture, job.parameters, job.presentation.pixelAspect, drawOver);
}

/**
 * From samples to 8-bit gray or RGB. A window does nothing to colour, as the VOI transformation is one of grayscale (PS3.3 §C.11.2).
 * @throws CausewayError `cannot-render`
 */
export function pictureOf(samples: Samples, presentation: Presentation): Picture {
  const { rows, columns, samplesPerPixel, photometricInterpretation } = samples;
  const size = { width: columns, height: rows };
  if (samplesPerPixel === 1 && presentation.palette !== undefined) {
    return { ...size, channels: 3, bytes: palettePicture(samples, presentation.palette) };
  }
  if (samplesPerPixel === 1) return { ...size, channels: 1, bytes: grayPicture(samples, presentation) };
  if (samplesPerPixel === 3) return { ...size, channels: 3, bytes: colorPicture(samples) };
  throw new CausewayError(
    'cannot-render',
    `Pictures with ${samplesPerPixel} samples a pixel (${photometricInterpretation}) cannot be rendered.`,
    { details: { tag: '00280002' } },
  );
}
