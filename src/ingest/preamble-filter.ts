const preambleBytes = 128;
const magic = Buffer.from('DICM');
const headBytes = preambleBytes + magic.length;

/**
 * Passes a stream of bytes on, in pieces that may differ from those that came in. A piece is good until the next call,
 * and as long as the chunk it came from.
 */
export interface PreambleFilter {
  /** @returns what can be passed on already */
  push(chunk: Uint8Array): Uint8Array[];
  /** @returns the rest of what came in */
  end(): Uint8Array[];
}

/**
 * Zeroes the preamble of a Part 10 file (PS3.10 §7.1): 128 bytes that every DICOM reader passes over, and that can hold
 * the head of a TIFF or of a program which other readers would run. Bytes without the prefix `DICM` go through unchanged.
 */
export function createPreambleFilter(): PreambleFilter {
  let head: Uint8Array[] | undefined = [];
  let headLength = 0;

  return {
    push(chunk) {
      if (!head) return [chunk];
      headLength += chunk.length;
      if (headLength < headBytes) {
        head.push(Buffer.from(chunk));
        return [];
      }
      const bytes = head.length === 0 ? chunk : Buffer.concat([...head, chunk]);
      head = undefined;
      if (!magic.equals(bytes.subarray(preambleBytes, headBytes))) return [bytes];
      return [Buffer.alloc(preambleBytes), bytes.subarray(preambleBytes)];
    },
    end() {
      const rest = head ?? [];
      head = undefined;
      return rest;
    },
  };
}
