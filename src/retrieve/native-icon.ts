import { explicitHeader, itemHeader } from '../dicom/explicit-element.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { writeDataSet } from '../dicom/json-writer.ts';
import type { Piece } from '../dicom/piece-writer.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import type { Imaging } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { DataSetBytes } from './data-set-bytes.ts';
import { encapsulatedFragments, isFragmented } from './encapsulated-fragments.ts';

const iconImageSequence = 0x00880200;
const item = 0xfffee000;
/** Of the codestream of an icon, which people expect to be some 64 pixels wide. */
const maxIconBytes = 4_194_304;

export interface IconParts {
  readonly bytes: DataSetBytes;
  readonly imaging: Pick<Imaging, 'decode'>;
  /** Where a bulk value lies. */
  locate(path: string): Promise<BulkRange | undefined>;
}

/**
 * Icon Image Sequence (0088,0200) whose pixels are compressed, with native ones: codestreams of the old transfer syntax are nothing in
 * a new one, and native icons are allowed in every one. An icon that cannot be decoded is left out, as it may be absent.
 * @returns what takes the place of the sequence; undefined where it may stay as it is
 * @see PS3.5 §A.4, PS3.3 §C.7.6.1.1.6
 */
export async function nativeIcon(
  instance: IndexedInstance,
  attributes: DicomJson,
  parts: IconParts,
): Promise<readonly Piece[] | undefined> {
  const [icon, ...more] = (attributes['00880200']?.Value ?? []) as DicomJson[];
  const value = icon && (await parts.locate('00880200/0/7FE00010'));
  if (icon === undefined || value === undefined || !(await isFragmented(parts.bytes, instance, value)))
    return undefined;
  try {
    if (more.length > 0) throw new CausewayError('malformed', 'There is more than one icon.');
    const written = await nativeItem(icon, await codestream(parts.bytes, instance, value), instance, parts.imaging);
    const header = explicitHeader(iconImageSequence, 'SQ', 8 + written.length);
    return [header, itemHeader(item, written.length), written];
  } catch (thrown) {
    if (thrown instanceof CausewayError && unusable.has(thrown.code)) return [];
    throw thrown;
  }
}

const unusable: ReadonlySet<string> = new Set([
  'malformed',
  'decode-failed',
  'transfer-syntax-unsupported',
  'limit-exceeded',
  'timed-out',
]);

async function codestream(bytes: DataSetBytes, instance: IndexedInstance, value: BulkRange): Promise<Buffer> {
  if (value.length > maxIconBytes) throw new CausewayError('limit-exceeded', 'The icon is too large.');
  const fragments = await encapsulatedFragments(bytes, instance, value);
  return Buffer.concat(await Promise.all(fragments.map(({ offset, length }) => bytes.read(instance, offset, length))));
}

/** Nothing but its image: other attributes have no place in an icon. */
async function nativeItem(
  icon: DicomJson,
  bytes: Buffer,
  { transferSyntaxUid }: IndexedInstance,
  imaging: Pick<Imaging, 'decode'>,
): Promise<Buffer> {
  const image = Object.fromEntries(Object.entries(icon).filter(([tag]) => tag.startsWith('0028')));
  const frame = await imaging.decode({ bytes, transferSyntaxUid, bitOffset: 0, attributes: image, frameNumber: 1 });
  const native: DicomJson = {
    ...image,
    '00280004': { vr: 'CS', Value: [frame.photometricInterpretation] },
    ...(frame.samplesPerPixel > 1 ? { '00280006': { vr: 'US', Value: [frame.planarConfiguration] } } : {}),
    '00280100': { vr: 'US', Value: [frame.bitsAllocated] },
    '00280101': { vr: 'US', Value: [frame.bitsStored] },
    '00280102': { vr: 'US', Value: [frame.highBit] },
    '7FE00010': { vr: frame.bitsAllocated > 8 ? 'OW' : 'OB', BulkDataURI: 'pixels' },
  };
  return writeDataSet(native, (uri) => (uri === 'pixels' ? frame.bytes : undefined));
}
