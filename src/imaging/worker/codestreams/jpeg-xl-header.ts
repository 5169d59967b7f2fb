import { beginsWithBox, boxesOf } from './boxes.ts';

/** The size that a JPEG XL codestream (ISO/IEC 18181-1 §9.2, SizeHeader) says of itself. */
export interface JpegXlSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Reads the size from a bare codestream or from one in a container (ISO/IEC 18181-2).
 * @throws Error saying what is wrong, to complete "Frame n cannot be decoded: …"
 */
export function readJpegXlSize(bytes: Uint8Array): JpegXlSize {
  const codestream = codestreamOf(bytes);
  if (codestream[0] !== 0xff || codestream[1] !== 0x0a)
    throw new Error('it does not begin as a JPEG XL codestream does');
  const read = bitReader(codestream.subarray(2));
  const small = read(1) === 1;
  const size = (): number => (small ? (read(5) + 1) * 8 : read(sizeBits[read(2)] ?? 30) + 1);
  const rows = size();
  const ratio = ratios[read(3)];
  const columns = ratio === undefined ? size() : Math.floor((rows * ratio[0]) / ratio[1]);
  return { rows, columns };
}

const sizeBits = [9, 13, 18, 30];

/** Width to height, for the ratios that have a number. */
const ratios: readonly (readonly [number, number] | undefined)[] = [
  undefined,
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

/** Bits come least significant first. */
function bitReader(bytes: Uint8Array): (count: number) => number {
  let position = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit++, position++) {
      const byte = bytes[position >> 3];
      if (byte === undefined) throw new Error('it ends within its header');
      if ((byte >> (position & 7)) & 1) value += 2 ** bit;
    }
    return value;
  };
}

function codestreamOf(bytes: Uint8Array): Uint8Array {
  if (!beginsWithBox(bytes, 'JXL ')) return bytes;
  for (const { type, content } of boxesOf(bytes)) {
    if (type === 'jxlc') return content;
    // Partial codestreams are numbered by four bytes; the first holds the header.
    if (type === 'jxlp') return content.subarray(4);
  }
  throw new Error('it is a JPEG XL container without a codestream');
}
