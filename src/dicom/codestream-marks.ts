import type { CodecFamily } from './transfer-syntaxes.ts';

/** Bytes at either end of a fragment that the marks need. */
export const headBytes = 12;
export const tailBytes = 4;

/** True if a codestream of this family can start with these bytes. */
export function startsCodestream(codec: CodecFamily, head: Uint8Array): boolean {
  switch (codec) {
    case 'jpeg':
    case 'jpeg-ls':
      return head[0] === 0xff && head[1] === 0xd8;
    case 'jpeg-2000':
    case 'htj2k':
      return (head[0] === 0xff && head[1] === 0x4f) || isBox(head, 'jP  ');
    case 'jpeg-xl':
      return (head[0] === 0xff && head[1] === 0x0a) || isBox(head, 'JXL ');
    case 'rle':
      return startsRle(head);
    default:
      return false;
  }
}

/**
 * True if a codestream of this family can end with these bytes, padding included.
 * RLE and JPEG XL have no end marker: any end will do.
 */
export function endsCodestream(codec: CodecFamily, tail: Uint8Array): boolean {
  if (codec === 'rle' || codec === 'jpeg-xl') return true;
  for (let at = tail.length - 2; at >= 0; at--) {
    if (tail[at] === 0xff && tail[at + 1] === 0xd9) return true;
  }
  return false;
}

/** A box of twelve bytes (length 12, type, signature) opens the file formats around JPEG 2000 and JPEG XL. */
function isBox(head: Uint8Array, type: string): boolean {
  if (head[0] !== 0 || head[1] !== 0 || head[2] !== 0 || head[3] !== 12) return false;
  return [...type].every((letter, index) => head[4 + index] === letter.charCodeAt(0));
}

/** The RLE header: 1 to 15 segments, the first of which starts behind the header (PS3.5 §G.5). */
function startsRle(head: Uint8Array): boolean {
  const [segments = 0, b1, b2, b3, first, f1, f2, f3] = head;
  return segments >= 1 && segments <= 15 && !b1 && !b2 && !b3 && first === 64 && !f1 && !f2 && !f3;
}
