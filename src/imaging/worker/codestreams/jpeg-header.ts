/** What a JPEG (ISO/IEC 10918-1) or JPEG-LS (ISO/IEC 14495-1) codestream says of itself. */
export interface JpegHeader {
  readonly process: 'dct' | 'lossless' | 'jpeg-ls' | 'arithmetic' | 'hierarchical';
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly componentIds: readonly number[];
  /** Adobe's APP14 segment: 0 no colour transform, 1 YCbCr, 2 YCCK. */
  readonly adobeTransform: number | undefined;
  /** Offset of the first scan's header. */
  readonly scanOffset: number;
}

const soi = 0xd8;
const sos = 0xda;
const app14 = 0xee;
const startOfFrame: ReadonlyMap<number, JpegHeader['process']> = new Map([
  [0xc0, 'dct'],
  [0xc1, 'dct'],
  [0xc2, 'dct'],
  [0xc3, 'lossless'],
  [0xc5, 'hierarchical'],
  [0xc6, 'hierarchical'],
  [0xc7, 'hierarchical'],
  [0xc9, 'arithmetic'],
  [0xca, 'arithmetic'],
  [0xcb, 'arithmetic'],
  [0xcd, 'hierarchical'],
  [0xce, 'hierarchical'],
  [0xcf, 'hierarchical'],
  [0xf7, 'jpeg-ls'],
]);

/**
 * Reads marker segments up to the first scan.
 * @throws Error saying what is wrong with the codestream, to complete "Frame n cannot be decoded: …"
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== 0xff || bytes[1] !== soi) throw new Error('it does not begin with a JPEG SOI marker');
  let frame: Omit<JpegHeader, 'adobeTransform' | 'scanOffset'> | undefined;
  let adobeTransform: number | undefined;
  for (let offset = 2; ; ) {
    if (offset + 4 > bytes.length) throw new Error('it ends within its header');
    if (bytes[offset] !== 0xff) throw new Error(`there is no marker at byte ${offset} of its header`);
    while (bytes[offset + 1] === 0xff) offset++;
    const marker = bytes[offset + 1];
    if (marker === undefined || offset + 4 > bytes.length) throw new Error('it ends within its header');
    const end = offset + 2 + view.getUint16(offset + 2);
    if (end > bytes.length) throw new Error('it ends within its header');
    if (marker === sos) {
      if (frame === undefined) throw new Error('its first scan comes before the frame header');
      return { ...frame, adobeTransform, scanOffset: offset };
    }
    const process = startOfFrame.get(marker);
    if (process !== undefined) frame = readFrameHeader(view, offset + 4, end, process);
    if (marker === app14 && end - offset >= 16 && isAdobe(bytes, offset + 4)) adobeTransform = bytes[offset + 15];
    offset = end;
  }
}

function readFrameHeader(view: DataView, offset: number, end: number, process: JpegHeader['process']) {
  const count = end - offset >= 6 ? view.getUint8(offset + 5) : 0;
  if (count === 0 || offset + 6 + 3 * count > end) throw new Error('its frame header is too short');
  return {
    process,
    precision: view.getUint8(offset),
    rows: view.getUint16(offset + 1),
    columns: view.getUint16(offset + 3),
    componentIds: Array.from({ length: count }, (_, index) => view.getUint8(offset + 6 + 3 * index)),
  };
}

function isAdobe(bytes: Uint8Array, offset: number): boolean {
  return String.fromCharCode(...bytes.subarray(offset, offset + 5)) === 'Adobe';
}

/**
 * True if the end marker FFD9 (EOI, or EOC of JPEG 2000) follows `from`. Entropy-coded data never contains it, and bytes behind it do not
 * matter: Philips angiography, for one, leaves scraps of an earlier frame there.
 */
export function hasEndMarker(bytes: Uint8Array, from: number): boolean {
  for (let offset = bytes.length - 2; offset >= from; offset--) {
    if (bytes[offset + 1] === 0xd9 && bytes[offset] === 0xff) return true;
  }
  return false;
}
