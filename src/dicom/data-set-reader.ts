import { CausewayError } from '../kernel/errors.ts';
import { append, available, type ByteWindow, consume } from './byte-window.ts';
import { type CharacterSet, characterSetOf } from './character-set.ts';
import { headBytes, tailBytes } from './codestream-marks.ts';
import { dictionaryVr, resolveVr } from './dictionary.ts';
import { couldBe, type DataSetEncoding, sniffEncoding } from './encoding-sniffing.ts';
import { createFragmentCollector, type FrameOffsets } from './fragment-collector.ts';
import type { DicomJson, DicomJsonElement, Vr } from './json-model.ts';
import type { NativePixelData, PixelDataLayout, PixelDataTag } from './pixel-data.ts';
import { encapsulatedLayout, nativeLayout } from './pixel-data-layout.ts';
import {
  type DataSetFrame,
  type FragmentsFrame,
  itemFrame,
  type ScanFrame,
  type SequenceFrame,
} from './scan-frames.ts';
import { bytesPerElement, inlineBytes, limitExceeded, type ScanLimits } from './scan-limits.ts';
import { attributeInWords, type ScanWarnings, tagHex } from './scan-warnings.ts';
import type { BulkRange } from './scanned-instance.ts';
import type { TransferSyntax } from './transfer-syntaxes.ts';
import { decodeValue } from './value-decoding.ts';
import { type VrTraits, vrTraits, vrTraitsOfCode } from './vr-traits.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const undefinedLength = 0xffffffff;
/** Bytes of a tag with a length, and of an element header with a 16-bit length. */
const shortHeader = 8;
const longHeader = 12;
/** A fragment up to this size is waited for rather than passed over in pieces. */
const smallFragmentBytes = 64;

const specificCharacterSet = 0x00080005;
const bitsAllocated = 0x00280100;
const pixelRepresentation = 0x00280103;
const lutDescriptor = 0x00283002;
const waveformBitsAllocated = 0x54001004;
const extendedOffsetTable = 0x7fe00001;
const pixelData = 0x7fe00010;
const dataSetTrailingPadding = 0xfffcfffc;

const pixelDataTags: ReadonlyMap<number, PixelDataTag> = new Map([
  [0x7fe00008, '7FE00008'],
  [0x7fe00009, '7FE00009'],
  [pixelData, '7FE00010'],
]);

/** Palettes and LUT Data: whoever shows a picture needs them. */
const lookupTables: ReadonlySet<number> = new Set([
  0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223, 0x00283006,
]);

/** Reads a data set from the bytes as they arrive. */
export interface DataSetReader {
  /** @throws CausewayError `malformed`, `limit-exceeded` */
  push(chunk: Uint8Array): void;
  /** The stream has ended. @throws CausewayError `truncated`, `malformed` */
  finish(): void;
  readonly attributes: DicomJson;
  readonly bulk: readonly BulkRange[];
  /** Known after `finish`. */
  readonly pixelData: PixelDataLayout | undefined;
}

/**
 * Makes a reader that holds no more than the element that is incomplete: what is too long for the metadata is counted
 * past. The state between two chunks is a stack of what is open, so that depth costs no calls.
 * @param window holds what has arrived already and is the reader's from now on
 */
