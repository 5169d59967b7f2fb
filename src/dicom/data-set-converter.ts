import { CausewayError } from '../kernel/errors.ts';
import type { AttributeHeader, DataSetVisitor } from './data-set-visitor.ts';
import { undefinedLength } from './element-header.ts';
import { explicitHeader, itemHeader, vrForLength } from './explicit-element.ts';
import type { Vr } from './json-model.ts';
import { createPart10Scanner } from './part10-scanner.ts';
import { createPieceWriter, type Piece } from './piece-writer.ts';
import type { DataSetFrame, ScanFrame } from './scan-frames.ts';
import type { ScanLimits } from './scan-limits.ts';
import { mayBeTrailing } from './trailing-bytes.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const pixelData = 0x7fe00010;
const itemHeaderBytes = 8;

export interface ConverterOptions {
  /** What is written: Explicit VR Little Endian unless given. */
  readonly target?: 'explicit' | 'implicit';
  /**
   * What stands in the data set itself instead of an attribute, or beside the others where there is none: whole
   * attributes in the encoding that is written, and where others put bytes in. None: it is left out. Ascending by tag.
   */
  readonly edits?: ReadonlyMap<number, readonly Piece[]>;
  readonly limits?: Partial<ScanLimits>;
}

/**
 * Turns a Part 10 file that is not deflated into a data set in Explicit or Implicit VR Little Endian, as its bytes arrive.
 * What is so already keeps its bytes; else every attribute is written anew, sequences with undefined length. There are no
 * fragments in Implicit VR (PS3.5 §A.4): pixels have to be native before.
 */
export interface DataSetConverter {
  /** @returns what can be written now @throws CausewayError as the scanner */
  push(chunk: Uint8Array): Piece[];
  /** The file is complete. @throws CausewayError as the scanner; `malformed` if its end cannot be made sense of */
  end(): Piece[];
}

/** How what is open is written. `opaque`: it is part of a value that is copied as a whole. */
type Writing = 'anew' | 'verbatim' | 'opaque';

/**
 * Reads with the scanner, so that what was accepted and indexed is understood here in the same way. Values are never
 * held longer than the scanner holds them, but for what may turn out to be no attribute: a megabyte of it. Group lengths go,
 * unless nothing of their group can have changed; UN stays UN, in Implicit VR Little Endian within.
 * @see PS3.5 §6.2.2, §7, §A.2
 */
