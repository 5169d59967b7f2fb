import { beginsWithBox, boxesOf } from './boxes.ts';
import { hasEndMarker } from './jpeg-header.ts';

/** What a JPEG 2000 or HTJ2K codestream (ISO/IEC 15444-1 Annex A) says of itself. */
export interface Jpeg2000Header {
  /** The codestream, taken out of the JP2 file that some writers wrap around it. */
  readonly codestream: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly precision: number;
  readonly signed: boolean;
  /** Components differ in size, precision or sign. */
  readonly mixed: boolean;
  /** The codestream undoes a colour transform (RCT or ICT) by itself: RGB comes out. */
  readonly colorTransform: boolean;
  /** Offset in `codestream` of the first tile part. */
  readonly tileOffset: number;
}

const soc = 0xff4f;
const siz = 0xff51;
const cod = 0xff52;
const sot = 0xff90;
const eoc = 0xffd9;

/**
 * Reads the main header.
 * @throws Error saying what is wrong with the codestream, to complete "Frame n cannot be decoded: …"
 */
export function readJpeg2000Header(bytes: Uint8Array): Jpeg2000Header {
  const codestream = unwrapJp2(bytes);
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== soc)
    throw new Error('it does not begin with a JPEG 2000 SOC marker');
  let size: ReturnType<typeof readSize> | undefined;
  let colorTransform = false;
  for (let offset = 2; ; ) {
    if (offset + 4 > view.byteLength) throw new Error('it ends within its main header');
    const marker = view.getUint16(offset);
    if (marker === sot) {
      if (size === undefined) throw new Error('its main header has no SIZ segment');
      return { codestream, ...size, colorTransform, tileOffset: offset };
    }
    if (marker < 0xff00) throw new Error(`there is no marker at byte ${offset} of its main header`);
    const end = offset + 2 + view.getUint16(offset + 2);
    if (end > view.byteLength) throw new Error('it ends within its main header');
    if (marker === siz) size = readSize(view, offset + 4, end);
    if (marker === cod && end - offset > 8) colorTransform = view.getUint8(offset + 8) !== 0;
    offset = end;
  }
}

/**
 * Walks the tile parts by their lengths: each must be whole, and the last be followed by the end marker. Decoders fill what is missing
 * with gray and say nothing.
 * @throws Error to complete "Frame n cannot be decoded: …"
 */
export function requireWholeTileParts({ codestream, tileOffset }: Jpeg2000Header): void {
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
  let offset = tileOffset;
  for (let part = 1; ; part++) {
    if (offset + 12 > view.byteLength) throw new Error(`tile part ${part} is cut off`);
    const partBytes = view.getUint32(offset + 6);
    if (partBytes === 0) break;
    if (partBytes < 14 || offset + partBytes > view.byteLength) throw new Error(`tile part ${part} is cut off`);
    offset += partBytes;
    const marker = offset + 2 > view.byteLength ? undefined : view.getUint16(offset);
    if (marker === eoc) return;
    if (marker !== sot) throw new Error(`there is no marker behind tile part ${part}, its codestream ends early`);
  }
  // A length of zero: the part goes on to the end marker.
  if (!hasEndMarker(codestream, offset)) throw new Error('its JPEG 2000 codestream ends without an EOC marker');
}

function readSize(view: DataView, offset: number, end: number) {
  const components = end - offset >= 36 ? view.getUint16(offset + 34) : 0;
  if (components === 0 || offset + 36 + 3 * components > end) throw new Error('its SIZ segment is too short');
  const at = (component: number, byte: number): number => view.getUint8(offset + 36 + 3 * component + byte);
  const depth = at(0, 0);
  let mixed = false;
  for (let component = 0; component < components; component++) {
    if (at(component, 0) !== depth || at(component, 1) !== 1 || at(component, 2) !== 1) mixed = true;
  }
  return {
    columns: view.getUint32(offset + 2) - view.getUint32(offset + 10),
    rows: view.getUint32(offset + 6) - view.getUint32(offset + 14),
    components,
    precision: (depth & 0x7f) + 1,
    signed: depth > 0x7f,
    mixed,
  };
}

function unwrapJp2(bytes: Uint8Array): Uint8Array {
  if (!beginsWithBox(bytes, 'jP  ')) return bytes;
  for (const box of boxesOf(bytes)) if (box.type === 'jp2c') return box.content;
  throw new Error('it is a JP2 file without a codestream');
}
