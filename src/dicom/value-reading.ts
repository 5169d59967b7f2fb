import { available, consume } from './byte-window.ts';
import { type CharacterSet, characterSetOf } from './character-set.ts';
import type { DicomJsonElement, Vr } from './json-model.ts';
import type { NativePixelData, PixelDataTag } from './pixel-data.ts';
import { nativeLayout } from './pixel-data-layout.ts';
import type { DataSetFrame } from './scan-frames.ts';
import { inlineBytes } from './scan-limits.ts';
import { countMetadata, elementInWords, objectTo, type ScanState, skip, store, storeBulk, warn } from './scan-state.ts';
import { decodeValue } from './value-decoding.ts';

const specificCharacterSet = 0x00080005;
const bitsAllocated = 0x00280100;
const pixelRepresentation = 0x00280103;
const lutDescriptor = 0x00283002;
const waveformBitsAllocated = 0x54001004;
const extendedOffsetTable = 0x7fe00001;
const dataSetTrailingPadding = 0xfffcfffc;

const pixelDataTags: ReadonlyMap<number, PixelDataTag> = new Map([
  [0x7fe00008, '7FE00008'],
  [0x7fe00009, '7FE00009'],
  [0x7fe00010, '7FE00010'],
]);

/** Palettes and LUT Data: whoever shows a picture needs them. */
const lookupTables: ReadonlySet<number> = new Set([
  0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223, 0x00283006,
]);

/** Reads values of defined length into `state`. */
export interface ValueReader {
  /**
   * Decodes the value of the element at hand, or locates it where it is long.
   * @returns 0, or how many bytes from the start of the element have to be there first
   */
  read(frame: DataSetFrame): number;
}

export function createValueReader(state: ScanState): ValueReader {
  const { window, element, root, limits } = state;
  const context = {
    bigEndian: root.bigEndian,
    characterSet: root.characterSet,
    objection: (message: string) => objectTo(state, message),
  };

  function read(frame: DataSetFrame): number {
    const { tag, traits, length, headerLength } = element;
    // What a relay left as UN is little endian whatever is around it (PS3.5 §6.2.2).
    const bigEndian = frame.bigEndian && traits.vr !== 'UN';
    const pixelTag = frame === root && length > 0 ? pixelDataTags.get(tag) : undefined;
    if (pixelTag !== undefined) {
      readNativePixelData(frame, pixelTag, bigEndian);
      return 0;
    }
    if (tag === dataSetTrailingPadding || (tag & 0xffff) === 0) {
      skip(state, headerLength + length);
      return 0;
    }
    const missing = available(window) < headerLength + length;
    if (tag === extendedOffsetTable && frame === root && length <= 8 * limits.maxFragments) {
      if (missing) return headerLength + length;
      state.extendedOffsets = offsetsAt(window.start + headerLength, length);
    }
    if (length > (lookupTables.has(tag) ? inlineBytes.lookupTable : traits.maxInlineBytes)) {
      locate(frame, traits.vr, bigEndian);
      return 0;
    }
    if (missing) {
      if (state.metadataBytes + length > limits.maxMetadataBytes) countMetadata(state, length);
      return headerLength + length;
    }
    countMetadata(state, length);
    context.bigEndian = bigEndian;
    context.characterSet = frame.characterSet;
    const start = window.start + headerLength;
    const value = decodeValue(traits, window.bytes, start, start + length, context);
    noteCharacterProblems(frame.characterSet);
    noteWhatDecides(frame, value);
    store(state, frame, value);
    consume(window, headerLength + length);
    return 0;
  }

  function readNativePixelData(frame: DataSetFrame, pixelTag: PixelDataTag, bigEndian: boolean): void {
    const range = { offset: element.offset + element.headerLength, length: element.length };
    const vr = pixelVr(frame, element.traits.vr);
    state.afterPixelData = true;
    state.pixelData ??= nativeLayout(pixelTag, vr, range, bigEndian, root.attributes, state.warnings);
    locate(frame, vr, bigEndian);
  }

  function locate(frame: DataSetFrame, vr: Vr, bigEndian: boolean): void {
    const { offset, headerLength, length } = element;
    storeBulk(state, frame, { vr, offset: offset + headerLength, length, bigEndian });
    skip(state, headerLength + length);
  }

  function noteCharacterProblems(characterSet: CharacterSet): void {
    const problems = characterSet.problems();
    if (problems > state.characterProblems) {
      warn(state, 'character-set', `${elementInWords(state)} has characters that its character set does not have.`);
    }
    state.characterProblems = problems;
  }

  /** Some attributes decide how later ones are read. */
  function noteWhatDecides(frame: DataSetFrame, value: DicomJsonElement): void {
    const first = value.Value?.[0];
    if (element.tag === specificCharacterSet) declareCharacterSet(frame, value);
    if (typeof first !== 'number') return;
    if (element.tag === pixelRepresentation) frame.pixelRepresentation = first;
    else if (element.tag === bitsAllocated || element.tag === waveformBitsAllocated) frame.bitsAllocated = first;
    else if (element.tag === lutDescriptor) frame.lutEntries = first;
  }

  /** JSON is UTF-8 whatever the file was, so that is what it says of itself (PS3.18 §F.2). */
  function declareCharacterSet(frame: DataSetFrame, value: DicomJsonElement): void {
    const terms = value.Value?.map((term) => (typeof term === 'string' ? term : '')) ?? [];
    frame.characterSet = characterSetOf(terms);
    state.characterProblems = 0;
    if (frame.characterSet.unknownTerms.length > 0) {
      warn(state, 'character-set', `${elementInWords(state)} names a character set that does not exist.`);
    }
    if (terms.length > 0) value.Value = ['ISO_IR 192'];
  }

  function offsetsAt(start: number, bytes: number): Float64Array {
    const offsets = new Float64Array(Math.floor(bytes / 8));
    for (let index = 0; index < offsets.length; index++) {
      offsets[index] = Number(window.bytes.readBigUInt64LE(start + 8 * index));
    }
    return offsets;
  }

  return { read };
}

function pixelVr(frame: DataSetFrame, vr: Vr): NativePixelData['vr'] {
  if (vr === 'OB' || vr === 'OW' || vr === 'OF' || vr === 'OD') return vr;
  return (frame.bitsAllocated ?? 8) > 8 ? 'OW' : 'OB';
}