export function createDataSetConverter(options: ConverterOptions = {}): DataSetConverter {
  const { target = 'explicit', edits = new Map<number, readonly Piece[]>(), limits = {} } = options;
  // Without its VR the header of an attribute is like that of an item.
  const headerOf = (tag: number, vr: Vr, length: number): Buffer =>
    target === 'explicit' ? explicitHeader(tag, vr, length) : itemHeader(tag, length);
  const writer = createPieceWriter();
  const open: Writing[] = [];
  /** How the sequence or the fragments are written that the attribute at hand may turn out to open. */
  let inside: Writing = 'opaque';
  const waiting = [...edits.keys()];
  const scanner = createPart10Scanner({ acceptBareDataSets: true, limits, visitor: createVisitor() });

  function createVisitor(): DataSetVisitor {
    return {
      attribute(header, frame) {
        const atRoot = open.length === 0;
        if (atRoot) {
          writer.release();
          putEditsBefore(header.tag);
          if (mayBeTrailing(header.tag)) writer.hold(header.offset);
        }
        const edit = atRoot ? edits.get(header.tag) : undefined;
        inside = edit === undefined ? writeAttribute(header, frame, open.at(-1) ?? writingOf(frame, target)) : 'opaque';
        if (edit === undefined || waiting[0] !== header.tag) return;
        waiting.shift();
        edit.forEach(writer.write);
      },
      opened(frame, offset) {
        open.push(frame.kind === 'data-set' ? openItem(frame, offset, open.at(-1)) : inside);
      },
      fragment(offset, length) {
        if (open.at(-1) !== 'opaque') writer.copy(offset, itemHeaderBytes + length);
      },
      closed(frame) {
        const writing = open.pop();
        if (writing === 'anew' || (writing === 'verbatim' && frame.undefinedLength)) writer.write(delimiterOf(frame));
      },
      withdrawn() {
        if (writer.discard()) open.length = 0;
      },
    };
  }

  function putEditsBefore(tag: number): void {
    while (waiting.length > 0 && waiting[0]! < tag) edits.get(waiting.shift()!)?.forEach(writer.write);
  }

  /** @returns how what it opens is written */
  function writeAttribute(header: AttributeHeader, frame: DataSetFrame, writing: Writing): Writing {
    if (writing === 'opaque') return 'opaque';
    const { tag, traits, length, fragments } = header;
    const isGroupLength = (tag & 0xffff) === 0;
    if (isGroupLength && open.length === 0 && edits.size > 0) return 'opaque';
    if (writing === 'verbatim') return keepAttribute(header);
    if (isGroupLength) return 'opaque';
    if (traits.vr === 'UN' && frame.explicitVr && length === undefinedLength && !fragments) {
      writer.write(headerOf(tag, 'UN', undefinedLength));
      return 'verbatim';
    }
    // Only its creator's dictionary says that a private attribute is a sequence; as UN it loses nothing.
    const isGuess = !frame.explicitVr && (tag & 0x10000) !== 0;
    if (length === undefinedLength || (traits.kind === 'sequence' && !isGuess)) {
      writer.write(headerOf(tag, fragments ? (traits.vr === 'OW' ? 'OW' : 'OB') : 'SQ', undefinedLength));
      return 'anew';
    }
    writeValue(header, frame, isGuess);
    return 'opaque';
  }

  function writeValue(header: AttributeHeader, frame: DataSetFrame, isGuess: boolean): void {
    const { tag, traits, length } = header;
    const vr = traits.kind === 'sequence' && isGuess ? 'UN' : traits.vr;
    writer.write(headerOf(tag, vrForLength(vr, length), length));
    const swaps = frame.bigEndian && vr !== 'UN';
    writer.copy(header.offset + header.headerLength, length, swaps ? wordBytesOf(header, frame) : 1);
  }

  /** What has a length that is said is copied as a whole: it must go on being true. */
  function keepAttribute({ offset, headerLength, length }: AttributeHeader): Writing {
    const isOpen = length === undefinedLength;
    writer.copy(offset, isOpen ? headerLength : headerLength + length);
    return isOpen ? 'verbatim' : 'opaque';
  }

  function openItem(frame: DataSetFrame, offset: number, writing: Writing = 'anew'): Writing {
    if (writing === 'anew') writer.write(itemHeader(item, undefinedLength));
    if (writing !== 'verbatim') return writing;
    if (frame.undefinedLength) {
      writer.copy(offset, itemHeaderBytes);
      return 'verbatim';
    }
    writer.copy(offset, frame.end - offset);
    return 'opaque';
  }

  return {
    push(chunk) {
      writer.arrived(chunk);
      scanner.push(chunk);
      return writer.take(scanner.position);
    },
    end() {
      scanner.end();
      writer.release();
      putEditsBefore(Number.POSITIVE_INFINITY);
      const rest = writer.take(scanner.position);
      if (open.length > 0 || writer.pendingBytes > 0) throw endUnclear();
      return rest;
    },
  };
}

function writingOf({ explicitVr, bigEndian }: DataSetFrame, target: 'explicit' | 'implicit'): Writing {
  return explicitVr === (target === 'explicit') && !bigEndian ? 'verbatim' : 'anew';
}

/** In big endian a pixel cell is turned round as a whole, whatever the words are in which it is counted. */
function wordBytesOf({ tag, traits }: AttributeHeader, { bitsAllocated }: DataSetFrame): 1 | 2 | 4 | 8 {
  if (tag === pixelData && traits.vr === 'OW' && (bitsAllocated === 32 || bitsAllocated === 64)) {
    return bitsAllocated === 32 ? 4 : 8;
  }
  return traits.wordBytes;
}

function delimiterOf({ kind }: ScanFrame): Uint8Array {
  return itemHeader(kind === 'data-set' ? itemDelimitation : sequenceDelimitation, 0);
}

function endUnclear(): CausewayError {
  return new CausewayError(
    'malformed',
    'The data set ends in bytes that belong to no attribute: it can be had only as it is stored.',
  );
}
