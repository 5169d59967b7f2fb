import type { BlobStore } from '../blobs/blob-store.ts';
import { createDataSetConverter } from '../dicom/data-set-converter.ts';
import { encodeFileHeader, renewFileHeader } from '../dicom/file-meta.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import { transferSyntax, transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import { encodings } from '../imaging/encodings.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { inflatedDataSet } from './data-set-bytes.ts';
import { instanceUidIn } from './lossy-derivation.ts';
import type { SplicedPixels } from './spliced-pixels.ts';

const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;

const producible = [explicitVrLittleEndian, ...encodings.map(({ transferSyntaxUid }) => transferSyntaxUid)];

/** What converting an instance takes. */
export interface ConversionParts {
  readonly blobs: Pick<BlobStore, 'read' | 'readRange'>;
  /** Whether Pixel Data is in fragments; undefined where there is none. */
  hasFragments(instance: IndexedInstance): Promise<boolean | undefined>;
  /** What takes the place of an icon that would be nothing in another transfer syntax; undefined where it may stay. */
  nativeIcon(instance: IndexedInstance): Promise<readonly Piece[] | undefined>;
  /** @throws CausewayError where the frames cannot become one native value */
  decodedPixels(instance: IndexedInstance): Promise<SplicedPixels>;
  /** @throws CausewayError where the frames cannot be compressed so */
  encodedPixels(instance: IndexedInstance, transferSyntaxUid: string): Promise<SplicedPixels>;
}

/** What was accepted is within the limits that held then. */
const limits = { maxMetadataBytes: Number.MAX_SAFE_INTEGER, maxElements: Number.MAX_SAFE_INTEGER };

/** Transfer syntaxes beside its own in which an instance can be had, as far as its own tells. */
export function producibleSyntaxes({ transferSyntaxUid }: Pick<IndexedInstance, 'transferSyntaxUid'>): string[] {
  const syntax = transferSyntax(transferSyntaxUid);
  if (syntax === undefined || syntax.video || syntax.codec === 'referenced') return [];
  return producible.filter((uid) => uid !== transferSyntaxUid);
}

/** Implicit VR loses the VR of private attributes: it is made for those who cannot do with anything else, and not offered. */
function canBecome(instance: IndexedInstance, transferSyntaxUid: string): boolean {
  const others = producibleSyntaxes(instance);
  return others.includes(transferSyntaxUid) || (transferSyntaxUid === implicitVrLittleEndian && others.length > 0);
}

/**
 * A Part 10 file in another transfer syntax, made as it is read: attributes keep their bytes, or are written anew one by
 * one where byte order or VR differ. Nothing of the instance is held but one frame and the attribute at hand.
 * @returns when it is known that the conversion can begin, the first frame decoded
 * @throws CausewayError `transfer-syntax-unsupported` with the reason, `decode-failed`, `timed-out`
 */
export async function convertInstance(
  instance: IndexedInstance,
  transferSyntaxUid: string,
  parts: ConversionParts,
): Promise<AsyncIterable<Uint8Array>> {
  const syntax = transferSyntax(instance.transferSyntaxUid);
  if (syntax === undefined || !canBecome(instance, transferSyntaxUid)) {
    throw notProducible(instance, 'Causeway does not produce it from what is stored');
  }
  const hasFragments = await parts.hasFragments(instance);
  if (hasFragments && !syntax.encapsulated) {
    throw notProducible(instance, 'its pixels are compressed although its transfer syntax says that they are not');
  }
  const encodes = transferSyntax(transferSyntaxUid)?.encapsulated ?? false;
  if (encodes && hasFragments === undefined) throw notProducible(instance, 'it has no pixels that could be compressed');
  const pixels = encodes
    ? await parts.encodedPixels(instance, transferSyntaxUid)
    : hasFragments
      ? await parts.decodedPixels(instance)
      : undefined;
  const icon = syntax.encapsulated ? await parts.nativeIcon(instance) : undefined;
  const edits = editsWith(pixels, icon);
  if (transferSyntaxUid !== implicitVrLittleEndian)
    return convertedFile(instance, transferSyntaxUid, parts.blobs, pixels, edits);
  const isPlain = pixels === undefined && icon === undefined && !instance.deflated;
  const open = (): AsyncIterable<Uint8Array> =>
    isPlain
      ? wholeFile(parts.blobs, instance)
      : convertedFile(instance, explicitVrLittleEndian, parts.blobs, pixels, edits);
  return implicitFile(instance, open);
}

/** Ascending by tag, as the converter wants them. */
function editsWith(pixels: SplicedPixels | undefined, icon: readonly Piece[] | undefined): SplicedPixels['edits'] {
  const edits = [...(pixels?.edits ?? [])];
  if (icon !== undefined) edits.push([0x00880200, icon]);
  return new Map(edits.sort(([a], [b]) => a - b));
}

/**
 * @param open reads the file in any native transfer syntax; not before the header is taken, behind which a reader may leave
 */
async function* implicitFile(
  { sopClassUid, sopInstanceUid }: IndexedInstance,
  open: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield encodeFileHeader({ sopClassUid, sopInstanceUid, transferSyntaxUid: implicitVrLittleEndian });
  const converter = createDataSetConverter({ target: 'implicit', limits });
  for await (const chunk of open()) yield* spliced(converter.push(chunk), undefined);
  yield* spliced(converter.end(), undefined);
}

async function* convertedFile(
  instance: IndexedInstance,
  transferSyntaxUid: string,
  blobs: ConversionParts['blobs'],
  pixels: SplicedPixels | undefined,
  edits: SplicedPixels['edits'],
): AsyncGenerator<Uint8Array, void, void> {
  const { blobKey, dataSetOffset, sopClassUid } = instance;
  const sopInstanceUid = instanceUidIn(instance, transferSyntaxUid);
  const stored = dataSetOffset === 0 ? Buffer.alloc(0) : await blobs.readRange(blobKey, 0, dataSetOffset);
  const header = { sopClassUid, sopInstanceUid, transferSyntaxUid };
  yield renewFileHeader(stored, header);
  if (instance.deflated && pixels === undefined) {
    yield* inflatedDataSet(blobs, instance);
    return;
  }
  const converter = createDataSetConverter({ limits, edits });
  const inflatedHeader = { ...header, transferSyntaxUid: explicitVrLittleEndian };
  if (instance.deflated) converter.push(renewFileHeader(stored, inflatedHeader));
  const source = instance.deflated ? inflatedDataSet(blobs, instance) : wholeFile(blobs, instance);
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    yield* spliced(converter.push(chunk), pixels);
  }
  yield* spliced(converter.end(), pixels);
}

/** As long as it was stored: one that ends earlier is damaged, and none that cannot be converted. */
function wholeFile(blobs: ConversionParts['blobs'], { blobKey, size }: IndexedInstance): AsyncIterable<Uint8Array> {
  return blobs.read(blobKey, { offset: 0, length: size });
}

async function* spliced(
  pieces: readonly Piece[],
  pixels: SplicedPixels | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for (const piece of pieces) {
    if (piece !== 'splice') yield piece;
    else if (pixels) yield* pixels.bytes();
  }
}

function notProducible({ transferSyntaxUid }: IndexedInstance, reason: string): CausewayError {
  const name = transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid;
  return new CausewayError(
    'transfer-syntax-unsupported',
    `The instance, stored in ${name}, cannot be had in the transfer syntax asked for: ${reason}.`,
    { details: { acceptable: [transferSyntaxUid] } },
  );
}
