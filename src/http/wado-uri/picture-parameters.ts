import {
  annotationOf,
  decimal,
  iccProfileOf,
  maxViewportSide,
  type RenderParameters,
  refusedParameter,
} from '../dicomweb/rendered-parameters.ts';

type Region = NonNullable<RenderParameters['region']>;

/** Where only one side is given, the other may be as long as it likes, within what may be rendered at all. */
const maxPixels = 60_000_000;

/** Parameters that say how a picture is to look, and so mean nothing for the instance itself. */
export const pictureParameterNames = [
  'annotation',
  'iccprofile',
  'rows',
  'columns',
  'region',
  'windowCenter',
  'windowWidth',
  'frameNumber',
  'imageQuality',
  'presentationUID',
  'presentationSeriesUID',
] as const;

/**
 * How WADO-URI says what a picture is to look like (PS3.18 §9.1.2), but for media type and frame. What the OpenAPI
 * document says of single parameters is checked already.
 * @throws CausewayError `bad-request` that names the parameter; `not-acceptable` for what nothing here can do
 */
export function pictureParameters(query: URLSearchParams): Omit<RenderParameters, 'mediaType'> {
  const annotation = annotationOf(query);
  const iccProfile = iccProfileOf(query);
  const quality = query.get('imageQuality');
  const region = query.get('region');
  const window = windowOf(query.get('windowCenter'), query.get('windowWidth'));
  const viewport = viewportOf(query.get('rows'), query.get('columns'));
  return {
    ...(annotation === undefined ? {} : { annotation }),
    ...(iccProfile === undefined ? {} : { iccProfile }),
    ...(quality === null ? {} : { quality: Number(quality) }),
    ...(window === undefined ? {} : { window }),
    ...(viewport === undefined ? {} : { viewport }),
    ...(region === null ? {} : { region: regionOf(region) }),
  };
}

/**
 * The presentation state that is to be applied, of the study of the image (PS3.18 §9.1.2).
 * @throws CausewayError `bad-request` if a part of its name is missing, or with a region: what is shown is up to the state
 */
export function presentationStateOf(query: URLSearchParams, studyInstanceUid: string) {
  const sopInstanceUid = query.get('presentationUID');
  const seriesInstanceUid = query.get('presentationSeriesUID');
  if (sopInstanceUid === null && seriesInstanceUid === null) return undefined;
  if (sopInstanceUid === null) {
    throw refusedParameter('presentationUID', 'is missing: presentationSeriesUID goes with it');
  }
  if (seriesInstanceUid === null) {
    throw refusedParameter('presentationSeriesUID', 'is missing: presentationUID goes with it');
  }
  if (query.has('region'))
    throw refusedParameter('region', 'does not go with presentationUID, which says what is shown');
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
}

/** Linear where that can be: it needs a width of at least 1 (PS3.3 §C.11.2.1.2.1). */
function windowOf(centerText: string | null, widthText: string | null): RenderParameters['window'] {
  if (centerText === null && widthText === null) return undefined;
  if (centerText === null) throw refusedParameter('windowCenter', 'is missing: windowWidth goes with it');
  if (widthText === null) throw refusedParameter('windowWidth', 'is missing: windowCenter goes with it');
  const [center, width] = [decimal(centerText.trim()), decimal(widthText.trim())];
  if (center === undefined) throw refusedParameter('windowCenter', 'is a decimal number');
  if (width === undefined || width <= 0) throw refusedParameter('windowWidth', 'is a decimal number above 0');
  return { center, width, function: width < 1 ? 'linear-exact' : 'linear' };
}

/** Rows and columns are the most that the picture may have; its proportions stay. */
function viewportOf(rows: string | null, columns: string | null): RenderParameters['viewport'] {
  if (rows === null && columns === null) return undefined;
  const [height, width] = [Number(rows), Number(columns)];
  const beside = (side: number) => Math.min(maxViewportSide, Math.floor(maxPixels / side));
  if (rows === null) return { width, height: beside(width) };
  return { width: columns === null ? beside(height) : width, height };
}

function regionOf(text: string): Region {
  const parts = text.split(',').map((part) => decimal(part.trim()));
  const [left, top, right, bottom] = parts;
  const fractions = parts.every((part) => part !== undefined && part >= 0 && part <= 1);
  if (!fractions || parts.length !== 4 || left! >= right! || top! >= bottom!) {
    throw refusedParameter('region', 'is xmin,ymin,xmax,ymax from 0.0 to 1.0, each minimum below its maximum');
  }
  return { left: left!, top: top!, right: right!, bottom: bottom! };
}
