import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import { type CharacterSetEncoder, utf8Encoder } from './character-set-encoder.ts';
import type { DicomJson, DicomJsonElement, DicomJsonValue, PersonNameValue, Vr } from './json-model.ts';
import { formatPersonName } from './person-name.ts';
import type { BulkSlice } from './sent-bulk.ts';
import { textKindOf } from './text-kind.ts';
import { type VrTraits, vrTraits } from './vr-traits.ts';

/** Pixel Data in fragments behind an empty Basic Offset Table (PS3.5 §A.4). */
export interface Fragments {
  readonly fragments: readonly BulkSlice[];
}

/** Bytes of a data set, or where they lie. */
export type DataSetPiece = Uint8Array | BulkSlice;

/** How attributes are headed: data sets of files in Explicit VR, Identifiers of DIMSE as the peer negotiated. */
export type VrEncoding = 'explicit' | 'implicit';

/** What a BulkDataURI refers to, in little endian; undefined if it is not known. */
export type BulkSource = (uri: string, tag: string) => DataSetPiece | Fragments | undefined;

const maxShortLength = 0xfffe;
const maxLongLength = 0xfffffffe;
const specificCharacterSet = '00080005';

const undefinedLength = 0xffffffff;

/** How a data set is written: with which headers, and in which character set, which has to have every character. */
interface Writing {
  readonly encoding: VrEncoding;
  readonly characterSet: CharacterSetEncoder;
}

/**
 * A data set as `dataSetPieces` writes it, in memory.
 * @throws CausewayError `malformed` for a BulkDataURI that `bulk` does not know
 */
export function writeDataSet(
  dataSet: DicomJson,
  bulk: (uri: string, tag: string) => Uint8Array | undefined = () => undefined,
  encoding: VrEncoding = 'explicit',
  characterSet?: CharacterSetEncoder,
): Buffer {
  return Buffer.concat(dataSetPieces(dataSet, bulk, encoding, characterSet) as readonly Uint8Array[]);
}

/** Whether a character set has every character of a data set; attributes that no character set applies to have ASCII. */
export function isWritableIn(dataSet: DicomJson, characterSet: CharacterSetEncoder): boolean {
  return Object.values(dataSet).every(({ vr, Value = [] }) => {
    if (vr === 'SQ') return Value.every((item) => isWritableIn((item ?? {}) as DicomJson, characterSet));
    const text = Value.map(valueText).join('\\');
    const kind = textKindOf(vr);
    return kind === undefined ? isAscii(text) : characterSet.encode(text, kind) !== undefined;
  });
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/**
 * A data set of the DICOM JSON Model in Little Endian, Explicit VR unless asked otherwise: attributes ascending, sequences and items of
 * defined length, text in UTF-8 unless asked otherwise, which it says in (0008,0005) where any text needs it. A value too
 * long for its VR becomes UN.
 * @param dataSet as `validateDicomJson` returns it
 * @param characterSet of `isWritableIn`
 * @throws CausewayError `malformed` for a BulkDataURI that `bulk` does not know
 * @see PS3.5 §7.1.2, §6.2.2; PS3.18 §F.2
 */
export function dataSetPieces(
  dataSet: DicomJson,
  bulk: BulkSource,
  encoding: VrEncoding = 'explicit',
  characterSet: CharacterSetEncoder = utf8Encoder,
): readonly DataSetPiece[] {
  const { [specificCharacterSet]: declared, ...attributes } = dataSet;
  const declares = declared?.Value !== undefined || !isAscii(JSON.stringify(attributes));
  if (declares) attributes[specificCharacterSet] = { vr: 'CS', Value: [...characterSet.definedTerms] };
  else if (declared) attributes[specificCharacterSet] = declared;
  return joined(writeAttributes(attributes, bulk, { encoding, characterSet }));
}

/** What follows upon another in memory, as one piece. */
function joined(pieces: readonly DataSetPiece[]): DataSetPiece[] {
  const out: DataSetPiece[] = [];
  let run: Uint8Array[] = [];
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) {
      run.push(piece);
      continue;
    }
    out.push(Buffer.concat(run), piece);
    run = [];
  }
  return [...out, Buffer.concat(run)];
}

