import { Buffer } from 'node:buffer';

export type GbEncoding = 'gb18030' | 'gbk';

/** Characters to their bytes, as one number. */
type Codes = ReadonlyMap<string, number>;

/**
 * Characters that editions of GB 18030 have in different places, and the Private Use Area, in which they stood before: a
 * peer of another edition would read another character.
 */
const disputed = /[\u1E3F\u9FB4-\u9FBB\uFE10-\uFE19\uE000-\uF8FF\uFFFD]/;

/** The last of four bytes for characters of the Basic Multilingual Plane, and the first for all others. */
const lastOfBmp = 0x8431a439;
const firstOfSupplementary = 0x90308130;

const tables = new Map<GbEncoding, Codes>();

/**
 * Writes text in GB18030 or GBK.
 * @returns undefined where a character is not in it, or not in the same place in each of its editions
 */
export function encodeGb(text: string, encoding: GbEncoding): Buffer | undefined {
  let codes = tables.get(encoding);
  const bytes: number[] = [];
  for (const character of text) {
    const codePoint = character.codePointAt(0)!;
    if (codePoint < 0x80) {
      bytes.push(codePoint);
      continue;
    }
    if (codes === undefined) {
      codes = tableOf(encoding);
      tables.set(encoding, codes);
    }
    const code =
      codes.get(character) ?? (codePoint > 0xffff && encoding === 'gb18030' ? fourBytes(codePoint) : undefined);
    if (code === undefined) return undefined;
    if (code > 0xffff) bytes.push(code >>> 24, (code >>> 16) & 0xff);
    bytes.push((code >>> 8) & 0xff, code & 0xff);
  }
  return Buffer.from(bytes);
}

/** Decodes every code there is, once: two bytes before four. */
function tableOf(encoding: GbEncoding): Codes {
  const decoder = new TextDecoder(encoding);
  const codes = new Map<string, number>();
  const add = (code: number, bytes: Uint8Array): void => {
    const text = decoder.decode(bytes);
    if (disputed.test(text) || codes.has(text) || text.length !== 1) return;
    codes.set(text, code);
  };
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail !== 0x7f) add((lead << 8) | trail, Uint8Array.of(lead, trail));
    }
  }
  if (encoding === 'gbk') return codes;
  for (let index = 0; ; index++) {
    const code = fourByteCode(0x81308130, index);
    if (code > lastOfBmp) return codes;
    add(code, Uint8Array.of(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff));
  }
}

/** Behind the Basic Multilingual Plane codes follow on one another as code points do. */
function fourBytes(codePoint: number): number {
  return fourByteCode(firstOfSupplementary, codePoint - 0x10000);
}

/** Of ten by 126 by ten codes for each first byte, one so many behind another that ends in 0x30 0x81 0x30. */
function fourByteCode(from: number, index: number): number {
  const first = (from >>> 24) + Math.floor(index / 12_600);
  const second = 0x30 + (Math.floor(index / 1_260) % 10);
  const third = 0x81 + (Math.floor(index / 10) % 126);
  return ((first << 24) | (second << 16) | (third << 8) | (0x30 + (index % 10))) >>> 0;
}
