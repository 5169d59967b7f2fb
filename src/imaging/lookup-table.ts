import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import { inlineBytesOf, numbersOf } from './attribute-values.ts';

/** A table of PS3.3 §C.11.1.1 (Modality LUT, VOI LUT) or §C.7.6.3.1.5 (one colour of a palette). */
export interface LookupTable {
  /** The input that gives the first entry; what is below gives it too, what is past the last entry gives the last. */
  readonly firstMapped: number;
  /** The bits that an entry uses, 8 to 16. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/**
 * Reads descriptor and data of one lookup table.
 *
 * Writers disagree about 8-bit entries (one a byte or one a word) and about the bits of an entry: the length of the data
 * decides the first, and entries that need more bits than the descriptor says widen the second.
 * @param signedInput true if the input may be negative: a first mapped value that was written as US is then read as SS
 * @throws CausewayError `cannot-render` if the table is incomplete or too large for the metadata
 */
export function readLookupTable(
  attributes: DicomJson,
  descriptorTag: string,
  dataTag: string,
  signedInput: boolean,
): LookupTable {
  const { count, firstMapped, bits } = readDescriptor(attributes, descriptorTag, signedInput);
  return tableOf(firstMapped, bits, readEntries(attributes, dataTag, count));
}

/**
 * Reads descriptor and segments of a segmented palette colour lookup table (PS3.3 §C.7.9.2).
 * @throws CausewayError `cannot-render`
 */
export function readSegmentedLookupTable(
  attributes: DicomJson,
  descriptorTag: string,
  dataTag: string,
  signedInput: boolean,
): LookupTable {
  const { count, firstMapped, bits } = readDescriptor(attributes, descriptorTag, signedInput);
  const bytes = inlineBytesOf(attributes[dataTag]);
  const values = bytes === undefined ? Uint16Array.from(numbersOf(attributes, dataTag)) : segmentValues(bytes, bits);
  if (values.length === 0) throw incomplete(dataTag, 'has no value that came with the metadata');
  return tableOf(firstMapped, bits, expandSegments(values, count, bits, dataTag));
}

function readDescriptor(attributes: DicomJson, tag: string, signedInput: boolean) {
  const [count, first, bits] = numbersOf(attributes, tag);
  if (count === undefined || first === undefined || bits === undefined) throw incomplete(tag, 'needs three values');
  return {
    count: (count & 0xffff) === 0 ? 65_536 : count & 0xffff,
    firstMapped: signedInput && first > 32_767 ? first - 65_536 : first,
    bits: Math.min(Math.max(bits, 1), 16),
  };
}

function readEntries(attributes: DicomJson, tag: string, count: number): Uint16Array {
  const bytes = inlineBytesOf(attributes[tag]);
  const words = bytes === undefined ? Uint16Array.from(numbersOf(attributes, tag)) : undefined;
  if (words !== undefined && words.length >= count) return words.subarray(0, count);
  const packed = bytes ?? new Uint8Array(words?.buffer ?? new ArrayBuffer(0));
  if (packed.length === 0) throw incomplete(tag, 'has no value that came with the metadata');
  if (packed.length >= 2 * count) return wordsOf(packed, count);
  if (packed.length >= count) return Uint16Array.from(packed.subarray(0, count));
  throw incomplete(tag, `holds ${packed.length} bytes for ${count} entries`);
}

function wordsOf(bytes: Uint8Array, count: number): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: count }, (_, index) => view.getUint16(2 * index, true));
}

/** Widens `bits` where entries need more, as an entry of more bits than the descriptor promises would be shown too bright. */
function tableOf(firstMapped: number, bits: number, entries: Uint16Array): LookupTable {
  let highest = 0;
  for (const entry of entries) if (entry > highest) highest = entry;
  const needed = 32 - Math.clz32(highest);
  return { firstMapped, entries, bits: Math.max(bits, needed, 8) };
}

function segmentValues(bytes: Uint8Array, bits: number): Uint16Array {
  return bits > 8 ? wordsOf(bytes, bytes.length >> 1) : Uint16Array.from(bytes);
}

const opcodes = { discrete: 0, linear: 1, indirect: 2 } as const;

function expandSegments(values: Uint16Array, count: number, bits: number, tag: string): Uint16Array {
  const entries = new Uint16Array(count);
  let filled = 0;
  const push = (value: number): void => {
    if (filled < count) entries[filled++] = value;
  };
  const at = (index: number): number => {
    const value = values[index];
    if (value === undefined) throw incomplete(tag, 'ends within a segment');
    return value;
  };
  /** Returns the position behind the segment; an indirect segment may refer to plain ones only, so that nothing loops. */
  const expand = (position: number, nested: boolean): number => {
    const opcode = at(position);
    const length = at(position + 1);
    if (opcode === opcodes.discrete) {
      for (let index = 0; index < length; index++) push(at(position + 2 + index));
      return position + 2 + length;
    }
    if (opcode === opcodes.linear) {
      const to = at(position + 2);
      const from = entries[filled - 1];
      if (from === undefined) throw incomplete(tag, 'begins with a linear segment');
      for (let step = 1; step <= length; step++) push(Math.round(from + ((to - from) * step) / length));
      return position + 3;
    }
    if (opcode === opcodes.indirect && !nested) {
      // The offset is in bytes, low word first; 8-bit tables spread it over four single bytes.
      const wide = bits > 8;
      const offset = wide
        ? at(position + 2) + at(position + 3) * 65_536
        : at(position + 2) + at(position + 3) * 256 + at(position + 4) * 65_536 + at(position + 5) * 16_777_216;
      let target = wide ? offset / 2 : offset;
      for (let segment = 0; segment < length && filled < count; segment++) target = expand(target, true);
      return position + (wide ? 4 : 6);
    }
    throw incomplete(tag, `has a segment of unknown kind ${opcode}`);
  };
  for (let position = 0; position < values.length && filled < count; ) {
    // A pad byte may follow the last segment.
    if (position + 1 >= values.length) break;
    position = expand(position, false);
  }
  if (filled < count) throw incomplete(tag, `gives ${filled} of ${count} entries`);
  return entries;
}

function incomplete(tag: string, what: string): CausewayError {
  const written = `(${tag.slice(0, 4)},${tag.slice(4)})`;
  return new CausewayError('cannot-render', `The lookup table in ${written} ${what}.`, { details: { tag } });
}
