import type { EncodedFrame, Imaging, RenderParameters } from '../imaging/imaging.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { FrameCache } from './frame-cache.ts';

/** Renders each picture once while it is wanted: who asks at the same time shares the work, who asks soon after the result. */
export interface RenderedPictures {
  /** @param readFrame asked only if the picture is not there yet. @throws CausewayError as `Imaging.render` and `readFrame` */
  render(picture: WantedPicture, readFrame: () => Promise<EncodedFrame>): Promise<Buffer>;
}

export interface WantedPicture {
  /** Of the image. */
  readonly blobKey: string;
  /** From 1. */
  readonly frameNumber: number;
  readonly parameters: RenderParameters;
  /** Of the presentation state that is applied. */
  readonly stateBlobKey: string | undefined;
  /** Is part of something that is kept itself. */
  readonly passing?: boolean;
}

export function createRenderedPictures(imaging: Pick<Imaging, 'render'>, cache: FrameCache): RenderedPictures {
  const flight = createSingleFlight<Buffer>();

  return {
    async render({ blobKey, frameNumber, parameters, stateBlobKey = '', passing = false }, readFrame) {
      const key = `${stateBlobKey} ${blobKey} ${frameNumber} ${textOf(parameters)}`;
      const kept = cache.get(key);
      if (Buffer.isBuffer(kept)) return kept;
      return flight.run(key, async () => {
        const picture = await imaging.render(await readFrame(), parameters);
        if (!passing) cache.set(key, picture, picture.length);
        return picture;
      });
    },
  };
}

/** The same text for the same parameters, in whatever order they were put together. */
function textOf({ mediaType, quality, window, annotation, iccProfile, viewport, region }: RenderParameters): string {
  const source = viewport?.source;
  return JSON.stringify([
    mediaType,
    quality,
    window && [window.center, window.width, window.function],
    annotation,
    iccProfile,
    viewport && [viewport.width, viewport.height],
    source && [source.x, source.y, source.width, source.height],
    region && [region.left, region.top, region.right, region.bottom],
  ]);
}
