import dcmjsCodecs from 'dcmjs-codecs';
import type { FrameDescription } from '../../frame-description.ts';
import { decodeFailed } from '../samples.ts';
import { maxKeptMemoryBytes } from './wasm-instance.ts';

const { Context, NativeCodecs, log } = dcmjsCodecs;
// Its decoders write what they think of a broken frame to the console; we say it in the error.
log.setLevel('silent');

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
  initialized ??= NativeCodecs.initializeAsync();
  await initialized;
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
    return result.getDecodedBuffer() ?? new Uint8Array(0);
  } catch (thrown) {
    release();
    throw decodeFailed(frame, thrown instanceof Error ? thrown.message : String(thrown), thrown);
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
