import dcmjsCodecs from 'dcmjs-codecs';
import type { DicomJson, DicomJsonValue, Vr } from '../../src/dicom/json-model.ts';
import type { FrameDescription } from '../../src/imaging/frame-description.ts';
import type { EncodedFrame } from '../../src/imaging/imaging.ts';
import type { Presentation } from '../../src/imaging/presentation.ts';
import type { Samples } from '../../src/imaging/worker/samples.ts';

const { Context, NativeCodecs } = dcmjsCodecs;

/** A JSON element with values. */
export function json(vr: Vr, ...values: DicomJsonValue[]): { vr: Vr; Value: DicomJsonValue[] } {
  return { vr, Value: values };
}

/** The Image Pixel Module, a 12-bit gray picture of 4 × 2 pixels unless told otherwise. */
export function imageAttributes(changes: DicomJson = {}): DicomJson {
  return {
    '00280002': json('US', 1),
    '00280004': json('CS', 'MONOCHROME2'),
    '00280010': json('US', 2),
    '00280011': json('US', 4),
    '00280100': json('US', 16),
    '00280101': json('US', 12),
    '00280102': json('US', 11),
    '00280103': json('US', 0),
    ...changes,
  };
}

/** An uncompressed frame of 4 × 2 pixels unless told otherwise. */
export function encodedFrame(changes: Partial<EncodedFrame> = {}): EncodedFrame {
  return {
    bytes: new Uint8Array(16),
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    bitOffset: 0,
    attributes: imageAttributes(),
    frameNumber: 1,
    ...changes,
  };
}

export function frameDescription(changes: Partial<FrameDescription> = {}): FrameDescription {
  return {
    frameNumber: 1,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    codec: 'native',
    byteOrder: 'little',
    rows: 2,
    columns: 4,
    samplesPerPixel: 1,
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    pixelRepresentation: 0,
    isFloat: false,
    isTile: false,
    photometricInterpretation: 'MONOCHROME2',
    planarConfiguration: 0,
    bitOffset: 0,
    ...changes,
  };
}

/** One row of gray samples. */
export function graySamples(
  values: Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array,
  changes: Partial<Samples> = {},
): Samples {
  const bitsAllocated = 8 * values.BYTES_PER_ELEMENT;
  const bitsStored = changes.bitsStored ?? bitsAllocated;
  return {
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    rows: 1,
    columns: values.length,
    samplesPerPixel: 1,
    bitsAllocated,
    bitsStored,
    highBit: bitsStored - 1,
    pixelRepresentation: 0,
    photometricInterpretation: 'MONOCHROME2',
    planarConfiguration: 0,
    isFloat: values instanceof Float32Array || values instanceof Float64Array,
    ...changes,
  };
}

/** Nothing but what the stored values say, shown without a window. */
export function plainPresentation(changes: Partial<Presentation> = {}): Presentation {
  return {
    modality: { kind: 'linear', slope: 1, intercept: 0 },
    voi: { kind: 'auto' },
    presentationLut: undefined,
    inverted: false,
    padding: undefined,
    maximumFraction: undefined,
    palette: undefined,
    pixelAspect: 1,
    ...changes,
  };
}

/** A gray ramp with a pattern that no codec predicts, `bits` deep; little endian words above 8 bits. */
function pattern(rows: number, columns: number, samplesPerPixel: number, bits: number): Uint8Array {
  const values = new Uint16Array(rows * columns * samplesPerPixel);
  for (let index = 0; index < values.length; index++) {
    const smooth = (index * 2 ** bits) / values.length;
    values[index] = Math.floor(smooth + ((index * 7919) % 13)) % 2 ** bits;
  }
  return bits > 8 ? new Uint8Array(values.buffer) : Uint8Array.from(values);
}

/** A codec of the test: how to encode, and under which transfer syntax the frame is decoded. */
export interface LosslessCodec {
  readonly name: string;
  readonly transferSyntaxUid: string;
  readonly encode: 'encodeRle' | 'encodeJpeg' | 'encodeJpegLs' | 'encodeJpeg2000' | 'encodeHtJpeg2000' | 'encodeJpegXl';
}

export const losslessCodecs: readonly LosslessCodec[] = [
  { name: 'RLE', transferSyntaxUid: '1.2.840.10008.1.2.5', encode: 'encodeRle' },
  { name: 'JPEG lossless', transferSyntaxUid: '1.2.840.10008.1.2.4.70', encode: 'encodeJpeg' },
  { name: 'JPEG-LS', transferSyntaxUid: '1.2.840.10008.1.2.4.80', encode: 'encodeJpegLs' },
  { name: 'JPEG 2000', transferSyntaxUid: '1.2.840.10008.1.2.4.90', encode: 'encodeJpeg2000' },
  { name: 'HTJ2K', transferSyntaxUid: '1.2.840.10008.1.2.4.201', encode: 'encodeHtJpeg2000' },
  { name: 'JPEG XL', transferSyntaxUid: '1.2.840.10008.1.2.4.110', encode: 'encodeJpegXl' },
];

/** Encodes a pattern, without loss unless that is asked for, and describes it, as a modality would. */
export async function losslessFrame(
  codec: LosslessCodec,
  shape: { rows: number; columns: number; samplesPerPixel: 1 | 3; bits: number; signed?: boolean; lossy?: boolean },
): Promise<{ frame: EncodedFrame; original: Uint8Array }> {
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  const { rows, columns, samplesPerPixel, bits, signed = false, lossy = false } = shape;
  const bitsAllocated = bits > 8 ? 16 : 8;
  const photometric = samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2';
  const original = pattern(rows, columns, samplesPerPixel, bits);
  const encoded = NativeCodecs[codec.encode](
    new Context({
      width: columns,
      height: rows,
      bitsAllocated,
      bitsStored: bits,
      samplesPerPixel,
      pixelRepresentation: signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: photometric,
      decodedBuffer: original,
    }),
    { lossy, ...(lossy ? { allowedLossyError: 3 } : {}) },
  ).getEncodedBuffer();
  const attributes = imageAttributes({
    '00280002': json('US', samplesPerPixel),
    '00280004': json('CS', photometric),
    '00280006': json('US', 0),
    '00280010': json('US', rows),
    '00280011': json('US', columns),
    '00280100': json('US', bitsAllocated),
    '00280101': json('US', bits),
    '00280102': json('US', bits - 1),
    '00280103': json('US', signed ? 1 : 0),
  });
  const { transferSyntaxUid } = codec;
  return { original, frame: encodedFrame({ bytes: encoded ?? new Uint8Array(0), transferSyntaxUid, attributes }) };
}
