/** Reads chunks, whose memory may be used again as soon as the call is back; see InstanceReceiver. */
interface Sink {
  write(chunk: Uint8Array): Promise<void> | undefined;
}

/** Below this many bytes a copy is cheaper than a chunk of its own. */
const smallBytes = 8 * 1024;

const gatherBytes = 32 * 1024;

/**
 * Hands large chunks on as they are and puts small ones together, in order; a last `flush` hands on the rest. What
 * cannot be handed on at once is copied.
 */
export function gatherSmallChunks(sink: Sink): Sink & { flush(): Promise<void> | undefined } {
  let gathered: Buffer | undefined;
  let length = 0;

  function flush(): Promise<void> | undefined {
    if (gathered === undefined) return undefined;
    const chunk = gathered.subarray(0, length);
    gathered = undefined;
    length = 0;
    return sink.write(chunk);
  }

  return {
    write(chunk) {
      if (chunk.length === 0) return undefined;
      if (chunk.length < smallBytes) {
        gathered ??= Buffer.allocUnsafeSlow(gatherBytes + smallBytes);
        gathered.set(chunk, length);
        length += chunk.length;
        return length < gatherBytes ? undefined : flush();
      }
      const flushed = flush();
      if (flushed === undefined) return sink.write(chunk);
      const copy = Buffer.from(chunk);
      return flushed.then(() => sink.write(copy));
    },
    flush,
  };
}