function lengthOf(pieces: readonly DataSetPiece[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function writeAttributes(attributes: DicomJson, bulk: BulkSource, writing: Writing): DataSetPiece[] {
  const parts: DataSetPiece[] = [];
  for (const [tag, element] of Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (tag.endsWith('0000')) continue;
    const value = writeValue(tag, element, bulk, writing);
    const pieces =
      'fragments' in value
        ? writeFragments(tag, value)
        : [writeHeader(tag, element.vr, lengthOf(value), writing.encoding), ...value];
    // One by one: a list of any length is no list of arguments.
    for (const piece of pieces) parts.push(piece);
  }
  return parts;
}

function writeHeader(tag: string, vr: Vr, length: number, encoding: VrEncoding): Buffer {
  const written = !vrTraits(vr).longLength && length > maxShortLength ? 'UN' : vr;
  if (length > maxLongLength) throw tooLong(tag, length);
  const isExplicit = encoding === 'explicit';
  const longLength = isExplicit && vrTraits(written).longLength;
  const header = Buffer.alloc(longLength ? 12 : 8);
  header.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  header.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  if (isExplicit) header.write(written, 4, 'latin1');
  if (longLength) header.writeUInt32LE(length, 8);
  else if (!isExplicit) header.writeUInt32LE(length, 4);
  else header.writeUInt16LE(length, 6);
  return header;
}

/** An element of undefined length: an empty offset table, the fragments, a delimiter. */
function writeFragments(tag: string, { fragments }: Fragments): DataSetPiece[] {
  const header = writeHeader(tag, 'OB', 0, 'explicit');
  header.writeUInt32LE(undefinedLength, 8);
  const pieces: DataSetPiece[] = [header, writeItemTag(0xe000, 0)];
  for (const fragment of fragments) {
    if (fragment.length > maxLongLength) throw tooLong(tag, fragment.length);
    pieces.push(writeItemTag(0xe000, fragment.length + (fragment.length % 2)), ...evenSlice(fragment));
  }
  return [...pieces, writeItemTag(0xe0dd, 0)];
}

function writeValue(
  tag: string,
  element: DicomJsonElement,
  bulk: BulkSource,
  writing: Writing,
): readonly DataSetPiece[] | Fragments {
  const traits = vrTraits(element.vr);
  if (element.BulkDataURI === undefined) return writeOwnValue(element, traits, bulk, writing);
  const value = bulk(element.BulkDataURI, tag);
  if (value === undefined) {
    throw new CausewayError('malformed', `The attribute ${tag} refers to bulk data that was not sent with it.`, {
      details: { tag },
    });
  }
  return 'fragments' in value ? value : evenSlice(value, paddingOf(traits));
}

function writeOwnValue(
  element: DicomJsonElement,
  traits: VrTraits,
  bulk: BulkSource,
  writing: Writing,
): readonly DataSetPiece[] {
  if (element.InlineBinary !== undefined) return [even(Buffer.from(element.InlineBinary, 'base64'), traits)];
  const values = element.Value ?? [];
  switch (traits.kind) {
    case 'sequence':
      return values.flatMap((item) => writeItem(item as DicomJson, bulk, writing));
    case 'numbers':
      return [Buffer.concat(present(values).map((value) => writeNumber(element.vr, value)))];
    case 'tags':
      return [Buffer.concat(present(values).map(writeTag))];
    default:
      return [even(writeText(element.vr, values.map(valueText).join('\\'), writing), traits)];
  }
}

/** An empty value has no bytes among numbers; data sets that were validated have none, unless they are kept from long ago. */
function present(values: readonly DicomJsonValue[]): DicomJsonValue[] {
  return values.filter((value) => value !== null);
}

function writeText(vr: Vr, text: string, { characterSet }: Writing): Buffer {
  const kind = textKindOf(vr);
  if (kind === undefined) return Buffer.from(text, 'utf8');
  const bytes = characterSet.encode(text, kind);
  if (bytes !== undefined) return bytes;
  throw new CausewayError('internal', `The character set ${characterSet.definedTerms.join('\\')} lacks a character.`);
}

/** What an item said of its character set is no longer true: all text is in that of the data set. */
function writeItem(
  { [specificCharacterSet]: _, ...attributes }: DicomJson,
  bulk: BulkSource,
  writing: Writing,
): DataSetPiece[] {
  const content = writeAttributes(attributes, bulk, writing);
  const length = lengthOf(content);
  if (length > maxLongLength) throw tooLong('FFFEE000', length);
  return [writeItemTag(0xe000, length), ...content];
}

function writeItemTag(element: number, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(0xfffe, 0);
  header.writeUInt16LE(element, 2);
  header.writeUInt32LE(length, 4);
  return header;
}

/** One value as it stands between backslashes. */
export function valueText(value: DicomJsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? formatPersonName(value as PersonNameValue) : String(value);
}

function writeTag(value: DicomJsonValue): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(Number.parseInt(String(value).slice(0, 4), 16), 0);
  bytes.writeUInt16LE(Number.parseInt(String(value).slice(4), 16), 2);
  return bytes;
}

function writeNumber(vr: Vr, value: DicomJsonValue): Buffer {
  const size = vrTraits(vr).wordBytes;
  const bytes = Buffer.alloc(size);
  if (vr === 'FL') bytes.writeFloatLE(Number(value));
  else if (vr === 'FD') bytes.writeDoubleLE(Number(value));
  else if (size === 8) bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value as number | string)));
  else bytes.writeUIntLE(Number(BigInt.asUintN(8 * size, BigInt(value as number))), 0, size);
  return bytes;
}

/** Padding to an even length: a blank behind text, zero behind UIDs and bytes (PS3.5 §6.2). */
function even(bytes: Buffer, traits: VrTraits): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(paddingOf(traits))]);
}

function evenSlice(slice: DataSetPiece, padding = 0): DataSetPiece[] {
  return slice.length % 2 === 0 ? [slice] : [slice, Buffer.of(padding)];
}

function paddingOf({ vr, kind }: VrTraits): number {
  return vr === 'UI' || kind === 'binary' ? 0 : 0x20;
}

function tooLong(tag: string, length: number): CausewayError {
  return new CausewayError('malformed', `The attribute ${tag} has ${length} bytes, more than DICOM can say.`, {
    details: { tag },
  });
}
