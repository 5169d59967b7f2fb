const smallChunkBytes = 4096;
const slabBytes = 65_536;

/**
 * Collects chunks for one large write. Small chunks are copied together: a sender that trickles single bytes must not
 * cost an object, or the network buffer behind it, for each of them.
 */
export interface ChunkBatch {
  add(chunk: Uint8Array): void;
  /** Bytes collected. */
  readonly bytes: number;
  /** The chunks in order; the batch is empty afterwards. */
  take(): Uint8Array[];
}

export function createChunkBatch(): ChunkBatch {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let slab: Buffer | undefined;
  let slabStart = 0;
  let slabEnd = 0;

  const closeSlab = () => {
    if (slab && slabEnd > slabStart) chunks.push(slab.subarray(slabStart, slabEnd));
    slabStart = slabEnd;
  };

  return {
    add(chunk) {
      bytes += chunk.length;
      if (chunk.length >= smallChunkBytes) {
        closeSlab();
        chunks.push(chunk);
        return;
      }
      if (!slab || slabEnd + chunk.length > slab.length) {
        closeSlab();
        slab = Buffer.allocUnsafeSlow(slabBytes);
        slabStart = 0;
        slabEnd = 0;
      }
      slab.set(chunk, slabEnd);
      slabEnd += chunk.length;
    },
    get bytes() {
      return bytes;
    },
    take() {
      closeSlab();
      const taken = chunks;
      chunks = [];
      bytes = 0;
      return taken;
    },
  };
}
