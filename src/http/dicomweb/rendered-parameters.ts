import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';

/** Pixels of one side of a picture that is asked for. */
export const maxViewportSide = 8192;
const thumbnailViewport = { width: 128, height: 128 };

/** How a picture is to be made. */
export type RenderParameters = Parameters<Retrieve['rendered']>[2];
type Window = NonNullable<RenderParameters['window']>;
type Viewport = NonNullable<RenderParameters['viewport']>;

/**
 * Query parameters of rendered resources (PS3.18 §8.3.5.1), but for the media type.
 * @throws CausewayError `bad-request` that names the parameter; `not-acceptable` for what nothing here can do
 */
export function renderedParameters(query: URLSearchParams): Omit<RenderParameters, 'mediaType'> {
  const iccProfile = iccProfileOf(query);
  const annotation = annotationOf(query);
  const quality = query.get('quality');
  const window = query.get('window');
  const viewport = query.get('viewport');
  return {
    ...(annotation === undefined ? {} : { annotation }),
    ...(iccProfile === undefined ? {} : { iccProfile }),
    ...(quality === null ? {} : { quality: Number(quality) }),
    ...(window === null ? {} : { window: parseWindow(window) }),
    ...(viewport === null ? {} : { viewport: parseViewport(viewport) }),
  };
}

/** The same for thumbnails, which know a viewport only and are small without one (PS3.18 §8.3.5.1.5). */
export function thumbnailParameters(query: URLSearchParams): Omit<RenderParameters, 'mediaType'> {
  const viewport = query.get('viewport');
  return { viewport: viewport === null ? thumbnailViewport : parseViewport(viewport) };
}

const annotationKeywords = ['patient', 'technique'] as const;

/**
 * Which annotations are asked for, each once and in one order, so that the same picture has the same name.
 * @throws CausewayError `bad-request` for a keyword that there is not
 */
export function annotationOf(query: URLSearchParams): RenderParameters['annotation'] {
  const text = query.get('annotation');
  if (text === null) return undefined;
  const asked = text.split(',').map((keyword) => keyword.trim());
  if (!asked.every((keyword) => annotationKeywords.some((known) => known === keyword))) {
    throw refusedParameter('annotation', `is a list of the keywords ${annotationKeywords.join(' and ')}`);
  }
  return annotationKeywords.filter((keyword) => asked.includes(keyword));
}

const iccProfiles = ['yes', 'srgb', 'adobergb', 'rommrgb', 'displayp3'] as const;

/**
 * Which colour profile is asked for (PS3.18 §8.3.5.1.5), as far as the OpenAPI document has it; none for `no`.
 * @throws CausewayError `bad-request` for one that there is not
 */
export function iccProfileOf(query: URLSearchParams): RenderParameters['iccProfile'] {
  const text = query.get('iccprofile') ?? 'no';
  const known = iccProfiles.find((one) => one === text);
  if (known === undefined && text !== 'no') {
    throw refusedParameter('iccprofile', `is one of no, ${iccProfiles.join(', ')}`);
  }
  return known;
}

/** @throws CausewayError `not-acceptable` for a profile in what cannot hold one */
export function requireRoomForProfile(mediaType: string, { iccProfile }: Pick<RenderParameters, 'iccProfile'>): void {
  if (iccProfile === undefined || mediaType === 'image/jpeg' || mediaType === 'image/png') return;
  throw cannotDo('iccprofile', `${mediaType} holds no colour profile`);
}

const windowFunctions: Readonly<Record<string, Window['function']>> = {
  linear: 'linear',
  'linear-exact': 'linear-exact',
  linear_exact: 'linear-exact',
  sigmoid: 'sigmoid',
};

function parseWindow(text: string): Window {
  const [center = '', width = '', name = 'linear', ...rest] = text.split(',').map((part) => part.trim());
  const windowFunction = windowFunctions[name.toLowerCase()];
  const values = { center: decimal(center), width: decimal(width) };
  if (values.center === undefined || values.width === undefined || windowFunction === undefined || rest.length > 0) {
    throw refusedParameter('window', 'is center,width,function with function linear, linear-exact or sigmoid');
  }
  if (values.width <= 0 || (windowFunction === 'linear' && values.width < 1)) {
    throw refusedParameter('window', 'needs a width above 0, and of at least 1 for the linear function');
  }
  return { center: values.center, width: values.width, function: windowFunction };
}

function parseViewport(text: string): Viewport {
  const parts = text.split(',').map((part) => part.trim());
  const [width, height] = parts.slice(0, 2).map(decimal);
  if (!isSide(width) || !isSide(height) || (parts.length !== 2 && parts.length !== 6)) {
    throw refusedParameter(
      'viewport',
      `is width,height or width,height,sx,sy,sw,sh with sides from 1 to ${maxViewportSide}`,
    );
  }
  if (parts.length === 2) return { width, height };
  const [x, y] = parts.slice(2, 4).map((part) => (part === '' ? 0 : decimal(part)));
  const [sourceWidth, sourceHeight] = parts.slice(4).map(decimal);
  if (x === undefined || y === undefined || !sourceWidth || !sourceHeight) {
    throw refusedParameter('viewport', 'has a source region sx,sy,sw,sh that is no region');
  }
  return { width, height, source: { x, y, width: sourceWidth, height: sourceHeight } };
}

function isSide(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= maxViewportSide;
}

/** The number that a decimal string holds; undefined where it holds none, or none that is finite. */
export function decimal(text: string): number | undefined {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** @param words say what is not done here */
function cannotDo(parameter: string, words: string): CausewayError {
  return new CausewayError('not-acceptable', `${words}: ask without the parameter ${parameter}.`, {
    details: { parameter },
  });
}

/** @param rule completes "The parameter quality …" */
export function refusedParameter(parameter: string, rule: string): CausewayError {
  return new CausewayError('bad-request', `The parameter ${parameter} ${rule}.`, { details: { parameter } });
}
