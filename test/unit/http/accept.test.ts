import { describe, expect, it } from 'vitest';
import { bestOffer, describeOffer, type Offer, parseAccept } from '../../../src/http/accept.ts';
import { frameOffers, includesFrames } from '../../../src/http/dicomweb/frame-offers.ts';
import { includesInstance, instanceOffers } from '../../../src/http/dicomweb/instance-offers.ts';
import { parseMediaTypes } from '../../../src/kernel/media-type.ts';

const explicit = '1.2.840.10008.1.2.1';
const baseline = '1.2.840.10008.1.2.4.50';
const jpegLs = '1.2.840.10008.1.2.4.80';
const jpeg2000 = '1.2.840.10008.1.2.4.90';

const json: Offer[] = [
  { type: 'application/dicom+json', packaging: 'single' },
  { type: 'application/json', packaging: 'single' },
  { type: 'application/dicom+xml', packaging: 'multipart' },
];
const picture: Offer[] = [
  { type: 'image/jpeg', packaging: 'single' },
  { type: 'image/png', packaging: 'single' },
];
const instance: Offer[] = [
  { type: 'application/dicom', packaging: 'multipart', transferSyntaxUid: baseline },
  { type: 'application/dicom', packaging: 'single', transferSyntaxUid: baseline },
];

const dicomJson = 'application/dicom+json';
const xml = 'multipart/related; type="application/dicom+xml"';
const manyDicom = `multipart/related; type="application/dicom"; transfer-syntax=${baseline}`;
const oneDicom = `application/dicom; transfer-syntax=${baseline}`;

