const slabBytes = 131_072;
/** Slabs that are kept for the next batch: memory of the process, 8 MiB. */
const maxFreeSlabs = 64;
const freeSlabs: Buffer[] = [];

/**
 * Collects bytes for few large writes. They are copied into slabs that are used again and again: fresh memory for
 * every byte that comes costs the kernel and the garbage collector more than writing it to a file.
 */
export interface ChunkBatch {
  /** Copies the chunk. */
  add(chunk: Uint8Array): void;
  /** Bytes collected. */
  readonly bytes: number;
  /** The bytes in order; the batch is empty afterwards. */
  take(): TakenChunks;
}

/** What a batch had collected. */
export interface TakenChunks {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  /** Nobody looks at the chunks any more. Without it their memory is garbage as any other. */
  release(): void;
}

export function createChunkBatch(): ChunkBatch {
  let slabs: Buffer[] = [];
  let bytes = 0;
  /** Bytes in the last slab. */
  let filled = slabBytes;

  function take(): TakenChunks {
    const taken = slabs;
    const total = bytes;
    const chunks = taken.map((slab, index) => (index === taken.length - 1 ? slab.subarray(0, filled) : slab));
    slabs = [];
    bytes = 0;
    filled = slabBytes;
    return {
      chunks,
      bytes: total,
      release() {
        for (const slab of taken.splice(0)) if (freeSlabs.length < maxFreeSlabs) freeSlabs.push(slab);
      },
    };
  }

  return {
    add(chunk) {
      for (let from = 0; from < chunk.length; ) {
        if (filled === slabBytes) {
          slabs.push(freeSlabs.pop() ?? Buffer.allocUnsafeSlow(slabBytes));
          filled = 0;
        }
        const piece = chunk.subarray(from, from + slabBytes - filled);
        slabs.at(-1)!.set(piece, filled);
        filled += piece.length;
        from += piece.length;
      }
      bytes += chunk.length;
    },
    get bytes() {
      return bytes;
    },
    take,
  };
}
