import { CausewayError } from '../kernel/errors.ts';

/** What a scan may cost, whoever sends the file. Each is refused with `limit-exceeded` and its name. */
export interface ScanLimits {
  /** Sequences within sequences. */
  readonly maxDepth: number;
  /** Attributes and sequence items, all levels together. */
  readonly maxElements: number;
  /** Bytes of the values that are held as attributes, with an allowance for each attribute. Pixels and bulk data do not count. */
  readonly maxMetadataBytes: number;
  /** Fragments of encapsulated Pixel Data. */
  readonly maxFragments: number;
  /** Bytes that a deflated data set may grow to. */
  readonly maxInflatedBytes: number;
}

export const defaultScanLimits: ScanLimits = {
  maxDepth: 128,
  maxElements: 1_000_000,
  maxMetadataBytes: 64 * 1024 * 1024,
  maxFragments: 1_048_576,
  maxInflatedBytes: 16 * 1024 ** 3,
};

/** Values longer than this are located rather than held, whatever the limits. Bytes. */
export const inlineBytes = {
  /** OB OD OF OL OV OW UN (PS3.18 §F.2.6 leaves it to the origin server). */
  binary: 1024,
  /** AT FD FL SL SS SV UL US UV. */
  numbers: 64 * 1024,
  text: 1024 * 1024,
  /** Lookup tables: viewers cannot show a picture without them. */
  lookupTable: 1024 * 1024,
} as const;

/** What an attribute or item costs beside its value, in `maxMetadataBytes`: about what it takes as an object. */
export const bytesPerElement = 128;

export function limitExceeded(
  limit: keyof ScanLimits,
  limits: ScanLimits,
  offset: number,
  what: string,
): CausewayError {
  return new CausewayError('limit-exceeded', `${what} at byte ${offset}: more than ${limits[limit]} (${limit}).`, {
    details: { limit, offset },
  });
}
