import createCharls from '@cornerstonejs/codec-charls/decodewasmjs';
import type { FrameDescription } from '../../frame-description.ts';
import { hasEndMarker, readJpegHeader } from '../codestreams/jpeg-header.ts';
import { interleaved } from '../planes.ts';
import { decodeFailed, type Samples, withWholeChroma } from '../samples.ts';
import { readHeader, requireSameSize, samplesFromCodestream } from './codestream-samples.ts';
import { createWasmInstance, silentModule } from './wasm-instance.ts';

const withCharls = createWasmInstance(() => createCharls(silentModule()));
const interleaveByPlane = 0;

/** @throws CausewayError `decode-failed` */
export async function decodeJpegLs(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  const header = readHeader(frame, () => readJpegHeader(bytes));
  if (header.process !== 'jpeg-ls') throw decodeFailed(frame, 'it is JPEG, but not JPEG-LS');
  const components = header.componentIds.length;
  requireSameSize(frame, { rows: header.rows, columns: header.columns, components });
  if (!hasEndMarker(bytes, header.scanOffset))
    throw decodeFailed(frame, 'its JPEG-LS codestream ends without an EOI marker');
  const decoded = await decodeWithCharls(bytes, frame);
  const byPlane = components > 1 && decoded.interleaveMode === interleaveByPlane;
  const samples = byPlane ? interleaved(decoded.bytes, components, header.precision > 8 ? 2 : 1) : decoded.bytes;
  const photometric = withWholeChroma(frame.photometricInterpretation);
  return samplesFromCodestream(frame, { ...header, bytes: samples }, photometric);
}

async function decodeWithCharls(bytes: Uint8Array, frame: FrameDescription) {
  try {
    return await withCharls(({ JpegLSDecoder }) => {
      const decoder = new JpegLSDecoder();
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
      const result = { bytes: decoder.getDecodedBuffer().slice(), interleaveMode: decoder.getInterleaveMode() };
      decoder.delete();
      return result;
    });
  } catch (thrown) {
    // CharLS' exceptions arrive as numbers that mean nothing outside of its memory.
    throw decodeFailed(frame, 'its JPEG-LS codestream is broken', thrown);
  }
}
