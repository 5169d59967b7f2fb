import { transferSyntax, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { type AcceptRange, includes, type Offer } from '../accept.ts';
import { urlOf } from '../exchange.ts';

/** A way in which one instance can go out. */
export interface InstanceOffer extends Offer {
  readonly form: 'stored' | 'converted';
  readonly transferSyntaxUid: string;
}

/**
 * How an instance can be had; what goes to who names no transfer syntax comes first: Explicit VR Little Endian, unless that
 * would pass a lossy picture off as a whole one. What would have to be compressed goes only to who names it.
 * @param producible transfer syntaxes beside the stored one
 * @see PS3.18 §8.7.3.4
 */
export function instanceOffers(
  storedUid: string,
  producible: readonly string[],
  packaging: Offer['packaging'],
): InstanceOffer[] {
  const offer = (form: InstanceOffer['form'], transferSyntaxUid: string): InstanceOffer => ({
    type: 'application/dicom',
    packaging,
    form,
    transferSyntaxUid,
    costly: form === 'converted' && isCompressed(transferSyntaxUid),
  });
  const stored = offer('stored', storedUid);
  const native = producible.filter((uid) => !isCompressed(uid)).map((uid) => offer('converted', uid));
  const compressed = producible.filter(isCompressed).map((uid) => offer('converted', uid));
  return [...(transferSyntax(storedUid)?.lossy ? [stored, ...native] : [...native, stored]), ...compressed];
}

/** URL of what goes out; what something is lost of is another instance, which is not here. */
export function locationOf(
  { form, transferSyntaxUid }: InstanceOffer,
  baseUrl: string,
  instance: Parameters<typeof urlOf>[1],
): string | undefined {
  return form === 'converted' && transferSyntax(transferSyntaxUid)?.lossy ? undefined : urlOf(baseUrl, instance);
}

function isCompressed(transferSyntaxUid: string): boolean {
  return transferSyntax(transferSyntaxUid)?.codec !== 'native';
}

/** Not to be used on the web, whoever asks (PS3.18 §8.7.3). */
const notForTheWeb: ReadonlySet<string> = new Set([
  transferSyntaxUids.implicitVrLittleEndian,
  transferSyntaxUids.explicitVrBigEndian,
]);

/**
 * What a client means by a media range for instances: none is the first of the offers, `*` what is stored, or the same in Explicit VR
 * Little Endian where that is not for the web.
 */
export function includesInstance(
  offers: readonly InstanceOffer[],
): (range: AcceptRange, offer: InstanceOffer) => boolean {
  return (range, offer) => {
    if (!includes(range, offer)) return false;
    if (range.transferSyntax === undefined) return offer === offers[0];
    return range.transferSyntax === '*' ? offer === asStored(offers) : !notForTheWeb.has(range.transferSyntax);
  };
}

/** What is stored in a transfer syntax that is not for the web goes out in it only where it cannot be converted. */
function asStored(offers: readonly InstanceOffer[]): InstanceOffer | undefined {
  const stored = offers.find(({ form }) => form === 'stored');
  if (stored === undefined || !notForTheWeb.has(stored.transferSyntaxUid)) return stored;
  return (
    offers.find(({ transferSyntaxUid }) => transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian) ?? stored
  );
}
