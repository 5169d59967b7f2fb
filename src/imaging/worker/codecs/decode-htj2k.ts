import createOpenJph from '@cornerstonejs/codec-openjph/wasmjs';
import type { FrameDescription } from '../../frame-description.ts';
import { decodeFailed, type Samples } from '../samples.ts';
import { samplesFromCodestream } from './codestream-samples.ts';
import { photometricAfterJpeg2000, readUsableHeader } from './decode-jpeg-2000.ts';
import { createWasmInstance, silentModule } from './wasm-instance.ts';

const withOpenJph = createWasmInstance(() => createOpenJph(silentModule()));

/** @throws CausewayError `decode-failed` */
export async function decodeHtj2k(bytes: Uint8Array, frame: FrameDescription): Promise<Samples> {
  const header = readUsableHeader(bytes, frame);
  const samples = await decodeWithOpenJph(header.codestream, frame);
  return samplesFromCodestream(frame, { ...header, bytes: samples }, photometricAfterJpeg2000(header, frame));
}

async function decodeWithOpenJph(codestream: Uint8Array, frame: FrameDescription): Promise<Uint8Array> {
  try {
    return await withOpenJph(({ HTJ2KDecoder }) => {
      const decoder = new HTJ2KDecoder();
      decoder.getEncodedBuffer(codestream.length).set(codestream);
      decoder.decode();
      const decoded = decoder.getDecodedBuffer().slice();
      decoder.delete();
      return decoded;
    });
  } catch (thrown) {
    // OpenJPH's exceptions arrive as numbers that mean nothing outside of its memory.
    throw decodeFailed(frame, 'its HTJ2K codestream is broken', thrown);
  }
}
