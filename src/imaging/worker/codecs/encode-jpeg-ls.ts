import createCharls from '@cornerstonejs/codec-charls/wasmjs';
import { codedSamples } from '../coded-samples.ts';
import type { Codestream } from '../encode-frame.ts';
import type { Samples } from '../samples.ts';
import { createWasmInstance, silentModule } from './wasm-instance.ts';

const withCharls = createWasmInstance(() => createCharls(silentModule()));
const interleaveByPlane = 0;
const interleaveBySample = 2;

/**
 * JPEG-LS without loss; negative numbers as two's complement of Bits Stored bits, as the codestream knows none.
 * @see PS3.5 §8.2.3
 */
export async function encodeJpegLs(given: Samples): Promise<Codestream> {
  const { bytes, precision, samples } = codedSamples(given, 'masked');
  const { rows, columns, samplesPerPixel, photometricInterpretation } = samples;
  if (precision < 2) throw new Error('its pixels have one stored bit');
  const encoded = await withCharls(({ JpegLSEncoder }) => {
    const encoder = new JpegLSEncoder();
    const frameInfo = { width: columns, height: rows, bitsPerSample: precision, componentCount: samplesPerPixel };
    encoder.getDecodedBuffer(frameInfo).set(bytes);
    encoder.setNearLossless(0);
    encoder.setInterleaveMode(samplesPerPixel === 1 ? interleaveByPlane : interleaveBySample);
    encoder.encode();
    // It is a clamped array, which not everything takes for bytes.
    const result = new Uint8Array(encoder.getEncodedBuffer());
    encoder.delete();
    return result;
  });
  return { bytes: encoded, samples, photometricInterpretation };
}
