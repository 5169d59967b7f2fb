import type { CineMediaType } from '../../retrieve/retrieve.ts';
import { type AcceptRange, bestOffer, describeOffer, negotiate, notAcceptable, type Offer } from '../accept.ts';

export type PictureMediaType = 'image/jpeg' | 'image/png' | 'image/gif';

/** One picture, or several in parts. */
export interface PictureOffer extends Offer {
  readonly form: 'picture';
  readonly type: PictureMediaType;
}

/** Frames one after the other. */
export interface CineOffer extends Offer {
  readonly form: 'cine';
  readonly type: CineMediaType;
  readonly packaging: 'single';
}

const pictureTypes = ['image/jpeg', 'image/png', 'image/gif'] as const;

/** The first is the default (PS3.18 §8.7.4). */
export const singlePictures = pictureTypes.map(
  (type): PictureOffer => ({ form: 'picture', type, packaging: 'single' }),
);

export const multipartPictures = singlePictures.map((offer): PictureOffer => ({ ...offer, packaging: 'multipart' }));

/**
 * Several frames: pictures of them, or all of them as a loop. A single GIF is the loop.
 * @param cine what the frames can be played as; empty where they cannot
 */
export function framesOffers(
  pictures: readonly PictureOffer[],
  cine: readonly CineMediaType[],
): readonly (PictureOffer | CineOffer)[] {
  const isLoop = (offer: PictureOffer) => offer.packaging === 'single' && cine.some((type) => type === offer.type);
  return [
    ...pictures.filter((offer) => !isLoop(offer)),
    ...cine.map((type): CineOffer => ({ form: 'cine', type, packaging: 'single' })),
  ];
}

/**
 * @param cine what the frames can be played as
 * @param parameter where the ranges stood
 * @throws CausewayError `not-acceptable` that lists the offers, and says why there is no video
 */
export function negotiateFrames<T extends Offer>(
  ranges: readonly AcceptRange[],
  offers: readonly T[],
  cine: readonly CineMediaType[],
  parameter?: string,
): T {
  const isPlayed = cine.length > 0 && !cine.includes('video/mp4');
  const wantsVideo = ranges.some(({ q, type }) => q > 0 && (type === 'video/mp4' || type === 'video/*'));
  if (!isPlayed || !wantsVideo || bestOffer(ranges, offers) !== undefined) return negotiate(ranges, offers, parameter);
  const words = `Videos are made by ffmpeg, which this server does not have. There is: ${offers.map(describeOffer).join(', ')}.`;
  throw notAcceptable(offers, words, parameter);
}
