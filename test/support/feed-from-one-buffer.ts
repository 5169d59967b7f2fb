/**
 * Hands bytes on as the DIMSE door does: all pieces lie in the same memory, which is written over as soon as the call
 * is back, whether or not the taker asks to be waited for.
 */
export async function feedFromOneBuffer(
  bytes: Uint8Array,
  chunkBytes: number,
  write: (chunk: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const memory = Buffer.alloc(Math.min(chunkBytes, bytes.length));
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const piece = bytes.subarray(at, at + chunkBytes);
    memory.set(piece);
    const written = write(memory.subarray(0, piece.length));
    memory.fill(0xee);
    await written;
  }
}
