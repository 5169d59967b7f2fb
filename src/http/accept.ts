import { CausewayError } from '../kernel/errors.ts';
import { parseMediaTypes } from '../kernel/media-type.ts';

/** One media range of an Accept header; of `multipart/related` the range is that of the parts (PS3.18 §8.7.1). */
export interface AcceptRange {
  /** `type/subtype`, either of which may be `*`. */
  readonly type: string;
  /** `either` for the range that includes multipart types and single parts alike. */
  readonly packaging: 'multipart' | 'single' | 'either';
  /** Transfer syntax UID, `*` for any, undefined where the range does not say. */
  readonly transferSyntax: string | undefined;
  /** 0 (never) to 1. */
  readonly q: number;
}

/** A representation that we can send. */
export interface Offer {
  readonly type: string;
  readonly packaging: 'multipart' | 'single';
  /** Where the representation has one. */
  readonly transferSyntaxUid?: string;
  /** Takes work that another offer, as welcome to the client, would spare. */
  readonly costly?: boolean;
}

/**
 * What a request accepts. The `accept` query parameter wins over the header; none of both is any (PS3.18 §8.3.3.1).
 * @param query value of the `accept` query parameter
 */
export function parseAccept(header: string | undefined, query?: string): AcceptRange[] {
  // In a query string `application/dicom+json` arrives with a blank unless its plus sign was encoded.
  const text = query === undefined || query.trim() === '' ? header : query.trim().replace(/(\/\w+) (?=\w)/g, '$1+');
  if (text === undefined || text.trim() === '') return [anything];
  return parseMediaTypes(text).map(({ type, parameters }) => {
    const q = quality(parameters.get('q'));
    if (type !== 'multipart/related' && type !== 'multipart/*') {
      const packaging = type === '*/*' ? 'either' : 'single';
      return { type, packaging, transferSyntax: parameters.get('transfer-syntax'), q };
    }
    const [part] = parseMediaTypes(parameters.get('type') ?? '*/*');
    const transferSyntax = parameters.get('transfer-syntax') ?? part?.parameters.get('transfer-syntax');
    return { type: part?.type ?? '*/*', packaging: 'multipart', transferSyntax, q };
  });
}

const anything: AcceptRange = { type: '*/*', packaging: 'either', transferSyntax: undefined, q: 1 };

function quality(value: string | undefined): number {
  const q = value === undefined ? 1 : Number(value);
  return Number.isFinite(q) ? Math.min(1, Math.max(0, q)) : 1;
}

/** True if the offer is what the range describes, whatever its q. */
export function includes(range: AcceptRange, offer: Offer): boolean {
  return (
    (range.packaging === 'either' || range.packaging === offer.packaging) &&
    includesType(range.type, offer.type) &&
    (range.transferSyntax === undefined ||
      range.transferSyntax === '*' ||
      offer.transferSyntaxUid === undefined ||
      range.transferSyntax === offer.transferSyntaxUid)
  );
}

function includesType(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}

function specificity(range: AcceptRange): number {
  const type = range.type === '*/*' ? 0 : range.type.endsWith('/*') ? 2 : 4;
  return type + (range.packaging === 'either' ? 0 : 8) + (range.transferSyntax ? 1 : 0);
}

/**
 * The offer that the client likes best: the highest q, then what is not costly, then what it named first, then what we
 * named first.
 * The q of an offer is that of the most specific range that includes it (RFC 9110 §12.5.1).
 * @param matches decides whether a range includes an offer, where that takes more than comparing types
 * @returns undefined if nothing is acceptable
 */
export function bestOffer<T extends Offer>(
  ranges: readonly AcceptRange[],
  offers: readonly T[],
  matches: (range: AcceptRange, offer: T) => boolean = includes,
): T | undefined {
  let best: Candidate<T> | undefined;
  for (const offer of offers) {
    let chosen: { q: number; order: number; specificity: number } | undefined;
    for (const [order, range] of ranges.entries()) {
      if (!matches(range, offer)) continue;
      const rank = specificity(range);
      if (chosen === undefined || rank > chosen.specificity) chosen = { q: range.q, order, specificity: rank };
    }
    if (chosen === undefined || chosen.q === 0) continue;
    const candidate: Candidate<T> = { offer, q: chosen.q, order: chosen.order };
    if (best === undefined || isBetter(candidate, best)) best = candidate;
  }
  return best?.offer;
}

interface Candidate<T extends Offer> {
  readonly offer: T;
  readonly q: number;
  readonly order: number;
}

function isBetter<T extends Offer>(one: Candidate<T>, other: Candidate<T>): boolean {
  if (one.q !== other.q) return one.q > other.q;
  const [isCostly, isOtherCostly] = [one.offer.costly === true, other.offer.costly === true];
  return isCostly === isOtherCostly ? one.order < other.order : isOtherCostly;
}

/** How an offer is written in Accept. */
export function describeOffer(offer: Offer): string {
  const transferSyntax = offer.transferSyntaxUid === undefined ? '' : `; transfer-syntax=${offer.transferSyntaxUid}`;
  return offer.packaging === 'multipart'
    ? `multipart/related; type="${offer.type}"${transferSyntax}`
    : `${offer.type}${transferSyntax}`;
}

/** The error for a request that accepts none of the offers; says what it could have asked for, and by which parameter. */
export function notAcceptable(offers: readonly Offer[], reason?: string, parameter = 'accept'): CausewayError {
  const acceptable = [...new Set(offers.map(describeOffer))];
  return new CausewayError(
    'not-acceptable',
    reason ?? `The request accepts none of the media types that this resource has: ${acceptable.join(', ')}.`,
    { details: { parameter, acceptable } },
  );
}

/**
 * @param parameter where the ranges stood
 * @throws CausewayError `not-acceptable` that lists the offers
 */
export function negotiate<T extends Offer>(
  ranges: readonly AcceptRange[],
  offers: readonly T[],
  parameter = 'accept',
): T {
  const offer = bestOffer(ranges, offers);
  if (offer === undefined) throw notAcceptable(offers, undefined, parameter);
  return offer;
}
