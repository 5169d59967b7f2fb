import createOpenJph from '@cornerstonejs/codec-openjph/wasmjs';
import { codedSamples } from '../coded-samples.ts';
import type { Codestream } from '../encode-frame.ts';
import type { Samples } from '../samples.ts';
import { createWasmInstance, silentModule } from './wasm-instance.ts';

const withOpenJph = createWasmInstance(() => createOpenJph(silentModule()));
const maxDecompositions = 5;
/** Resolution, position, component, layer: what §A.4.11 asks for where there are RPCL options, and does no harm elsewhere. */
const rpcl = 2;

/**
 * HTJ2K without loss, RGB with the reversible colour transform.
 * @see PS3.5 §8.2.4
 */
export async function encodeHtj2k(given: Samples): Promise<Codestream> {
  const { bytes, precision, samples } = codedSamples(given, 'extended');
  const { rows, columns, samplesPerPixel, photometricInterpretation } = samples;
  const isSigned = samples.pixelRepresentation === 1;
  const isUsingColorTransform = samplesPerPixel === 3 && photometricInterpretation === 'RGB';
  // What OpenJPH's WebAssembly makes of these is not what went in: of colours without a transform only its own decoder
  // makes again what they were.
  if (samplesPerPixel > 1 && precision > 8) throw new Error(`its colours have ${precision} bits each`);
  if (isSigned && precision < 8) throw new Error(`its signed pixels have ${precision} bits`);
  if (samplesPerPixel > 1 && !isUsingColorTransform) throw new Error(`its colours are ${photometricInterpretation}`);
  const encoded = await withOpenJph(({ HTJ2KEncoder }) => {
    const encoder = new HTJ2KEncoder();
    const frameInfo = {
      width: columns,
      height: rows,
      bitsPerSample: precision,
      componentCount: samplesPerPixel,
      isSigned,
      isUsingColorTransform,
    };
    encoder.getDecodedBuffer(frameInfo).set(bytes);
    encoder.setQuality(true, 0);
    encoder.setProgressionOrder(rpcl);
    encoder.setDecompositions(decompositionsOf(rows, columns));
    encoder.encode();
    const result = encoder.getEncodedBuffer().slice();
    encoder.delete();
    return result;
  });
  return {
    bytes: encoded,
    samples,
    photometricInterpretation: isUsingColorTransform ? 'YBR_RCT' : photometricInterpretation,
  };
}

/** No more than halve the shorter side to one pixel. */
function decompositionsOf(rows: number, columns: number): number {
  return Math.min(maxDecompositions, Math.floor(Math.log2(Math.min(rows, columns))));
}
