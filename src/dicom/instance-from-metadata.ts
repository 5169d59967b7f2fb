import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import type { CodestreamImage } from './codestream-image.ts';
import { encodeFileHeader } from './file-meta.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { type BulkSource, type DataSetPiece, dataSetPieces } from './json-writer.ts';
import type { Mp4Video } from './mp4-video.ts';
import { type BulkContent, type BulkSlice, isCodestreamType, type SentBulk } from './sent-bulk.ts';
import { transferSyntax } from './transfer-syntaxes.ts';

export interface BuiltInstance {
  /** Part 10 files in Explicit VR, little endian. */
  readonly pieces: readonly DataSetPiece[];
  /** Attributes of the metadata that the pixel data contradicted. */
  readonly coerced: readonly string[];
}

const explicitLittle = '1.2.840.10008.1.2.1';
const pixelDataTag = '7FE00010';
const encapsulatedDocumentTag = '00420011';

/** Media types of streams that are kept as they are. */
const videoSyntaxes: Readonly<Record<string, string>> = {
  'video/mp4': '1.2.840.10008.1.2.4.102',
  'video/mpeg': '1.2.840.10008.1.2.4.100',
};

/**
 * Makes a Part 10 file of metadata and the bulk data that it refers to. Attributes that follow the pixel data are those
 * of the codestream, whatever the metadata says; those of an encapsulated document follow the document.
 * @param metadata as `validateDicomJson` returns it; group 0002 is made anew
 * @param bulkOf undefined for what was not sent
 * @throws CausewayError `malformed` naming the attribute, `unsupported-media-type`
 * @see PS3.18 §8.7.3.3, §10.5.1.2.2
 */
export function instanceFromMetadata(
  metadata: DicomJson,
  bulkOf: (uri: string) => SentBulk | undefined,
): BuiltInstance {
  const attributes = Object.fromEntries(Object.entries(metadata).filter(([tag]) => !tag.startsWith('0002')));
  const pixelUri = attributes[pixelDataTag]?.BulkDataURI;
  const pixels = sentBulkOf(attributes[pixelDataTag], bulkOf);
  const document = sentBulkOf(attributes[encapsulatedDocumentTag], bulkOf);
  const compressed = pixels === undefined ? undefined : compressedPixels(pixels);
  const image = compressed?.image ?? unpackedImage(pixels?.pictures);
  const derived = {
    ...(image === undefined
      ? {}
      : imageAttributes(image, compressed?.frames ?? pixels!.pictures?.length ?? pixels!.contents.length, attributes)),
    ...unpackedAttributes(pixels?.pictures, attributes),
    ...(document === undefined ? {} : documentAttributes(document)),
  };
  const coerced = Object.keys(derived).filter((tag) => contradicts(attributes[tag], derived[tag]));
  Object.assign(attributes, derived);
  const bulk: BulkSource = (uri, tag) => {
    // An icon has Pixel Data, too, and a URI of its own.
    if (tag === pixelDataTag && uri === pixelUri && compressed !== undefined)
      return { fragments: compressed.fragments };
    const sent = bulkOf(uri);
    if (sent === undefined) return undefined;
    const [content] = sent.contents;
    if (sent.contents.length > 1) throw malformed(tag, 'refers to several parts, which only compressed pixels may do');
    return content && wholeOf(content);
  };
  const text = (tag: string) => String(attributes[tag]?.Value?.[0] ?? '');
  const header = encodeFileHeader({
    sopClassUid: text('00080016'),
    sopInstanceUid: text('00080018'),
    transferSyntaxUid: compressed?.transferSyntaxUid ?? explicitLittle,
  });
  return { pieces: [header, ...dataSetPieces(attributes, bulk)], coerced };
}

function sentBulkOf(
  element: DicomJsonElement | undefined,
  bulkOf: (uri: string) => SentBulk | undefined,
): SentBulk | undefined {
  return element?.BulkDataURI === undefined ? undefined : bulkOf(element.BulkDataURI);
}

interface CompressedPixels {
  readonly transferSyntaxUid: string;
  readonly fragments: readonly BulkSlice[];
  /** Undefined where the stream is kept without being read. */
  readonly image: CodestreamImage | undefined;
  /** Where they are not one for each fragment. */
  readonly frames?: number | undefined;
}

