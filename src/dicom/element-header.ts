import { available, type ByteWindow } from './byte-window.ts';
import { dictionaryVr, resolveVr } from './dictionary.ts';
import { couldBe, sniffEncoding } from './encoding-sniffing.ts';
import type { Vr } from './json-model.ts';
import { creatorOf, isPrivateCreator } from './private-attribute.ts';
import { privateVr } from './private-dictionary.ts';
import type { DataSetFrame } from './scan-frames.ts';
import { inlineBytes } from './scan-limits.ts';
import { elementInWords, malformed, objectTo, type ScanState, warn } from './scan-state.ts';
import { vrTraits, vrTraitsOfCode } from './vr-traits.ts';

export const undefinedLength = 0xffffffff;

/** Bytes of a tag with a 32-bit length, and of an element header with a 16-bit length. */
export const shortHeader = 8;
const longHeader = 12;

/** Tag at the start of the window. */
export function tagAt(window: ByteWindow, bigEndian: boolean): number {
  const { start } = window;
  return ((uint16At(window, start, bigEndian) << 16) | uint16At(window, start + 2, bigEndian)) >>> 0;
}

/** @param at index in the bytes of the window */
export function uint32At(window: ByteWindow, at: number, bigEndian: boolean): number {
  const high = uint16At(window, bigEndian ? at : at + 2, bigEndian);
  const low = uint16At(window, bigEndian ? at + 2 : at, bigEndian);
  return ((high << 16) | low) >>> 0;
}

export function uint16At({ bytes }: ByteWindow, at: number, bigEndian: boolean): number {
  return bigEndian ? (bytes[at]! << 8) | bytes[at + 1]! : bytes[at]! | (bytes[at + 1]! << 8);
}

/**
 * Reads VR and length behind the tag that `state.element` has already; the first eight bytes are there.
 * @returns 0, or how many bytes have to be there first
 * @throws CausewayError `malformed`
 * @see PS3.5 §7.1.2, §7.1.3
 */
export function readHeader(state: ScanState, frame: DataSetFrame): number {
  if (frame.undecided) decideEncoding(state, frame);
  if (!frame.explicitVr) {
    readImplicitHeader(state, frame);
    return 0;
  }
  const { window, element } = state;
  const { bytes, start } = window;
  const code = (bytes[start + 4]! << 8) | bytes[start + 5]!;
  let traits = vrTraitsOfCode(code);
  let long = traits?.longLength ?? false;
  if (traits === undefined) {
    if (!isUpperCase(code >>> 8) || !isUpperCase(code & 0xff)) {
      readStrayImplicitHeader(state, frame);
      return 0;
    }
    // New VRs have 32-bit lengths behind two zero bytes (PS3.5 §6.2); an old device's invention has other bytes there.
    traits = vrTraits('UN');
    long = bytes[start + 6] === 0 && bytes[start + 7] === 0;
    objectTo(
      state,
      `has the VR ${String.fromCharCode(code >>> 8, code & 0xff)}, which does not exist, and is kept as UN`,
    );
  }
  if (long && available(window) < longHeader) return longHeader;
  element.traits = traits;
  element.headerLength = long ? longHeader : shortHeader;
  element.length = long ? uint32At(window, start + 8, frame.bigEndian) : uint16At(window, start + 6, frame.bigEndian);
  return 0;
}

/** The VR of an element that does not say it. UN if nobody knows. */
export function knownVr(tag: number, frame: DataSetFrame): Vr {
  const known = dictionaryVr(tag);
  if (known !== undefined) {
    return known.length === 2 ? (known as Vr) : resolveVr(known, { ...frame, implicitVr: !frame.explicitVr });
  }
  if ((tag & 0x10000) === 0) return 'UN';
  if (isPrivateCreator(tag)) return 'LO';
  const creator = creatorOf(tag, frame.attributes);
  return (creator === undefined ? undefined : privateVr(tag, creator)) ?? 'UN';
}

function readImplicitHeader({ window, element }: ScanState, frame: DataSetFrame): void {
  element.headerLength = shortHeader;
  element.length = uint32At(window, window.start + 4, frame.bigEndian);
  element.traits = vrTraits(knownVr(element.tag, frame));
}

/** Some writers slip elements without VR into an explicit data set. */
function readStrayImplicitHeader(state: ScanState, frame: DataSetFrame): void {
  readImplicitHeader(state, frame);
  if (dictionaryVr(state.element.tag) === undefined || state.element.length > inlineBytes.text) {
    throw malformed(state, `${elementInWords(state)} has neither a VR nor a plausible length.`);
  }
  warn(state, 'encoding-differs', `${elementInWords(state)} has no VR, unlike the attributes around it.`);
}

/** CP-246: what is in an attribute of VR UN is Implicit VR Little Endian; some writers keep it explicit. */
function decideEncoding({ window }: ScanState, frame: DataSetFrame): void {
  frame.undecided = false;
  if (couldBe({ explicitVr: false, bigEndian: false }, window.bytes, window.start)) return;
  frame.explicitVr = sniffEncoding(window.bytes, window.start)?.explicitVr ?? false;
}

function isUpperCase(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}
