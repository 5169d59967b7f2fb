import { transferSyntax, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { type AcceptRange, includes, type Offer } from '../accept.ts';

/** A way in which frames of one instance can go out. */
export interface FrameOffer extends Offer {
  readonly form: 'stored' | 'native' | 'encoded';
  readonly transferSyntaxUid: string;
}

const octetStream = 'application/octet-stream';

/** Other names of the media types of PS3.18 Table 8.7.3-5, as older editions had them and viewers still send them. */
const oldNames: Readonly<Record<string, string>> = {
  'image/x-jls': 'image/jls',
  'image/x-dicom-rle': 'image/dicom-rle',
  'image/jph': 'image/jphc',
  'image/dicom+jpeg': 'image/jpeg',
  'image/dicom+jpeg-ls': 'image/jls',
  'image/dicom+jp2': 'image/jp2',
  'image/dicom+jpx': 'image/jpx',
  'image/dicom+rle': 'image/dicom-rle',
};

/**
 * How frames can be had, what we send to who accepts anything first: uncompressed, unless that would pretend that a
 * lossy picture is whole (PS3.18 §8.7.3.3).
 * What would have to be compressed goes to who accepts nothing else as gladly.
 * @param producible transfer syntaxes beside the stored one
 * @param several more than one frame is asked for, which takes several parts
 */
export function frameOffers(storedUid: string, producible: readonly string[], several: boolean): FrameOffer[] {
  const syntax = transferSyntax(storedUid);
  const native = packagings(several, {
    type: octetStream,
    form: 'native',
    transferSyntaxUid: transferSyntaxUids.explicitVrLittleEndian,
  });
  const encoded = producible.flatMap((uid) => encodedOffers(uid, several));
  if (syntax === undefined || syntax.codec === 'native') return [...native, ...encoded];
  const stored = packagings(several, { type: syntax.frameMediaType, form: 'stored', transferSyntaxUid: storedUid });
  return [...(syntax.lossy ? [...stored, ...native] : [...native, ...stored]), ...encoded];
}

function encodedOffers(transferSyntaxUid: string, several: boolean): FrameOffer[] {
  const syntax = transferSyntax(transferSyntaxUid);
  if (syntax === undefined || syntax.codec === 'native') return [];
  return packagings(several, { type: syntax.frameMediaType, form: 'encoded', transferSyntaxUid, costly: true });
}

/** Nothing is lost but for who asks for the loss by its name; and bytes without a name are uncompressed. */
function isLossy({ transferSyntaxUid }: FrameOffer): boolean {
  return transferSyntax(transferSyntaxUid)?.lossy === true;
}

function packagings(several: boolean, form: Omit<FrameOffer, 'packaging'>): FrameOffer[] {
  const multipart = { ...form, packaging: 'multipart' } as const;
  return several ? [multipart] : [multipart, { ...form, packaging: 'single' }];
}

/**
 * What a viewer means by a media range for frames. OHIF asks for `application/octet-stream; transfer-syntax=*` and
 * wants the frame as it is stored, whatever its media type is then.
 */
export function includesFrames(offers: readonly FrameOffer[]): (range: AcceptRange, offer: FrameOffer) => boolean {
  const storedIsEncoded = offers.some(({ form }) => form === 'stored');
  return (range, offer) => {
    const type = oldNames[range.type] ?? range.type;
    if (offer.form === 'native') {
      return !(range.transferSyntax === '*' && storedIsEncoded) && includes({ ...range, type }, offer);
    }
    if (offer.form === 'encoded' && type === octetStream && range.transferSyntax === '*') return false;
    const isOnlyByName = isLossy(offer) || offer.type === octetStream;
    if (offer.form === 'encoded' && isOnlyByName && range.transferSyntax !== offer.transferSyntaxUid) return false;
    if (type === octetStream && range.transferSyntax !== undefined) {
      return includes({ ...range, type: offer.type }, offer);
    }
    return includes({ ...range, type }, offer);
  };
}
