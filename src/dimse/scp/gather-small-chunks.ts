/** Takes chunks over; see InstanceReceiver. */
interface Sink {
  write(chunk: Uint8Array): Promise<void> | undefined;
}

/** Below this many bytes a copy is cheaper than a chunk of its own. */
const smallBytes = 8 * 1024;

const gatherBytes = 32 * 1024;

/**
 * Hands large chunks on as they are and puts small ones together, in order; a last `flush` hands on the rest. Small ones
 * are copied at once: a sender that trickles single bytes must not keep the network buffer behind each of them.
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
      return flushed === undefined ? sink.write(chunk) : flushed.then(() => sink.write(chunk));
    },
    flush,
  };
}
