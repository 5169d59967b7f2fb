const headerBytes = 64;
const maxSegments = 15;
const maxRun = 128;

/**
 * RLE Lossless: one PackBits segment for each byte of each sample, most significant byte first; a run never passes the end of a row.
 * @param pixels interleaved and little endian, `rows` rows
 * @param pixelBytes samples times bytes of a sample: at most 15
 * @param sampleBytes 1, 2 or 4
 * @see PS3.5 Annex G
 */
export function encodeRle(
  pixels: Uint8Array,
  rows: number,
  pixelBytes: number,
  sampleBytes: number,
): Uint8Array<ArrayBuffer> {
  if (pixelBytes > maxSegments) throw new Error(`RLE has ${maxSegments} segments at most, not ${pixelBytes}`);
  const columns = pixels.length / rows / pixelBytes;
  const header = new DataView(new ArrayBuffer(headerBytes));
  header.setUint32(0, pixelBytes, true);
  const segments: Uint8Array[] = [new Uint8Array(header.buffer)];
  const row = new Uint8Array(columns);
  // A literal of 128 bytes takes 129; a segment is padded to an even length.
  const packed = new Uint8Array(rows * (columns + Math.ceil(columns / maxRun)) + 1);
  let offset = headerBytes;
  for (let segment = 0; segment < pixelBytes; segment++) {
    const sample = Math.floor(segment / sampleBytes);
    let from = sample * sampleBytes + (sampleBytes - 1 - (segment % sampleBytes));
    let end = 0;
    for (let line = 0; line < rows; line++) {
      for (let column = 0; column < columns; column++, from += pixelBytes) row[column] = pixels[from] as number;
      end = packRow(row, packed, end);
    }
    if (end % 2 === 1) packed[end++] = 0;
    header.setUint32(4 + 4 * segment, offset, true);
    offset += end;
    segments.push(packed.slice(0, end));
  }
  return joined(segments, offset);
}

/** @returns where the next row goes */
function packRow(row: Uint8Array, packed: Uint8Array, start: number): number {
  let to = start;
  for (let at = 0; at < row.length; ) {
    const run = runLength(row, at);
    if (run > 1) {
      packed[to++] = 257 - run;
      packed[to++] = row[at] as number;
      at += run;
      continue;
    }
    const end = literalEnd(row, at);
    packed[to++] = end - at - 1;
    packed.set(row.subarray(at, end), to);
    to += end - at;
    at = end;
  }
  return to;
}

function runLength(row: Uint8Array, at: number): number {
  const limit = Math.min(row.length, at + maxRun);
  let end = at + 1;
  while (end < limit && row[end] === row[at]) end++;
  return end - at;
}

/** Literals end where three bytes are alike: a run of two would save nothing. */
function literalEnd(row: Uint8Array, at: number): number {
  const limit = Math.min(row.length, at + maxRun);
  for (let end = at + 1; end < limit; end++) {
    if (row[end] === row[end + 1] && row[end] === row[end + 2]) return end;
  }
  return limit;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