export function createDataSetReader(
  window: ByteWindow,
  encoding: DataSetEncoding,
  syntax: Pick<TransferSyntax, 'codec' | 'video'>,
  limits: ScanLimits,
  warnings: ScanWarnings,
): DataSetReader {
  const root: DataSetFrame = {
    kind: 'data-set',
    end: Number.POSITIVE_INFINITY,
    undefinedLength: true,
    attributes: {},
    explicitVr: encoding.explicitVr,
    bigEndian: encoding.bigEndian,
    undecided: false,
    characterSet: characterSetOf([]),
    pixelRepresentation: undefined,
    bitsAllocated: undefined,
    lutEntries: undefined,
    lastTag: -1,
    ascending: true,
  };
  const stack: ScanFrame[] = [root];
  const bulk: BulkRange[] = [];
  let top: ScanFrame = root;
  let depth = 0;
  let elements = 0;
  let metadataBytes = 0;
  /** Bytes that must be there before it makes sense to go on. */
  let needed = 1;
  /** Bytes of a located value that are still to come. */
  let skipping = 0;
  let layout: PixelDataLayout | undefined;
  let extendedOffsets: FrameOffsets | undefined;
  let afterPixelData = false;
  /** Set where the data set is over and only padding or rubbish follows. */
  let trailing: { offset: number; zerosOnly: boolean } | undefined;
  let charsetProblems = 0;

  // The element at hand; fields rather than an object because every element passes through them.
  let tag = 0;
  let elementOffset = 0;
  let traits: VrTraits = vrTraits('UN');
  let length = 0;
  let headerLength = shortHeader;
  /** Offset of the attribute at the top level that was met last: where rubbish behind the pixels would begin. */
  let rootElement = { tag: 0, offset: 0 };

  const context = {
    bigEndian: encoding.bigEndian,
    characterSet: root.characterSet,
    objection: (message: string) =>
      warn('value-not-valid', `${attributeInWords(tag)} at byte ${elementOffset} ${message}.`),
  };

  function warn(kind: Parameters<ScanWarnings['add']>[0]['kind'], message: string): void {
    warnings.add({ kind, tag: tagHex(tag), offset: elementOffset, message });
  }

  function malformed(message: string): CausewayError {
    return new CausewayError('malformed', message, { details: { tag: tagHex(tag), offset: elementOffset } });
  }

  function truncated(what: string): CausewayError {
    const end = window.offset + available(window);
    return new CausewayError('truncated', `The data set ends at byte ${end} ${what}.`, {
      details: { tag: tagHex(tag), offset: end },
    });
  }

  function push(chunk: Uint8Array): void {
    let from = 0;
    if (skipping > 0 && available(window) === 0) {
      from = Math.min(skipping, chunk.length);
      skipping -= from;
      window.offset += from;
      if (from === chunk.length) return;
    }
    append(window, from === 0 ? chunk : chunk.subarray(from));
    if (available(window) >= needed) run();
  }

  function run(): void {
    for (;;) {
      if (skipping > 0) {
        const passed = Math.min(skipping, available(window));
        consume(window, passed);
        skipping -= passed;
        if (skipping > 0) return;
      }
      if (trailing !== undefined) {
        passTrailing(trailing);
        return;
      }
      needed = step();
      if (needed > 0) return;
      needed = 1;
    }
  }

  /** Goes on by one element, item or delimiter. @returns 0, or how many bytes have to be there first */
  function step(): number {
    const frame = top;
    if (window.offset === frame.end) {
      if (frame.undefinedLength) {
        warn('length-repaired', `What is open at byte ${window.offset} ends there without its delimiter.`);
      }
      close(frame);
      return 0;
    }
    if (frame.kind === 'fragments' && frame.tailDue) return readFragmentTail(frame);
    if (frame.end - window.offset < shortHeader) {
      elementOffset = window.offset;
      throw malformed(
        `${frame.end - window.offset} bytes at byte ${window.offset} are left over at the end of an item.`,
      );
    }
    if (available(window) < shortHeader) return shortHeader;
    elementOffset = window.offset;
    switch (frame.kind) {
      case 'data-set':
        return readElement(frame);
      case 'sequence':
        return readItem(frame);
      case 'fragments':
        return readFragment(frame);
    }
  }

  function readElement(frame: DataSetFrame): number {
    tag = tagAt(frame.bigEndian);
    if (tag >>> 16 === 0xfffe) return readDelimiter(frame);
    if (frame === root) {
      if (isBehindTheEnd()) return 0;
      rootElement = { tag, offset: elementOffset };
    }
    if (frame.undecided) decideEncoding(frame);
    const missing = readHeader(frame);
    if (missing > 0) return missing;
    countElement();
    const valueOffset = elementOffset + headerLength;
    if (length === undefinedLength) return readUndefinedLength(frame, valueOffset);
    if (valueOffset + length > frame.end) {
      throw malformed(
        `${attributeInWords(tag)} at byte ${elementOffset} claims ${length} bytes, ${valueOffset + length - frame.end} more than its item has.`,
      );
    }
    if (length % 2 !== 0) context.objection('has an odd length');
    if (traits.kind === 'sequence') {
      openSequence(frame, frame.explicitVr, frame.bigEndian, false, valueOffset + length);
      return 0;
    }
    if (traits.vr === 'UN') {
      const missingOfUn = readUnknown(frame, valueOffset);
      if (missingOfUn !== undefined) return missingOfUn;
    }
    return readValue(frame, valueOffset);
  }

  /** Reads tag, VR and length of an element into the fields. @returns bytes that are missing */
  function readHeader(frame: DataSetFrame): number {
    const { bytes, start } = window;
    if (!frame.explicitVr) {
      readImplicitHeader(frame);
      return 0;
    }
    const code = (bytes[start + 4]! << 8) | bytes[start + 5]!;
    let known = vrTraitsOfCode(code);
    let long = known?.longLength ?? false;
    if (known === undefined) {
      if (!isUpperCase(code >>> 8) || !isUpperCase(code & 0xff)) {
        readStrayImplicitHeader(frame);
        return 0;
      }
      // New VRs have 32-bit lengths (PS3.5 §6.2.2); an old device's invention that has none shows it in these bytes.
      known = vrTraits('UN');
      long = bytes[start + 6] === 0 && bytes[start + 7] === 0;
      context.objection(
        `has the VR ${String.fromCharCode(code >>> 8, code & 0xff)}, which does not exist, and is kept as UN`,
      );
    }
    traits = known;
    if (!long) {
      length = uint16(start + 6, frame.bigEndian);
      headerLength = shortHeader;
      return 0;
    }
    if (available(window) < longHeader) return longHeader;
    length = uint32(start + 8, frame.bigEndian);
    headerLength = longHeader;
    return 0;
  }

  function readImplicitHeader(frame: DataSetFrame): void {
    headerLength = shortHeader;
    length = uint32(window.start + 4, frame.bigEndian);
    traits = vrTraits(implicitVr(frame));
  }

  function implicitVr(frame: DataSetFrame): Vr {
    const known = dictionaryVr(tag);
    if (known !== undefined) {
      return known.length === 2 ? (known as Vr) : resolveVr(known, { ...frame, implicitVr: !frame.explicitVr });
    }
    const isPrivateCreator = (tag & 0x10000) !== 0 && (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff;
    return isPrivateCreator ? 'LO' : 'UN';
  }

  /** Some writers slip elements without VR into an explicit data set. */
  function readStrayImplicitHeader(frame: DataSetFrame): void {
    readImplicitHeader(frame);
    if (dictionaryVr(tag) === undefined || length > inlineBytes.text) {
      throw malformed(`${attributeInWords(tag)} at byte ${elementOffset} has neither a VR nor a plausible length.`);
    }
    warn(
      'encoding-differs',
      `${attributeInWords(tag)} at byte ${elementOffset} has no VR, unlike the attributes around it.`,
    );
  }

  /** CP-246: what is in an attribute of VR UN is Implicit VR Little Endian; some writers keep it explicit. */
  function decideEncoding(frame: DataSetFrame): void {
    frame.undecided = false;
    if (!couldBe({ explicitVr: false, bigEndian: false }, window.bytes, window.start)) {
      frame.explicitVr = sniffEncoding(window.bytes, window.start)?.explicitVr ?? false;
    }
  }

  function readUndefinedLength(frame: DataSetFrame, valueOffset: number): number {
    if (traits.kind === 'sequence') {
      openSequence(frame, frame.explicitVr, frame.bigEndian, false, undefined);
    } else if (tag === pixelData || (traits.kind === 'binary' && traits.vr !== 'UN')) {
      openFragments(frame, valueOffset);
    } else if (traits.vr === 'UN') {
      openSequence(frame, false, false, true, undefined);
    } else if (!frame.explicitVr) {
      openSequence(frame, false, frame.bigEndian, false, undefined);
    } else {
      throw malformed(
        `${attributeInWords(tag)} at byte ${elementOffset} has an undefined length, which its VR ${traits.vr} cannot have.`,
      );
    }
    return 0;
  }

  /**
   * UN of defined length: a value that a relay did not understand. Where the dictionary does, it is read as what it is:
   * always little endian, sequences implicit (PS3.5 §6.2.2).
   * @returns undefined if it is to be read as a value
   */
  function readUnknown(frame: DataSetFrame, valueOffset: number): number | undefined {
    const known = dictionaryVr(tag);
    if (known === undefined || known === 'NONE') return undefined;
    if (known !== 'SQ') {
      const understood = vrTraits(resolveVr(known, { ...frame, implicitVr: true }));
      const size = understood.kind === 'tags' ? 4 : understood.wordBytes;
      if (length % size === 0) traits = understood;
      return undefined;
    }
    if (length < shortHeader) {
      if (length === 0) traits = vrTraits('SQ');
      return undefined;
    }
    if (available(window) < headerLength + 4) return headerLength + 4;
    const at = window.start + headerLength;
    if (uint16(at, false) !== item >>> 16 || uint16(at + 2, false) !== (item & 0xffff)) return undefined;
    openSequence(frame, false, false, true, valueOffset + length);
    return 0;
  }

  function readValue(frame: DataSetFrame, valueOffset: number): number {
    const bigEndian = frame.bigEndian && !(traits.vr === 'UN');
    const pixelTag = frame === root ? pixelDataTags.get(tag) : undefined;
    if (pixelTag !== undefined && length > 0) {
      afterPixelData = true;
      const vr = pixelVr(frame);
      layout ??= nativeLayout(pixelTag, vr, { offset: valueOffset, length }, bigEndian, root.attributes, warnings);
      locate(frame, vr, valueOffset, bigEndian);
      return 0;
    }
    if (tag === dataSetTrailingPadding || (tag & 0xffff) === 0) {
      skip(headerLength + length);
      return 0;
    }
    if (tag === extendedOffsetTable && frame === root && length <= 8 * limits.maxFragments) {
      if (available(window) < headerLength + length) return headerLength + length;
      extendedOffsets = offsetsAt(window.start + headerLength, length);
    }
    if (length > (lookupTables.has(tag) ? inlineBytes.lookupTable : traits.maxInlineBytes)) {
      locate(frame, traits.vr, valueOffset, bigEndian);
      return 0;
    }
    if (available(window) < headerLength + length) {
      if (metadataBytes + length > limits.maxMetadataBytes) countMetadata(length);
      return headerLength + length;
    }
    countMetadata(length);
    context.bigEndian = bigEndian;
    context.characterSet = frame.characterSet;
    const start = window.start + headerLength;
    const element = decodeValue(traits, window.bytes, start, start + length, context);
    checkCharacters(frame.characterSet);
    noteContext(frame, element);
    store(frame, element);
    consume(window, headerLength + length);
    return 0;
  }

  function checkCharacters(characterSet: CharacterSet): void {
    const problems = characterSet.problems();
    if (problems === charsetProblems) return;
    if (problems > charsetProblems) {
      warn(
        'character-set',
        `${attributeInWords(tag)} at byte ${elementOffset} has characters outside the declared character set.`,
      );
    }
    charsetProblems = problems;
  }

  /** Some attributes decide how later ones are read. */
  function noteContext(frame: DataSetFrame, element: DicomJsonElement): void {
    const value = element.Value?.[0];
    switch (tag) {
      case specificCharacterSet:
        declareCharacterSet(frame, element);
        break;
      case pixelRepresentation:
        if (typeof value === 'number') frame.pixelRepresentation = value;
        break;
      case bitsAllocated:
      case waveformBitsAllocated:
        if (typeof value === 'number') frame.bitsAllocated = value;
        break;
      case lutDescriptor:
        if (typeof value === 'number') frame.lutEntries = value;
        break;
      default:
    }
  }

  /** JSON is UTF-8 whatever the file was, so that is what it says of itself (PS3.18 §F.2). */
  function declareCharacterSet(frame: DataSetFrame, element: DicomJsonElement): void {
    const terms = element.Value?.map((term) => (typeof term === 'string' ? term : '')) ?? [];
    frame.characterSet = characterSetOf(terms);
    charsetProblems = 0;
    if (frame.characterSet.unknownTerms.length > 0) {
      warn(
        'character-set',
        `Specific Character Set (0008,0005) at byte ${elementOffset} names a character set that does not exist.`,
      );
    }
    if (terms.length > 0) element.Value = ['ISO_IR 192'];
  }

  function pixelVr(frame: DataSetFrame): NativePixelData['vr'] {
    const { vr } = traits;
    if (vr === 'OB' || vr === 'OW' || vr === 'OF' || vr === 'OD') return vr;
    return (frame.bitsAllocated ?? 8) > 8 ? 'OW' : 'OB';
  }

  /** Notes where a value lies and passes over it. */
  function locate(frame: DataSetFrame, vr: Vr, valueOffset: number, bigEndian: boolean): void {
    addBulk(frame, { path: pathOf(tag), vr, offset: valueOffset, length, bigEndian });
    skip(headerLength + length);
  }

  function addBulk(frame: DataSetFrame, range: BulkRange): void {
    countMetadata(range.path.length * 2);
    if (store(frame, { vr: range.vr, BulkDataURI: range.path })) bulk.push(range);
  }

  /** Through the open sequences to an attribute: `54000100/0/54001010`. */
  function pathOf(last: number): string {
    let path = '';
    for (const frame of stack) if (frame.kind === 'sequence') path += `${tagHex(frame.tag)}/${frame.items.length - 1}/`;
    return path + tagHex(last);
  }

  function skip(bytes: number): void {
    const passed = Math.min(bytes, available(window));
    consume(window, passed);
    skipping = bytes - passed;
  }

  /** The first of two attributes with the same tag counts. @returns false if there is one already */
  function store(frame: DataSetFrame, element: DicomJsonElement): boolean {
    const hex = tagHex(tag);
    if (tag <= frame.lastTag) {
      if (Object.hasOwn(frame.attributes, hex)) {
        warn(
          'duplicate-attribute',
          `${attributeInWords(tag)} at byte ${elementOffset} is there already; the first one counts.`,
        );
        return false;
      }
      frame.ascending = false;
    } else {
      frame.lastTag = tag;
    }
    frame.attributes[hex] = element;
    return true;
  }

  function countElement(): void {
    elements++;
    if (elements > limits.maxElements) throw limitExceeded('maxElements', limits, elementOffset, 'Too many attributes');
    countMetadata(bytesPerElement);
  }

  function countMetadata(bytes: number): void {
    metadataBytes += bytes;
    if (metadataBytes > limits.maxMetadataBytes) {
      throw limitExceeded('maxMetadataBytes', limits, elementOffset, 'Too many bytes of attributes');
    }
  }

  function enter(frame: ScanFrame): void {
    stack.push(frame);
    top = frame;
  }

  function close(frame: ScanFrame): void {
    stack.pop();
    top = stack[stack.length - 1] ?? root;
    if (frame.kind === 'sequence') {
      depth--;
      if (frame.items.length > 0) frame.element.Value = frame.items;
    } else if (frame.kind === 'data-set') {
      if (!frame.ascending) sortAttributes(frame.attributes);
    } else {
      closeFragments(frame);
    }
  }

  function openSequence(
    frame: DataSetFrame,
    explicitVr: boolean,
    bigEndian: boolean,
    undecided: boolean,
    end: number | undefined,
  ): void {
    depth++;
    if (depth > limits.maxDepth) throw limitExceeded('maxDepth', limits, elementOffset, 'Sequences nested too deeply');
    const element: DicomJsonElement = { vr: 'SQ' };
    store(frame, element);
    consume(window, headerLength);
    enter({
      kind: 'sequence',
      tag,
      offset: elementOffset,
      element,
      items: [],
      explicitVr,
      bigEndian,
      undecided,
      around: frame,
      end: end ?? frame.end,
      undefinedLength: end === undefined,
    });
  }

  function readItem(frame: SequenceFrame): number {
    const found = tagAt(frame.bigEndian);
    const itemLength = uint32(window.start + 4, frame.bigEndian);
    if (found === item) {
      countElement();
      openItem(frame, itemLength);
    } else if (found === sequenceDelimitation) {
      consume(window, shortHeader);
      if (frame.undefinedLength) close(frame);
      else warn('length-repaired', `A delimiter at byte ${elementOffset} is not needed: the sequence has a length.`);
    } else if (frame.undefinedLength && found >>> 16 !== 0xfffe && found > frame.tag) {
      warn('length-repaired', `${attributeInWords(frame.tag)} ends at byte ${elementOffset} without its delimiter.`);
      close(frame);
    } else {
      throw malformed(`${attributeInWords(frame.tag)} should have an item at byte ${elementOffset} and has none.`);
    }
    return 0;
  }

  function openItem(frame: SequenceFrame, itemLength: number): void {
    const isUndefined = itemLength === undefinedLength;
    const end = isUndefined ? frame.end : window.offset + shortHeader + itemLength;
    if (end > frame.end) {
      throw malformed(
        `An item at byte ${elementOffset} claims ${itemLength} bytes, ${end - frame.end} more than ${attributeInWords(frame.tag)} has.`,
      );
    }
    consume(window, shortHeader);
    const opened = itemFrame(frame, { end, undefinedLength: isUndefined });
    frame.items.push(opened.attributes);
    enter(opened);
  }

  function readDelimiter(frame: DataSetFrame): number {
    if (frame === root) {
      if (afterPixelData) {
        trailing = { offset: elementOffset, zerosOnly: false };
      } else if (tag === item) {
        throw malformed(`An item at byte ${elementOffset} is in no sequence.`);
      } else {
        warn('length-repaired', `A delimiter at byte ${elementOffset} ends nothing.`);
        consume(window, shortHeader);
      }
    } else if (tag === itemDelimitation) {
      consume(window, shortHeader);
      if (frame.undefinedLength) close(frame);
      else warn('length-repaired', `A delimiter at byte ${elementOffset} is not needed: the item has a length.`);
    } else if (frame.undefinedLength) {
      warn('length-repaired', `An item ends at byte ${elementOffset} without its delimiter.`);
      close(frame);
    } else {
      throw malformed(`A delimiter at byte ${elementOffset} is inside an item whose length goes further.`);
    }
    return 0;
  }

  function openFragments(frame: DataSetFrame, valueOffset: number): void {
    const isPixelData = frame === root && tag === pixelData && layout === undefined;
    consume(window, headerLength);
    enter({
      kind: 'fragments',
      tag,
      offset: elementOffset,
      valueOffset,
      collector: isPixelData ? createFragmentCollector(syntax.codec) : undefined,
      around: frame,
      items: 0,
      tailDue: false,
      end: frame.end,
      undefinedLength: true,
    });
    traits = traits.kind === 'binary' && traits.vr !== 'UN' ? traits : vrTraits('OB');
  }

  function readFragment(frame: FragmentsFrame): number {
    const found = tagAt(false);
    const size = uint32(window.start + 4, false);
    if (found === sequenceDelimitation) {
      const valueEnd = window.offset;
      consume(window, shortHeader);
      endFragments(frame, valueEnd);
      return 0;
    }
    if (found !== item) {
      if (found >>> 16 === 0xfffe || found <= frame.tag) {
        throw malformed(`${attributeInWords(frame.tag)} should have a fragment at byte ${elementOffset} and has none.`);
      }
      warn('length-repaired', `${attributeInWords(frame.tag)} ends at byte ${elementOffset} without its delimiter.`);
      endFragments(frame, window.offset);
      return 0;
    }
    if (size === undefinedLength || window.offset + shortHeader + size > frame.end) {
      throw malformed(`A fragment at byte ${elementOffset} claims ${size} bytes, more than there can be.`);
    }
    return frame.items === 0 ? readBasicOffsets(frame, size) : readFragmentBody(frame, size);
  }

  function readBasicOffsets(frame: FragmentsFrame, size: number): number {
    if (size > 4 * limits.maxFragments) throw limitExceeded('maxFragments', limits, elementOffset, 'Too many frames');
    if (available(window) < shortHeader + size) return shortHeader + size;
    const start = window.start + shortHeader;
    frame.collector?.basicOffsets(window.bytes.subarray(start, start + size));
    frame.items++;
    consume(window, shortHeader + size);
    return 0;
  }

  function readFragmentBody(frame: FragmentsFrame, size: number): number {
    const { collector } = frame;
    if (frame.items > limits.maxFragments)
      throw limitExceeded('maxFragments', limits, elementOffset, 'Too many fragments');
    const wanted = shortHeader + (size <= smallFragmentBytes ? size : headBytes);
    if (available(window) < wanted) return wanted;
    frame.items++;
    const start = window.start + shortHeader;
    collector?.add(window.offset + shortHeader, size, window.bytes.subarray(start, start + Math.min(size, headBytes)));
    if (size <= smallFragmentBytes) {
      collector?.ended(window.bytes.subarray(start + Math.max(0, size - tailBytes), start + size));
      consume(window, shortHeader + size);
    } else {
      frame.tailDue = true;
      skip(shortHeader + size - tailBytes);
    }
    return 0;
  }

  function readFragmentTail(frame: FragmentsFrame): number {
    if (available(window) < tailBytes) return tailBytes;
    frame.collector?.ended(window.bytes.subarray(window.start, window.start + tailBytes));
    frame.tailDue = false;
    consume(window, tailBytes);
    return 0;
  }

  function endFragments(frame: FragmentsFrame, valueEnd: number): void {
    stack.pop();
    top = stack[stack.length - 1] ?? root;
    closeFragments(frame, valueEnd);
  }

  function closeFragments(frame: FragmentsFrame, valueEnd = window.offset): void {
    tag = frame.tag;
    const range = { offset: frame.valueOffset, length: valueEnd - frame.valueOffset };
    const vr = traits.kind === 'binary' ? traits.vr : 'OB';
    addBulk(frame.around, { path: pathOf(tag), vr, ...range, bigEndian: false });
    if (frame.around === root && tag === pixelData) afterPixelData = true;
    if (frame.collector === undefined || frame.collector.count === 0) return;
    layout = encapsulatedLayout('7FE00010', range, frame.collector, syntax, extendedOffsets, root.attributes, warnings);
  }

  /** Behind the pixels nothing but a few known attributes may follow; elsewhere only zeros are known as padding. */
  function isBehindTheEnd(): boolean {
    const group = tag >>> 16;
    const impossible = group < 8 && group !== 4;
    if (!impossible && !(afterPixelData && !isCredible())) return false;
    trailing = { offset: elementOffset, zerosOnly: !afterPixelData };
    return true;
  }

  function isCredible(): boolean {
    if (tag <= root.lastTag) return false;
    return (
      !root.explicitVr ||
      vrTraitsOfCode((window.bytes[window.start + 4]! << 8) | window.bytes[window.start + 5]!) !== undefined
    );
  }

  function passTrailing(rest: { offset: number; zerosOnly: boolean }): void {
    for (let at = window.start; rest.zerosOnly && at < window.end; at++) {
      if (window.bytes[at] === 0) continue;
      throw malformed(`What stands at byte ${rest.offset} is no attribute.`);
    }
    consume(window, available(window));
    needed = 1;
  }

  function finish(): void {
    if (trailing === undefined) finishElement();
    while (top !== root) close(top);
    if (!root.ascending) sortAttributes(root.attributes);
    if (trailing !== undefined) {
      warnings.add({
        kind: 'trailing-bytes',
        offset: trailing.offset,
        message: `The bytes from byte ${trailing.offset} to the end do not belong to the data set.`,
      });
    }
  }

  function finishElement(): void {
    const complete = skipping === 0 && available(window) === 0;
    if (complete && top === root) return;
    if (afterPixelData && isRubbish()) {
      trailing = { offset: rootElement.offset, zerosOnly: false };
      if (rootElement.tag > pixelData) removeRubbish();
      return;
    }
    if (complete && top.kind === 'fragments' && !top.tailDue && top.around === root && top.items > 1) {
      elementOffset = window.offset;
      tag = top.tag;
      warn(
        'length-repaired',
        `${attributeInWords(top.tag)} ends with the file at byte ${elementOffset}, without its delimiter.`,
      );
      endFragments(top, window.offset);
      return;
    }
    if (top.kind === 'data-set' && skipping === 0 && available(window) < shortHeader) {
      if (top === root) throw truncated(`in the header of an attribute that starts at byte ${window.offset}`);
      throw truncated(`inside an item of ${openSequenceInWords()}`);
    }
    if (top.kind === 'data-set') {
      throw truncated(
        `inside ${attributeInWords(tag)}, which claims ${length} bytes from byte ${elementOffset + headerLength}`,
      );
    }
    throw truncated(`inside ${openSequenceInWords()}`);
  }

  function openSequenceInWords(): string {
    const open = [...stack].reverse().find((frame) => frame.kind !== 'data-set');
    return open ? `${attributeInWords(open.tag)}, which starts at byte ${open.offset}` : 'the data set';
  }

  /** What was taken for an attribute behind the pixels and is cut off was none, unless the dictionary knows it. */
  function isRubbish(): boolean {
    const inRoot = rootElement.tag > pixelData && dictionaryVr(rootElement.tag) === undefined;
    return inRoot || (top === root && skipping === 0 && available(window) < shortHeader);
  }

  function removeRubbish(): void {
    const hex = tagHex(rootElement.tag);
    delete root.attributes[hex];
    const kept = bulk.filter(({ path }) => !path.startsWith(hex));
    bulk.splice(0, bulk.length, ...kept);
    stack.length = 1;
    top = root;
    skipping = 0;
  }

  function offsetsAt(start: number, bytes: number): Float64Array {
    const offsets = new Float64Array(Math.floor(bytes / 8));
    for (let index = 0; index < offsets.length; index++)
      offsets[index] = Number(window.bytes.readBigUInt64LE(start + 8 * index));
    return offsets;
  }

  function tagAt(bigEndian: boolean): number {
    const { start } = window;
    return ((uint16(start, bigEndian) << 16) | uint16(start + 2, bigEndian)) >>> 0;
  }

  function uint16(at: number, bigEndian: boolean): number {
    const { bytes } = window;
    return bigEndian ? (bytes[at]! << 8) | bytes[at + 1]! : bytes[at]! | (bytes[at + 1]! << 8);
  }

  function uint32(at: number, bigEndian: boolean): number {
    const high = uint16(bigEndian ? at : at + 2, bigEndian);
    const low = uint16(bigEndian ? at + 2 : at, bigEndian);
    return ((high << 16) | low) >>> 0;
  }

  return {
    push,
    finish,
    attributes: root.attributes,
    bulk,
    get pixelData() {
      return layout;
    },
  };
}

function isUpperCase(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function sortAttributes(attributes: DicomJson): void {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [tag] of sorted) delete attributes[tag];
  for (const [tag, element] of sorted) attributes[tag] = element;
}