describe('negotiation of media types', () => {
  it.each<[Offer[], string | undefined, string | undefined]>([
    [json, undefined, dicomJson],
    [json, '', dicomJson],
    [json, '*/*', dicomJson],
    [json, '*', dicomJson],
    [json, 'application/*', dicomJson],
    [json, 'application/dicom+json', dicomJson],
    [json, 'APPLICATION/DICOM+JSON', dicomJson],
    [json, 'application/json', 'application/json'],
    [json, 'application/json, text/plain, */*', 'application/json'],
    [json, 'application/json;q=0.5, application/dicom+json', dicomJson],
    [json, 'application/json;q=0.9, application/dicom+json;q=0.8', 'application/json'],
    [json, 'application/json; Q=0.9, application/dicom+json; q=0.8', 'application/json'],
    [json, 'text/html, application/xhtml+xml, */*;q=0.1', dicomJson],
    [json, 'application/dicom+json;q=0, */*', 'application/json'],
    [json, '*/*;q=0', undefined],
    [json, 'text/html', undefined],
    [json, 'multipart/related; type="application/dicom+xml"', xml],
    [json, 'multipart/related;type=application/dicom+xml', xml],
    [json, 'multipart/related', xml],
    [json, 'multipart/*', xml],
    [json, 'Multipart/Related; TYPE="application/dicom+xml"', xml],
    [json, 'application/dicom+xml', undefined],
    [json, 'multipart/related; type="application/dicom+json"', undefined],
    [json, 'multipart/related; type="application/dicom+xml";q=0.3, application/dicom+json;q=0.2', xml],
    [json, 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', dicomJson],
    [json, 'application/dicom+json; charset=utf-8', dicomJson],
    [json, 'rubbish, application/json', 'application/json'],
    [json, 'application/json;q=x', 'application/json'],
    [picture, '*/*', 'image/jpeg'],
    [picture, 'image/*', 'image/jpeg'],
    [picture, 'image/', 'image/jpeg'],
    [picture, 'image/png', 'image/png'],
    [picture, 'image/png, image/jpeg', 'image/png'],
    [picture, 'image/jpeg, image/png', 'image/jpeg'],
    [picture, 'image/png;q=0.5, image/jpeg;q=0.4', 'image/png'],
    [picture, 'image/png;q=0.4, image/*;q=0.5', 'image/jpeg'],
    [picture, 'image/gif, image/png;q=0.1', 'image/png'],
    [picture, 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/jpeg'],
    [picture, 'image/gif', undefined],
    [picture, 'image/jpeg;q=0', undefined],
    [picture, 'image/*, image/jpeg;q=0', 'image/png'],
    [picture, 'multipart/related; type="image/jpeg"', undefined],
    [instance, '*/*', manyDicom],
    [instance, 'multipart/related; type="application/dicom"', manyDicom],
    [instance, 'multipart/related; type=application/dicom', manyDicom],
    [instance, 'multipart/related; type="application/dicom"; transfer-syntax=*', manyDicom],
    [instance, 'multipart/related; type="application/dicom; transfer-syntax=*"', manyDicom],
    [instance, `multipart/related; type="application/dicom"; transfer-syntax=${baseline}`, manyDicom],
    [instance, `multipart/related; type="application/dicom"; transfer-syntax="${baseline}"`, manyDicom],
    [instance, `multipart/related; type="application/dicom"; Transfer-Syntax=${baseline}`, manyDicom],
    [instance, `multipart/related; type="application/dicom"; transfer-syntax=${explicit}`, undefined],
    [instance, 'application/dicom', oneDicom],
    [instance, 'application/dicom; transfer-syntax=*', oneDicom],
    [instance, `application/dicom; transfer-syntax=${jpeg2000}`, undefined],
    [instance, `application/dicom; transfer-syntax=${jpeg2000}, application/dicom; transfer-syntax=*; q=0.1`, oneDicom],
    [instance, 'application/octet-stream', undefined],
  ])('of %j with Accept %j sends %s', (offers, header, expected) => {
    const offer = bestOffer(parseAccept(header), offers);
    expect(offer && describeOffer(offer)).toBe(expected);
  });
});

describe('negotiation of frames', () => {
  const many = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
  const wsi = [
    'multipart/related; type="image/jls"',
    'multipart/related; type="image/jp2"',
    'multipart/related; type="image/jpx"',
    'multipart/related; type="application/octet-stream"; transfer-syntax=*',
    'multipart/related; type="image/jpeg"',
  ].join(', ');
  it.each<[string, string | undefined, string | undefined]>([
    [explicit, many, 'native multipart application/octet-stream'],
    ['1.2.840.10008.1.2', many, 'native multipart application/octet-stream'],
    ['1.2.840.10008.1.2.2', many, 'native multipart application/octet-stream'],
    [baseline, many, 'stored multipart image/jpeg'],
    [jpegLs, many, 'stored multipart image/jls'],
    [jpeg2000, many, 'stored multipart image/jp2'],
    ['1.2.840.10008.1.2.4.92', many, 'stored multipart image/jpx'],
    ['1.2.840.10008.1.2.4.201', many, 'stored multipart image/jphc'],
    ['1.2.840.10008.1.2.4.110', many, 'stored multipart image/jxl'],
    ['1.2.840.10008.1.2.5', many, 'stored multipart image/dicom-rle'],
    ['1.2.840.10008.1.2.4.102', many, 'stored multipart video/mp4'],
    ['1.2.840.10008.1.2.8.1', many, 'stored multipart application/octet-stream'],
    [baseline, wsi, 'stored multipart image/jpeg'],
    [jpeg2000, wsi, 'stored multipart image/jp2'],
    [jpegLs, wsi, 'stored multipart image/jls'],
    [explicit, wsi, 'native multipart application/octet-stream'],
    [jpegLs, undefined, 'native multipart application/octet-stream'],
    [baseline, undefined, 'stored multipart image/jpeg'],
    [jpegLs, 'multipart/related; type="application/octet-stream"', 'native multipart application/octet-stream'],
    [baseline, 'multipart/related; type="application/octet-stream"', 'native multipart application/octet-stream'],
    [
      baseline,
      `multipart/related; type=application/octet-stream; transfer-syntax=${explicit}`,
      'native multipart application/octet-stream',
    ],
    [
      baseline,
      `multipart/related; type=application/octet-stream; transfer-syntax=${baseline}`,
      'stored multipart image/jpeg',
    ],
    [baseline, `multipart/related; type="image/jpeg"; transfer-syntax=${baseline}`, 'stored multipart image/jpeg'],
    [baseline, 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.70', undefined],
    [jpegLs, 'multipart/related; type="image/x-jls"', 'stored multipart image/jls'],
    [jpegLs, 'multipart/related; type="image/dicom+jpeg-ls"', 'stored multipart image/jls'],
    ['1.2.840.10008.1.2.5', 'multipart/related; type="image/x-dicom-rle"', 'stored multipart image/dicom-rle'],
    [jpeg2000, 'multipart/related; type="image/*"', 'stored multipart image/jp2'],
    [jpeg2000, 'image/jp2', 'stored single image/jp2'],
    [jpeg2000, 'image/*', 'stored single image/jp2'],
    [jpeg2000, 'application/octet-stream', 'native single application/octet-stream'],
    [jpeg2000, 'application/octet-stream; transfer-syntax=*', 'stored single image/jp2'],
    [jpeg2000, 'image/jpeg', undefined],
    [jpeg2000, 'image/jpeg, multipart/related; type="image/jp2"; q=0.2', 'stored multipart image/jp2'],
    [explicit, 'image/jpeg', undefined],
    ['1.9.9.private', many, 'native multipart application/octet-stream'],
  ])('stored in %s with Accept %j go out as %s', (stored, header, expected) => {
    const offers = frameOffers(stored, [], false);
    const offer = bestOffer(parseAccept(header), offers, includesFrames(offers));
    expect(offer && `${offer.form} ${offer.packaging} ${offer.type}`).toBe(expected);
  });

  it('need several parts where several are asked for', () => {
    const offers = frameOffers(baseline, [], true);
    expect(bestOffer(parseAccept('image/jpeg'), offers, includesFrames(offers))).toBeUndefined();
  });
});

describe('frames that can be encoded', () => {
  const rle = '1.2.840.10008.1.2.5';
  const producible = [explicit, jpegLs, rle];

  it.each([
    [explicit, undefined, explicit],
    [explicit, 'multipart/related; type=application/octet-stream; transfer-syntax=*', explicit],
    [explicit, 'multipart/related; type="*/*"; transfer-syntax=*', explicit],
    [explicit, 'multipart/related; type="image/jls"', jpegLs],
    [explicit, 'multipart/related; type="image/x-jls"; transfer-syntax=*', jpegLs],
    [explicit, `multipart/related; type="image/jls"; transfer-syntax=${jpegLs}`, jpegLs],
    [explicit, `multipart/related; type="application/octet-stream"; transfer-syntax=${rle}`, rle],
    [explicit, 'image/dicom-rle', rle],
    [explicit, 'image/jls, application/octet-stream', explicit],
    [explicit, 'image/jls, application/octet-stream; q=0.9', jpegLs],
    [explicit, 'image/jls; q=0.5, application/octet-stream; q=0.5', explicit],
    [explicit, 'image/jp2', undefined],
    [baseline, 'image/jls, image/jp2, application/octet-stream; transfer-syntax=*, image/jpeg', baseline],
    [baseline, 'image/dicom-rle', rle],
    [baseline, 'image/*', baseline],
  ])('stored in %s with Accept %j go out in %s', (stored, header, expected) => {
    const offers = frameOffers(
      stored,
      producible.filter((uid) => uid !== stored),
      false,
    );
    expect(bestOffer(parseAccept(header), offers, includesFrames(offers))?.transferSyntaxUid).toBe(expected);
  });
});

describe('what would lose something', () => {
  const lossless = '1.2.840.10008.1.2.4.70';
  it.each([
    ['image/jpeg', [lossless, baseline], lossless],
    ['image/jpeg', [baseline], undefined],
    ['image/jpeg; transfer-syntax=*', [baseline], undefined],
    ['*/*', [baseline], explicit],
    [`image/jpeg; transfer-syntax=${baseline}`, [lossless, baseline], baseline],
    [`application/octet-stream; transfer-syntax=${baseline}`, [baseline], baseline],
  ])('goes only to who names it: Accept %j with %j gives %j', (header, producible, expected) => {
    const offers = frameOffers(explicit, producible, false);
    expect(bestOffer(parseAccept(header), offers, includesFrames(offers))?.transferSyntaxUid).toBe(expected);
  });

  it('is no instance for who takes any', () => {
    const offers = instanceOffers(jpeg2000, [explicit, baseline], 'single');
    const best = (header: string) =>
      bestOffer(parseAccept(header), offers, includesInstance(offers))?.transferSyntaxUid;
    expect(best('application/dicom')).toBe(explicit);
    expect(best('application/dicom; transfer-syntax=*')).toBe(jpeg2000);
    expect(best(`application/dicom; transfer-syntax=${baseline}`)).toBe(baseline);
  });
});

describe('instances that can be encoded', () => {
  it.each([
    [explicit, undefined, [explicit]],
    [explicit, 'application/dicom; transfer-syntax=*', [explicit]],
    [explicit, `application/dicom; transfer-syntax=${jpegLs}`, [jpegLs]],
    [baseline, undefined, [baseline]],
    [jpeg2000, 'application/dicom', [explicit]],
    [jpeg2000, `application/dicom; transfer-syntax=${jpegLs}, application/dicom`, [explicit]],
    [jpeg2000, `application/dicom; transfer-syntax=${jpegLs}, application/dicom; q=0.1`, [jpegLs]],
    [jpeg2000, `application/dicom; transfer-syntax=${jpegLs}, application/dicom; transfer-syntax=*`, [jpeg2000]],
    [jpeg2000, 'application/dicom; transfer-syntax=1.2.840.10008.1.2', []],
  ])('stored in %s with Accept %j go out in %j', (stored, header, expected) => {
    const producible = [explicit, jpegLs].filter((uid) => uid !== stored);
    const offers = instanceOffers(stored, producible, 'single');
    const best = bestOffer(parseAccept(header), offers, includesInstance(offers));
    expect(best === undefined ? [] : [best.transferSyntaxUid]).toEqual(expected);
  });
});

describe('the accept query parameter', () => {
  it('wins over the header', () => {
    const offer = bestOffer(parseAccept('application/json', 'application/dicom+json'), json);
    expect(offer?.type).toBe('application/dicom+json');
  });

  it('may have its plus sign unencoded', () => {
    const offer = bestOffer(parseAccept('application/json', 'application/dicom json'), json);
    expect(offer?.type).toBe('application/dicom+json');
  });

  it('leaves it to the header where it is empty', () => {
    expect(bestOffer(parseAccept('application/json', ''), json)?.type).toBe('application/json');
  });
});

describe('media types', () => {
  it('keep separators and escapes within quotes', () => {
    const [one, two] = parseMediaTypes('a/b; x="1;2,\\"3\\""; y=z , c/d');
    expect(one?.parameters).toEqual(
      new Map([
        ['x', '1;2,"3"'],
        ['y', 'z'],
      ]),
    );
    expect(two?.type).toBe('c/d');
  });

  it('survive a quote that is not closed', () => {
    expect(parseMediaTypes('a/b; x="1; y=2, c/d')).toHaveLength(1);
  });
});

describe('a transfer syntax in Accept', () => {
  it('does not matter to what has none', () => {
    const ranges = parseAccept(`multipart/related; type="application/octet-stream"; transfer-syntax=${explicit}`);
    expect(bestOffer(ranges, [{ type: 'application/octet-stream', packaging: 'multipart' }])).toBeDefined();
  });
});
