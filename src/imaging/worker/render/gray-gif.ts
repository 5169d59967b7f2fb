const clearCode = 256;
const endCode = 257;
const maxCodes = 4096;

/**
 * A still GIF (89a) of gray pixels as they are: quantizers made for colour lose a level here and there, and take longer.
 * @param bytes one a pixel
 */
export function grayGif(bytes: Uint8Array, width: number, height: number): Uint8Array {
  const head = Buffer.alloc(13 + 768 + 10 + 1);
  head.write('GIF89a', 0, 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  head[10] = 0xf7; // a global table of 256 colours
  for (let level = 0; level < 256; level++) head.fill(level, 13 + 3 * level, 16 + 3 * level);
  head[781] = 0x2c;
  head.writeUInt16LE(width, 786);
  head.writeUInt16LE(height, 788);
  head[791] = 8; // bits of the smallest code
  return Buffer.concat([head, ...subBlocks(compressed(bytes)), Buffer.from([0, 0x3b])]);
}

function* subBlocks(data: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < data.length; at += 255) {
    const block = data.subarray(at, at + 255);
    yield Uint8Array.of(block.length);
    yield block;
  }
}

/** Variable-length-code LZW (GIF89a, Appendix F). */
function compressed(bytes: Uint8Array): Uint8Array {
  // A code may take 12 bits, and no code stands for less than a pixel but those that clear the table.
  const out = new Uint8Array(Math.ceil(1.6 * bytes.length) + 16);
  const codeOf = new Int16Array(maxCodes * 256);
  let at = 0;
  let pending = 0;
  let pendingBits = 0;
  let codeBits = 9;
  let nextCode = endCode + 1;

  const write = (code: number) => {
    pending |= code << pendingBits;
    pendingBits += codeBits;
    while (pendingBits >= 8) {
      out[at++] = pending & 0xff;
      pending >>>= 8;
      pendingBits -= 8;
    }
  };

  write(clearCode);
  let prefix = bytes[0] ?? 0;
  for (let index = 1; index < bytes.length; index++) {
    const pixel = bytes[index] as number;
    const known = codeOf[(prefix << 8) | pixel] as number;
    if (known !== 0) {
      prefix = known;
      continue;
    }
    write(prefix);
    if (nextCode < maxCodes) {
      codeOf[(prefix << 8) | pixel] = nextCode;
      if (nextCode === 1 << codeBits) codeBits += 1;
      nextCode += 1;
    } else {
      write(clearCode);
      codeOf.fill(0);
      codeBits = 9;
      nextCode = endCode + 1;
    }
    prefix = pixel;
  }
  write(prefix);
  // The reader has learned one more code by now.
  if (nextCode === 1 << codeBits && codeBits < 12) codeBits += 1;
  write(endCode);
  if (pendingBits > 0) out[at++] = pending & 0xff;
  return out.subarray(0, at);
}