/** @returns undefined if the pixels are native */
function compressedPixels({
  mediaType,
  transferSyntaxUid,
  contents,
  codestreams = [],
  video: mp4,
}: SentBulk): CompressedPixels | undefined {
  const stated = transferSyntaxUid === undefined ? undefined : transferSyntax(transferSyntaxUid);
  if (transferSyntaxUid !== undefined && stated === undefined) {
    throw malformed(pixelDataTag, 'is sent in a transfer syntax that the Standard does not know');
  }
  if (isCodestreamType(mediaType)) {
    const image = codestreams[0]?.image;
    if (image === undefined) throw malformed(pixelDataTag, `is sent as ${mediaType}, which it is not`);
    const differing = codestreams.findIndex((one) => !sameImage(one.image, image));
    if (differing >= 0) throw malformed(pixelDataTag, `has another kind of codestream in frame ${differing + 1}`);
    const fragments = contents.map((content, at) => {
      const { offset = 0, length = content.length } = codestreams[at] ?? {};
      return { content, offset, length };
    });
    const isSameCodec = stated?.codec === transferSyntax(image.transferSyntaxUid)?.codec;
    return { transferSyntaxUid: isSameCodec ? stated!.uid : image.transferSyntaxUid, fragments, image };
  }
  const video = videoSyntaxes[mediaType];
  if (video !== undefined) {
    if (contents.length > 1) throw malformed(pixelDataTag, 'is a video in several parts');
    const read = mediaType === 'video/mp4' ? videoImage(mp4) : undefined;
    if (mediaType === 'video/mp4' && read === undefined) {
      throw malformed(
        pixelDataTag,
        'is sent as video/mp4, and its header names no H.264 or HEVC pictures that DICOM has a transfer syntax for',
      );
    }
    // Who says it knows of stereo and Blu-ray, which the file itself does not tell.
    const isSameCodec = stated?.video && stated.codec === transferSyntax(read?.image.transferSyntaxUid ?? video)?.codec;
    const transferSyntaxUid = isSameCodec ? stated.uid : (read?.image.transferSyntaxUid ?? video);
    return { transferSyntaxUid, fragments: contents.map(wholeOf), image: read?.image, frames: read?.frames };
  }
  if (mediaType !== 'application/octet-stream') {
    throw new CausewayError('unsupported-media-type', `Pixel Data (7FE0,0010) cannot be stored from ${mediaType}.`, {
      details: { tag: pixelDataTag },
    });
  }
  if (stated !== undefined && stated.uid !== explicitLittle) {
    throw malformed(pixelDataTag, 'is sent as octets in another transfer syntax than Explicit VR Little Endian');
  }
  return undefined;
}

/** Frames of native pixels have no header; what the pictures said stands in its place. */
function unpackedImage(pictures: SentBulk['pictures'] = []): CodestreamImage | undefined {
  const images = pictures.map(({ rows, columns, samplesPerPixel, bitsAllocated }) => ({
    transferSyntaxUid: explicitLittle,
    rows,
    columns,
    samplesPerPixel,
    bitsAllocated,
    bitsStored: bitsAllocated,
    pixelRepresentation: 0 as const,
    photometricInterpretations:
      samplesPerPixel === 1 ? (['MONOCHROME2', 'MONOCHROME1', 'PALETTE COLOR'] as const) : (['RGB'] as const),
    lossy: false,
  }));
  const [first] = images;
  if (first === undefined) return undefined;
  const differing = images.findIndex((one) => !sameImage(one, first));
  if (differing >= 0) throw malformed(pixelDataTag, `has another kind of picture in frame ${differing + 1}`);
  return first;
}

function unpackedAttributes(pictures: SentBulk['pictures'] = [], { '00282000': stated, ...metadata }: DicomJson) {
  const [first] = pictures;
  if (first === undefined) return {};
  const { BulkDataURI } = metadata[pixelDataTag]!;
  return {
    [pixelDataTag]: { vr: first.bitsAllocated > 8 ? 'OW' : 'OB', BulkDataURI },
    ...(first.iccProfile === undefined || stated !== undefined
      ? {}
      : { '00282000': { vr: 'OB', InlineBinary: Buffer.from(first.iccProfile).toString('base64') } }),
  } as DicomJson;
}

