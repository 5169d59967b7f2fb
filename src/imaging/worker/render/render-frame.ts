import { CausewayError } from '../../../kernel/errors.ts';
import type { Job } from '../../job.ts';
import type { Presentation } from '../../presentation.ts';
import { decodeFrame } from '../decode-frame.ts';
import type { Samples } from '../samples.ts';
import { burnIn } from './burn-in.ts';
import { colorPicture, palettePicture } from './color-picture.ts';
import { encodePicture, type Picture } from './encode-picture.ts';
import { grayPicture } from './gray-picture.ts';
import { renderState } from './render-state.ts';

/**
 * Decodes a frame and makes the picture that is asked for.
 * @throws CausewayError `decode-failed`, `cannot-render` (also for text where the machine has no font), `bad-request` if the viewport's region lies outside of the image
 */
export async function renderFrame(job: Job & { kind: 'render' }): Promise<Uint8Array> {
  const samples = await decodeFrame(job.bytes, job.frame);
  const picture = pictureOf(samples, job.presentation);
  if (job.state !== undefined) return renderState(job, job.state, picture, samples);
  burnIn(picture, job.overlays, samples);
  return encodePicture(picture, job.parameters, job.presentation.pixelAspect);
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
