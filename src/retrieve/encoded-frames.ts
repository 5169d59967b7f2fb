import type { DicomJson } from '../dicom/json-model.ts';
import type { CompressedFrame, Imaging } from '../imaging/imaging.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { FrameCache } from './frame-cache.ts';
import { refuseContradiction } from './native-frames.ts';
import type { StoredFrame } from './retrieve.ts';

/** Encodes each frame once while it is wanted: who asks at the same time shares the work, who asks soon after the result. */
export interface EncodedFrames {
  /** @throws CausewayError as `Imaging.encode` */
  encode(
    blobKey: string,
    frame: StoredFrame,
    transferSyntaxUid: string,
    readAttributes: () => Promise<DicomJson>,
  ): Promise<CompressedFrame>;
}

export function createEncodedFrames(imaging: Pick<Imaging, 'encode'>, cache: FrameCache): EncodedFrames {
  const flight = createSingleFlight<CompressedFrame>();
  return {
    async encode(blobKey, frame, transferSyntaxUid, readAttributes) {
      refuseContradiction(frame);
      const key = `${blobKey} ${frame.number} in ${transferSyntaxUid}`;
      const kept = cache.get(key);
      if (kept !== undefined && !Buffer.isBuffer(kept)) return kept;
      return flight.run(key, async () => {
        const { number: frameNumber, encapsulated: _, ...stored } = frame;
        const attributes = await readAttributes();
        const encoded = await imaging.encode({ ...stored, frameNumber, attributes }, transferSyntaxUid);
        cache.set(key, encoded, encoded.bytes.length);
        return encoded;
      });
    },
  };
}
