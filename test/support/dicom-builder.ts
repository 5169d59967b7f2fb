import { deflateRawSync } from 'node:zlib';
import type { Vr } from '../../src/dicom/json-model.ts';

/** Text is written as UTF-8, several values with backslashes; bytes are written as they are. */
export type BuiltValue = string | readonly number[] | readonly bigint[] | Uint8Array;

export interface BuiltElement {
  /** Eight hexadecimal digits. */
  readonly tag: string;
  /** Two letters; any two, so that tests can write VRs that do not exist. */
  readonly vr: Vr | (string & {});
  /** Bytes in the byte order asked for: elements of one data set share it. */
  encodeValue(encoding: Encoding): Uint8Array;
  /** Says 0xFFFFFFFF instead of the length of the value. */
  readonly undefinedLength?: boolean;
  /** Says this instead of the length of the value: for files that lie. */
  readonly claimedLength?: number;
}

export interface Encoding {
  readonly explicitVr: boolean;
  readonly bigEndian: boolean;
}

const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** One attribute with a value. */
export function element(
  tag: string,
  vr: string,
  value: BuiltValue = '',
  claims: { length?: number } = {},
): BuiltElement {
  return {
    tag,
    vr,
    encodeValue: ({ bigEndian }) => padded(valueBytes(vr, value, bigEndian), vr),
    ...(claims.length === undefined ? {} : { claimedLength: claims.length }),
  };
}

/** A sequence; its items are lists of elements. Items have the same kind of length as the sequence. */
export function sequence(
  tag: string,
  items: readonly (readonly BuiltElement[])[],
  options: { undefinedLength?: boolean; vr?: 'SQ' | 'UN'; delimiters?: boolean } = {},
): BuiltElement {
  const { undefinedLength = false, vr = 'SQ', delimiters = true } = options;
  return {
    tag,
    vr,
    undefinedLength,
    encodeValue: (outer) => {
      // CP-246: a sequence within UN is always Implicit VR Little Endian.
      const encoding = vr === 'UN' ? { explicitVr: false, bigEndian: false } : outer;
      const parts = items.flatMap((item) => {
        const content = encodeDataSet(item, encoding);
        const head = bareHeader('FFFEE000', undefinedLength ? 0xffffffff : content.length, encoding.bigEndian);
        const end = undefinedLength && delimiters ? [bareHeader('FFFEE00D', 0, encoding.bigEndian)] : [];
        return [head, content, ...end];
      });
      if (undefinedLength && delimiters) parts.push(bareHeader('FFFEE0DD', 0, encoding.bigEndian));
      return Buffer.concat(parts);
    },
  };
}

/** Pixel Data in fragments (PS3.5 §A.4) with a Basic Offset Table, empty unless given. */
export function encapsulated(
  fragments: readonly Uint8Array[],
  options: { basicOffsets?: readonly number[]; delimiter?: boolean } = {},
): BuiltElement {
  const { basicOffsets = [], delimiter = true } = options;
  return {
    tag: '7FE00010',
    vr: 'OB',
    undefinedLength: true,
    encodeValue: () =>
      Buffer.concat([
        ...[integers(basicOffsets, 4, false), ...fragments].flatMap((bytes) => {
          const even = padded(bytes, 'OB');
          return [bareHeader('FFFEE000', even.length, false), even];
        }),
        ...(delimiter ? [bareHeader('FFFEE0DD', 0, false)] : []),
      ]),
  };
}

/** Elements one after the other, in the order given. */
export function encodeDataSet(elements: readonly BuiltElement[], encoding: Encoding): Buffer {
  return Buffer.concat(
    elements.flatMap((built) => {
      const value = built.encodeValue(encoding);
      const length = built.claimedLength ?? (built.undefinedLength ? 0xffffffff : value.length);
      return [elementHeader(built.tag, built.vr, length, encoding), value];
    }),
  );
}

export interface Part10Options {
  readonly elements: readonly BuiltElement[];
  /** Decides the encoding; default Explicit VR Little Endian. */
  readonly transferSyntaxUid?: string;
  /** What (0002,0010) says instead, or nothing: for files that lie. */
  readonly claimedTransferSyntaxUid?: string | null;
  /** Group 0002 beyond group length, version, class, instance and transfer syntax. */
  readonly meta?: readonly BuiltElement[];
  readonly groupLength?: number | 'absent';
  /** 128 bytes, zeros unless given. */
  readonly preamble?: Uint8Array;
  readonly trailing?: Uint8Array;
}

/** A Part 10 file (PS3.10 §7). Media Storage SOP Class and Instance are those of the elements. */
export function buildPart10(options: Part10Options): Buffer {
  const { elements, transferSyntaxUid = '1.2.840.10008.1.2.1', claimedTransferSyntaxUid = transferSyntaxUid } = options;
  const explicitLittle = { explicitVr: true, bigEndian: false };
  const textOf = (tag: string) =>
    Buffer.from(elements.find((built) => built.tag === tag)?.encodeValue(explicitLittle) ?? []).toString('latin1');
  const meta = encodeDataSet(
    [
      element('00020001', 'OB', Uint8Array.of(0, 1)),
      element('00020002', 'UI', textOf('00080016')),
      element('00020003', 'UI', textOf('00080018')),
      ...(claimedTransferSyntaxUid === null ? [] : [element('00020010', 'UI', claimedTransferSyntaxUid)]),
      ...(options.meta ?? []),
    ],
    explicitLittle,
  );
  const { groupLength = meta.length } = options;
  const dataSet = encodeDataSet(elements, encodingOf(transferSyntaxUid));
  return Buffer.concat([
    options.preamble ?? Buffer.alloc(128),
    Buffer.from('DICM'),
    ...(groupLength === 'absent' ? [] : [encodeDataSet([element('00020000', 'UL', [groupLength])], explicitLittle)]),
    meta,
    transferSyntaxUid === '1.2.840.10008.1.2.1.99' ? deflateRawSync(dataSet) : dataSet,
    options.trailing ?? Buffer.alloc(0),
  ]);
}

