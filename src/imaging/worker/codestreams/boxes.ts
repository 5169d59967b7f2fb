/** One box of a JP2 or JPEG XL file (ISO/IEC 15444-1 Annex I). */
export interface Box {
  /** Four characters. */
  readonly type: string;
  readonly content: Uint8Array;
}

export function beginsWithBox(bytes: Uint8Array, type: string): boolean {
  return bytes.length >= 12 && typeAt(bytes, 4) === type;
}

/** Walks the boxes of the top level; stops without a word where a length makes no sense. */
export function* boxesOf(bytes: Uint8Array): Generator<Box> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 0; offset + 8 <= view.byteLength; ) {
    const length = view.getUint32(offset);
    const isWide = length === 1 && offset + 16 <= view.byteLength;
    const headerBytes = isWide ? 16 : 8;
    const boxBytes = isWide ? Number(view.getBigUint64(offset + 8)) : length === 0 ? view.byteLength - offset : length;
    if (boxBytes < headerBytes) return;
    yield { type: typeAt(bytes, offset + 4), content: bytes.subarray(offset + headerBytes, offset + boxBytes) };
    offset += boxBytes;
  }
}

function typeAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
