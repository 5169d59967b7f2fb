import type { Response } from 'express';
import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import type { RenderParameters } from './rendered-parameters.ts';

/**
 * One picture. What is no image exists and can be had, but not as a picture: that is 406 rather than 404.
 * @throws CausewayError `cannot-render`, and as `Retrieve.rendered`
 */
export async function renderPicture(
  retrieve: Retrieve,
  target: Target,
  frame: number | undefined,
  parameters: RenderParameters,
  presentationState?: Required<Target>,
): Promise<Buffer> {
  try {
    return await retrieve.rendered(target, frame, parameters, presentationState);
  } catch (thrown) {
    if (!(thrown instanceof CausewayError) || thrown.code !== 'no-pixel-data') throw thrown;
    throw new CausewayError('cannot-render', thrown.message, { cause: thrown, details: thrown.details });
  }
}

export function sendPicture(response: Response, mediaType: string, content: Buffer): void {
  response.setHeader('Content-Type', mediaType);
  response.setHeader('Content-Length', content.length);
  response.end(content);
}