function encodingOf(transferSyntaxUid: string): Encoding {
  return {
    explicitVr: transferSyntaxUid !== '1.2.840.10008.1.2',
    bigEndian: transferSyntaxUid === '1.2.840.10008.1.2.2',
  };
}

/** The least that can be stored: a CT instance with the four UIDs and a patient, without pixels. */
export function ctElements(
  uids: { study?: string; series?: string; instance?: string } = {},
  ...more: readonly BuiltElement[]
): BuiltElement[] {
  const { study = '2.25.1', series = '2.25.2', instance = '2.25.3' } = uids;
  return inTagOrder([
    element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    element('00080018', 'UI', instance),
    element('00080060', 'CS', 'CT'),
    element('00100010', 'PN', 'Doe^John'),
    element('00100020', 'LO', 'ID1'),
    element('0020000D', 'UI', study),
    element('0020000E', 'UI', series),
    ...more,
  ]);
}

/** Image Pixel Module of an uncompressed image whose pixels are zeros unless given. */
export function pixelElements(options: {
  rows: number;
  columns: number;
  bitsAllocated?: 1 | 8 | 16 | 32;
  samplesPerPixel?: 1 | 3;
  frames?: number;
  photometricInterpretation?: string;
  pixelData?: Uint8Array | BuiltElement;
}): BuiltElement[] {
  const { rows, columns, bitsAllocated = 16, samplesPerPixel = 1, frames } = options;
  const bits = rows * columns * bitsAllocated * samplesPerPixel * (frames ?? 1);
  const pixels = options.pixelData ?? new Uint8Array(Math.ceil(bits / 8));
  return [
    element('00280002', 'US', [samplesPerPixel]),
    element('00280004', 'CS', options.photometricInterpretation ?? (samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2')),
    ...(frames === undefined ? [] : [element('00280008', 'IS', String(frames))]),
    element('00280010', 'US', [rows]),
    element('00280011', 'US', [columns]),
    element('00280100', 'US', [bitsAllocated]),
    element('00280101', 'US', [bitsAllocated]),
    element('00280102', 'US', [bitsAllocated - 1]),
    element('00280103', 'US', [0]),
    pixels instanceof Uint8Array ? element('7FE00010', bitsAllocated > 8 ? 'OW' : 'OB', pixels) : pixels,
  ];
}

export function inTagOrder(elements: readonly BuiltElement[]): BuiltElement[] {
  return [...elements].sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));
}

function elementHeader(tag: string, vr: string, length: number, { explicitVr, bigEndian }: Encoding): Buffer {
  if (!explicitVr) return bareHeader(tag, length, bigEndian);
  const long = longVrs.has(vr);
  const header = Buffer.alloc(long ? 12 : 8);
  bareHeader(tag, 0, bigEndian).copy(header, 0, 0, 4);
  header.write(vr, 4, 'latin1');
  if (long) header.set(integers([length], 4, bigEndian), 8);
  else header.set(integers([length & 0xffff], 2, bigEndian), 6);
  return header;
}

function bareHeader(tag: string, length: number, bigEndian: boolean): Buffer {
  const group = Number.parseInt(tag.slice(0, 4), 16);
  const elementNumber = Number.parseInt(tag.slice(4), 16);
  return Buffer.concat([integers([group, elementNumber], 2, bigEndian), integers([length], 4, bigEndian)]);
}

function valueBytes(vr: string, value: BuiltValue, bigEndian: boolean): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (vr === 'AT') {
    return integers(
      (value as number[]).flatMap((tag) => [tag >>> 16, tag & 0xffff]),
      2,
      bigEndian,
    );
  }
  if (vr === 'FL' || vr === 'OF') return floats(value as number[], 4, bigEndian);
  if (vr === 'FD' || vr === 'OD') return floats(value as number[], 8, bigEndian);
  const size =
    vr === 'OB' || vr === 'UN' ? 1 : ['US', 'SS', 'OW'].includes(vr) ? 2 : ['UL', 'SL', 'OL'].includes(vr) ? 4 : 8;
  return integers(value, size, bigEndian);
}

function integers(values: readonly (number | bigint)[], size: 1 | 2 | 4 | 8, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, index) => {
    const unsigned = BigInt.asUintN(size * 8, BigInt(value));
    for (let byte = 0; byte < size; byte++) {
      const shift = BigInt(8 * (bigEndian ? size - 1 - byte : byte));
      bytes[index * size + byte] = Number((unsigned >> shift) & 0xffn);
    }
  });
  return bytes;
}

function floats(values: readonly number[], size: 4 | 8, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  values.forEach((value, index) => {
    if (size === 4) view.setFloat32(index * 4, value, !bigEndian);
    else view.setFloat64(index * 8, value, !bigEndian);
  });
  return bytes;
}

function padded(bytes: Uint8Array, vr: string): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const zero = vr === 'UI' || vr === 'UN' || vr.startsWith('O');
  return Buffer.concat([bytes, Buffer.from(zero ? '\0' : ' ', 'latin1')]);
}
