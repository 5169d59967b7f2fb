import dcmjsCodecs from 'dcmjs-codecs';
import type { FrameDescription } from '../../frame-description.ts';
import type { DecodedFrame } from '../../imaging.ts';
import { decodeFailed } from '../samples.ts';
import { maxKeptMemoryBytes } from './wasm-instance.ts';

const { Context, NativeCodecs, log } = dcmjsCodecs;

/** libjpeg's words for entropy-coded data that end early or make no sense; other remarks, such as on extra bytes, do no harm. */
const lostDataRemark = /premature end|bad Huffman code|instead of RST/;

/** Of the frame in hand. The decoders only tell the console when data are missing, and return a gray rest as if nothing were. */
let dataWereLost = false;
log.methodFactory = () => (remark) => {
  dataWereLost ||= lostDataRemark.test(String(remark));
};
log.setLevel('info');

export type NativeCodecName = 'decodeJpeg' | 'decodeJpeg2000' | 'decodeJpegXl';

/** What the codestream's own header says, which is what the codec has to be told. */
export interface CodestreamShape {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly precision: number;
  readonly signed: boolean;
}

let initialized: Promise<void> | undefined;

/**
 * Decodes with dcmjs-codecs' WebAssembly. After an exception its memory is in no known state: good frames fail after a dozen bad ones. So
 * each failure ends the instance.
 * @returns interleaved samples, one byte up to 8 bits of precision, else two
 * @throws CausewayError `decode-failed`
 */
export async function decodeWithDcmjs(
  codec: NativeCodecName,
  frame: FrameDescription,
  encoded: Uint8Array,
  shape: CodestreamShape,
  convertColorspaceToRgb = false,
): Promise<Uint8Array> {
  initialized ??= NativeCodecs.initializeAsync({ logCodecsInfo: true });
  await initialized;
  dataWereLost = false;
  try {
    const result = NativeCodecs[codec](
      new Context({
        width: shape.columns,
        height: shape.rows,
        bitsAllocated: shape.precision > 8 ? 16 : 8,
        bitsStored: shape.precision,
        samplesPerPixel: shape.components,
        pixelRepresentation: shape.signed ? 1 : 0,
        planarConfiguration: 0,
        photometricInterpretation: shape.components === 1 ? 'MONOCHROME2' : convertColorspaceToRgb ? 'YBR_FULL' : 'RGB',
        encodedBuffer: encoded,
      }),
      { convertColorspaceToRgb },
    );
    if (memoryBytes() > maxKeptMemoryBytes) release();
    if (dataWereLost) throw new Error('its data are corrupt or end early');
    return result.getDecodedBuffer() ?? new Uint8Array(0);
  } catch (thrown) {
    release();
    throw decodeFailed(frame, inWords(thrown), thrown);
  }
}

export type NativeEncoderName = 'encodeJpeg' | 'encodeJpeg2000';

/**
 * Encodes with dcmjs-codecs' WebAssembly.
 * @param picture one byte a sample up to 8 bits stored, else two
 * @throws Error whose message says why
 */
export async function encodeWithDcmjs(
  codec: NativeEncoderName,
  picture: DecodedFrame,
  options: Readonly<Record<string, unknown>>,
): Promise<Uint8Array> {
  initialized ??= NativeCodecs.initializeAsync({ logCodecsInfo: true });
  await initialized;
  try {
    const result = NativeCodecs[codec](
      new Context({
        width: picture.columns,
        height: picture.rows,
        bitsAllocated: picture.bitsStored > 8 ? 16 : 8,
        bitsStored: picture.bitsStored,
        samplesPerPixel: picture.samplesPerPixel,
        pixelRepresentation: picture.pixelRepresentation,
        planarConfiguration: 0,
        photometricInterpretation: picture.photometricInterpretation,
        decodedBuffer: picture.bytes,
      }),
      options,
    );
    const encoded = result.getEncodedBuffer()?.slice();
    if (memoryBytes() > maxKeptMemoryBytes) release();
    if (encoded === undefined || encoded.length === 0) throw new Error('its encoder gave nothing');
    return encoded;
  } catch (thrown) {
    release();
    throw new Error(inWords(thrown), { cause: thrown });
  }
}

function release(): void {
  NativeCodecs.release();
  initialized = undefined;
}

function memoryBytes(): number {
  const { wasmApi } = NativeCodecs as unknown as { wasmApi?: { wasmMemory: { buffer: ArrayBuffer } } };
  return wasmApi?.wasmMemory.buffer.byteLength ?? 0;
}

/** Its messages begin with the names of its functions: `JpegDecoder8::ErrorExit::…`. */
function inWords(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split('::').at(-1)?.trim() || 'its decoder failed without a reason';
}
