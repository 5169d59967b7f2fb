/** Takes chunks over; see InstanceReceiver. */
interface Sink {
  write(chunk: Uint8Array): Promise<void> | undefined;
}

/** Below this many bytes a copy is cheaper than a chunk of its own. */
const smallBytes = 8 * 1024;

const gatherBytes = 32 * 1024;

/** Hands large chunks on as they are and puts small ones together, in order; a last `flush` hands on the rest. */
export function gatherSmallChunks(sink: Sink): Sink & { flush(): Promise<void> | undefined } {
  let small: Uint8Array[] = [];
  let length = 0;

  function flush(): Promise<void> | undefined {
    if (length === 0) return undefined;
    const chunk = small.length === 1 && small[0] ? small[0] : Buffer.concat(small, length);
    small = [];
    length = 0;
    return sink.write(chunk);
  }

  return {
    write(chunk) {
      if (chunk.length < smallBytes) {
        small.push(chunk);
        length += chunk.length;
        return length < gatherBytes ? undefined : flush();
      }
      const flushed = flush();
      return flushed === undefined ? sink.write(chunk) : flushed.then(() => sink.write(chunk));
    },
    flush,
  };
}
