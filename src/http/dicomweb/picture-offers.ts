import type { RenderParameters } from './rendered-parameters.ts';

/** One picture, or several in parts. */
interface PictureOffer {
  readonly type: RenderParameters['mediaType'];
  readonly packaging: 'single' | 'multipart';
}

/** The first is the default (PS3.18 §8.7.4). */
export const singlePictures: readonly PictureOffer[] = [
  { type: 'image/jpeg', packaging: 'single' },
  { type: 'image/png', packaging: 'single' },
];

export const multipartPictures = singlePictures.map((offer): PictureOffer => ({ ...offer, packaging: 'multipart' }));
