/**
 * One-bit frames one behind the other, wherever in a byte they begin (PS3.5 §8.1.1).
 * @param bitOffset bits of the first byte that are of frames before, 0 to 7; they come out as 0
 */
export function createBitPacker(bitsAFrame: number, bitOffset = 0) {
  let pending = 0;
  let pendingBits = bitOffset;
  return {
    /** @returns the bytes that are full */
    push(frame: Uint8Array): Uint8Array {
      const full = new Uint8Array((pendingBits + bitsAFrame) >> 3);
      let at = 0;
      for (let index = 0, left = bitsAFrame; left > 0; index++, left -= 8) {
        const taken = Math.min(left, 8);
        pending |= ((frame[index] ?? 0) & ((1 << taken) - 1)) << pendingBits;
        pendingBits += taken;
        if (pendingBits < 8) continue;
        full[at++] = pending & 0xff;
        pending >>= 8;
        pendingBits -= 8;
      }
      return full;
    },
    rest: () => (pendingBits > 0 ? Uint8Array.of(pending) : new Uint8Array()),
  };
}