function wholeOf(content: BulkContent): BulkSlice {
  return { content, offset: 0, length: content.length };
}

function videoImage(video: Mp4Video | undefined): { image: CodestreamImage; frames: number } | undefined {
  if (video === undefined) return undefined;
  const { transferSyntaxUid, rows, columns, bitsStored, frames } = video;
  const image: CodestreamImage = {
    transferSyntaxUid,
    rows,
    columns,
    samplesPerPixel: 3,
    bitsAllocated: bitsStored > 8 ? 16 : 8,
    bitsStored,
    pixelRepresentation: 0,
    photometricInterpretations: ['YBR_PARTIAL_420'],
    lossy: true,
  };
  return { image, frames };
}

function sameImage(one: CodestreamImage | undefined, other: CodestreamImage): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}

/** The Image Pixel Module as the codestream has it; what a codestream does not tell stays as the metadata have it. */
function imageAttributes(image: CodestreamImage, frames: number, metadata: DicomJson): DicomJson {
  const pixelRepresentation = image.pixelRepresentation ?? (metadata['00280103']?.Value?.[0] === 1 ? 1 : 0);
  const bitsStored = bitsStoredIn(image, pixelRepresentation, metadata);
  return {
    '00280002': { vr: 'US', Value: [image.samplesPerPixel] },
    '00280004': { vr: 'CS', Value: [photometricIn(image, metadata)] },
    ...(image.samplesPerPixel > 1 ? { '00280006': { vr: 'US', Value: [0] } } : {}),
    ...(frames > 1 || metadata['00280008'] ? { '00280008': { vr: 'IS', Value: [frames] } } : {}),
    '00280010': { vr: 'US', Value: [image.rows] },
    '00280011': { vr: 'US', Value: [image.columns] },
    '00280100': { vr: 'US', Value: [image.bitsAllocated] },
    '00280101': { vr: 'US', Value: [bitsStored] },
    '00280102': { vr: 'US', Value: [bitsStored - 1] },
    '00280103': { vr: 'US', Value: [pixelRepresentation] },
    ...(image.lossy ? { '00282110': { vr: 'CS', Value: ['01'] } } : {}),
  };
}

function photometricIn({ photometricInterpretations }: CodestreamImage, metadata: DicomJson): string {
  const stated = String(metadata['00280004']?.Value?.[0] ?? '').trim();
  // In codestreams other than of the DCT no chroma is left out.
  return (
    photometricInterpretations.find((one) => one === stated || `${one}_422` === stated) ?? photometricInterpretations[0]
  );
}

/** Where only the metadata know of a sign, only they know at which bit it is: a codestream may have room for more. */
function bitsStoredIn(image: CodestreamImage, pixelRepresentation: 0 | 1, metadata: DicomJson): number {
  const stated = metadata['00280101']?.Value?.[0];
  const isFree = image.pixelRepresentation === undefined && pixelRepresentation === 1;
  return isFree && typeof stated === 'number' && stated >= 1 && stated < image.bitsStored ? stated : image.bitsStored;
}

/** Media type and length of the Encapsulated Document Module (PS3.3 §C.24.2). */
function documentAttributes({ mediaType, contents }: SentBulk): DicomJson {
  const [document] = contents;
  return {
    ...(mediaType === 'application/octet-stream' ? {} : { '00420012': { vr: 'LO', Value: [mediaType] } }),
    ...(document === undefined ? {} : { '00420015': { vr: 'UL', Value: [document.length] } }),
  };
}

/** An attribute that is there with a value, and with another one than it has to have. */
function contradicts(stated: DicomJsonElement | undefined, derived: DicomJsonElement | undefined): boolean {
  const [value] = stated?.Value ?? [];
  return value !== undefined && value !== null && String(value) !== String(derived?.Value?.[0]);
}

function malformed(tag: string, what: string): CausewayError {
  return new CausewayError('malformed', `The attribute ${tag} ${what}.`, { details: { tag } });
}
