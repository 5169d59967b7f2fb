import { append, available, type ByteWindow, consume } from './byte-window.ts';
import type { GuessedEncoding } from './character-set.ts';
import type { DataSetVisitor } from './data-set-visitor.ts';
import { knownVr, readHeader, shortHeader, tagAt, uint16At, uint32At, undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import { closeFragments, openFragments, readFragment, readFragmentTail } from './fragment-reading.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import type { PixelDataLayout } from './pixel-data.ts';
import { type DataSetFrame, itemFrame, type ScanFrame, type SequenceFrame } from './scan-frames.ts';
import { limitExceeded, type ScanLimits } from './scan-limits.ts';
import {
  countElement,
  createScanState,
  elementInWords,
  malformed,
  objectTo,
  store,
  topOf,
  truncated,
  warn,
} from './scan-state.ts';
import { attributeInWords, type ScanWarnings } from './scan-warnings.ts';
import type { BulkRange } from './scanned-instance.ts';
import { createTrailingBytes } from './trailing-bytes.ts';
import type { TransferSyntax } from './transfer-syntaxes.ts';
import { createValueReader } from './value-reading.ts';
import { vrTraits } from './vr-traits.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const pixelData = 0x7fe00010;

/** Reads a data set from the bytes as they arrive. */
export interface DataSetReader {
  /** @throws CausewayError `malformed`, `limit-exceeded` */
  push(chunk: Uint8Array): void;
  /** The stream has ended. @throws CausewayError `truncated`, `malformed` */
  finish(): void;
  readonly attributes: DicomJson;
  /** Of Specific Character Set, as they were written. */
  readonly definedTerms: readonly string[];
  /** See `CharacterSet`. */
  readonly guessedEncodings: ReadonlySet<GuessedEncoding>;
  readonly bulk: readonly BulkRange[];
  /** Known after `finish`. */
  readonly pixelData: PixelDataLayout | undefined;
  /** As given, unless the pixels prove that it is another. */
  readonly syntax: TransferSyntax;
}

/**
 * Makes a reader that holds no more than the element that is incomplete: what is too long for the metadata is counted
 * past. What is open at a point is a stack of its own, so that depth costs no calls.
 * @param window holds what has arrived already and is the reader's from now on
 * @see PS3.5 §7
 */
export function createDataSetReader(
  window: ByteWindow,
  encoding: DataSetEncoding,
  syntax: TransferSyntax,
  limits: ScanLimits,
  warnings: ScanWarnings,
  visitor?: DataSetVisitor,
): DataSetReader {
  const state = createScanState(window, encoding, syntax, limits, warnings, visitor);
  const { root, stack, element } = state;
  const values = createValueReader(state);
  const trailing = createTrailingBytes(state);
  /** Bytes that must be there before it makes sense to go on. */
  let needed = 1;
  let depth = 0;
  /** Where the attribute stands that the visitor was told of last: a step is taken anew when more bytes have come. */
  let visited = -1;

  function push(chunk: Uint8Array): void {
    let from = 0;
    if (state.skipping > 0 && available(window) === 0) {
      from = Math.min(state.skipping, chunk.length);
      state.skipping -= from;
      window.offset += from;
      if (from === chunk.length) return;
    }
    append(window, from === 0 ? chunk : chunk.subarray(from));
    if (available(window) >= needed) run();
  }

  function run(): void {
    for (;;) {
      if (state.skipping > 0) {
        const passed = Math.min(state.skipping, available(window));
        consume(window, passed);
        state.skipping -= passed;
        if (state.skipping > 0) return;
      }
      if (trailing.begun) {
        trailing.pass();
        return;
      }
      needed = step();
      if (needed > 0) return;
      needed = 1;
    }
  }

  /** Goes on by one element, item or delimiter. @returns 0, or how many bytes have to be there first */
  function step(): number {
    const frame = topOf(state);
    if (window.offset === frame.end) {
      if (frame.undefinedLength) noteMissingDelimiter();
      close(frame);
      return 0;
    }
    if (frame.kind === 'fragments' && frame.tailDue) return readFragmentTail(state, frame);
    element.offset = window.offset;
    if (frame.end - window.offset < shortHeader) {
      throw malformed(
        state,
        `${frame.end - window.offset} bytes at byte ${window.offset} are left over at the end of an item.`,
      );
    }
    if (available(window) < shortHeader) return shortHeader;
    switch (frame.kind) {
      case 'data-set':
        return readElement(frame);
      case 'sequence':
        return readItem(frame);
      case 'fragments':
        return readFragment(state, frame);
    }
  }

  function readElement(frame: DataSetFrame): number {
    element.tag = tagAt(window, frame.bigEndian);
    if (element.tag >>> 16 === 0xfffe) {
      readDelimiter(frame);
      return 0;
    }
    if (frame === root && trailing.beginsHere()) return 0;
    const missing = readHeader(state, frame);
    if (missing > 0) return missing;
    if (element.length === undefinedLength) {
      openUndefinedLength(frame);
      return 0;
    }
    const end = element.offset + element.headerLength + element.length;
    if (end > frame.end) {
      const excess = end - frame.end;
      throw malformed(
        state,
        `${elementInWords(state)} claims ${element.length} bytes, ${excess} more than its item has.`,
      );
    }
    visit(frame, false);
    if (element.length % 2 !== 0) objectTo(state, 'has an odd length');
    const isGuess = !frame.explicitVr && (element.tag & 0x10000) !== 0;
    if (element.traits.kind === 'sequence' && !isGuess) {
      countElement(state);
      openSequence(frame, frame, end);
      return 0;
    }
    if (element.traits.vr === 'UN' || element.traits.kind === 'sequence') {
      const missingOfUnknown = readUnknown(frame, end);
      if (missingOfUnknown !== undefined) return missingOfUnknown;
    }
    const missingOfValue = values.read(frame);
    if (missingOfValue === 0) countElement(state);
    return missingOfValue;
  }

  function visit(frame: DataSetFrame, fragments: boolean): void {
    if (visitor === undefined || visited === element.offset) return;
    visited = element.offset;
    visitor.attribute({ ...element, fragments }, frame);
  }

  function openUndefinedLength(frame: DataSetFrame): void {
    countElement(state);
    const { kind, vr } = element.traits;
    const fragments = kind !== 'sequence' && (element.tag === pixelData || (kind === 'binary' && vr !== 'UN'));
    visit(frame, fragments);
    if (kind === 'sequence') openSequence(frame, frame, undefined);
    else if (fragments) openFragments(state, frame);
    else if (vr === 'UN') openSequence(frame, 'undecided', undefined);
    else if (!frame.explicitVr) openSequence(frame, frame, undefined);
    else throw malformed(state, `${elementInWords(state)} has an undefined length, which its VR ${vr} cannot have.`);
  }

  /**
   * UN of defined length is a value that a relay did not understand. Where a dictionary does, it is read as what it is:
   * always little endian, sequences implicit (PS3.5 §6.2.2). A private attribute that only its creator says to be a
   * sequence has to look like one.
   * @returns undefined if it is to be read as a value, else as `step`
   */
  function readUnknown(frame: DataSetFrame, end: number): number | undefined {
    const { tag, length, headerLength } = element;
    const vr = knownVr(tag, frame);
    if (vr !== 'SQ') {
      const understood = vrTraits(vr);
      if (length % (understood.kind === 'tags' ? 4 : understood.wordBytes) === 0) element.traits = understood;
      return undefined;
    }
    if (length < shortHeader) {
      if (length === 0) element.traits = vrTraits('SQ');
      return undefined;
    }
    if (available(window) < headerLength + 4) return headerLength + 4;
    const at = window.start + headerLength;
    const startsWithItem =
      uint16At(window, at, false) === item >>> 16 && uint16At(window, at + 2, false) === (item & 0xffff);
    if (!startsWithItem) {
      element.traits = vrTraits('UN');
      return undefined;
    }
    countElement(state);
    openSequence(frame, 'undecided', end);
    return 0;
  }

  /** @param end undefined where a delimiter ends the sequence */
  function openSequence(frame: DataSetFrame, written: DataSetEncoding | 'undecided', end: number | undefined): void {
    depth++;
    if (depth > limits.maxDepth) throw limitExceeded('maxDepth', limits, element.offset, 'Sequences nested too deeply');
    const sequence: DicomJsonElement = { vr: 'SQ' };
    store(state, frame, sequence);
    consume(window, element.headerLength);
    const undecided = written === 'undecided';
    const opened: SequenceFrame = {
      kind: 'sequence',
      tag: element.tag,
      offset: element.offset,
      element: sequence,
      items: [],
      explicitVr: !undecided && written.explicitVr,
      bigEndian: !undecided && written.bigEndian,
      undecided,
      around: frame,
      end: end ?? frame.end,
      undefinedLength: end === undefined,
    };
    stack.push(opened);
    visitor?.opened(opened, element.offset);
  }

  function readItem(frame: SequenceFrame): number {
    const found = tagAt(window, frame.bigEndian);
    if (found === item) {
      openItem(frame, uint32At(window, window.start + 4, frame.bigEndian));
    } else if (found === sequenceDelimitation) {
      if (frame.undefinedLength) close(frame);
      else noteNeedlessDelimiter();
      consume(window, shortHeader);
    } else if (frame.undefinedLength && found >>> 16 !== 0xfffe && found > frame.tag) {
      noteMissingDelimiter();
      close(frame);
    } else {
      throw malformed(
        state,
        `${attributeInWords(frame.tag)} should have an item at byte ${element.offset} and has none.`,
      );
    }
    return 0;
  }

  function openItem(frame: SequenceFrame, itemLength: number): void {
    countElement(state);
    const isUndefined = itemLength === undefinedLength;
    const end = isUndefined ? frame.end : window.offset + shortHeader + itemLength;
    if (end > frame.end) {
      const excess = end - frame.end;
      throw malformed(
        state,
        `An item at byte ${element.offset} claims ${itemLength} bytes, ${excess} more than ${attributeInWords(frame.tag)} has.`,
      );
    }
    consume(window, shortHeader);
    const opened = itemFrame(frame, { end, undefinedLength: isUndefined });
    frame.items.push(opened.attributes);
    stack.push(opened);
    visitor?.opened(opened, element.offset);
  }

  function readDelimiter(frame: DataSetFrame): void {
    if (frame === root) {
      if (element.tag !== item) passNeedlessDelimiter();
      else if (state.afterPixelData) trailing.begin();
      else throw malformed(state, `An item at byte ${element.offset} is in no sequence.`);
    } else if (element.tag === itemDelimitation && frame.undefinedLength) {
      close(frame);
      consume(window, shortHeader);
    } else if (element.tag === itemDelimitation) {
      passNeedlessDelimiter();
    } else if (frame.undefinedLength) {
      noteMissingDelimiter();
      close(frame);
    } else {
      throw malformed(state, `A delimiter at byte ${element.offset} is inside an item whose length goes further.`);
    }
  }

  function passNeedlessDelimiter(): void {
    consume(window, shortHeader);
    noteNeedlessDelimiter();
  }

  function noteNeedlessDelimiter(): void {
    warn(state, 'length-repaired', `The delimiter at byte ${element.offset} ends nothing.`);
  }

  function noteMissingDelimiter(): void {
    warn(state, 'length-repaired', `A sequence or item ends at byte ${window.offset} without its delimiter.`);
  }

  function close(frame: ScanFrame): void {
    if (frame.kind === 'fragments') {
      closeFragments(state, frame);
      return;
    }
    stack.pop();
    visitor?.closed(frame);
    if (frame.kind === 'sequence') {
      depth--;
      if (frame.items.length > 0) frame.element.Value = frame.items;
    } else if (!frame.ascending) {
      sortAttributes(frame.attributes);
    }
  }

  function finish(): void {
    // What ends where the last chunk ended is still open.
    run();
    if (!trailing.begun) finishElement();
    if (!root.ascending) sortAttributes(root.attributes);
    trailing.note();
  }

  /** @throws CausewayError `truncated` unless the file may end here */
  function finishElement(): void {
    const frame = topOf(state);
    const complete = state.skipping === 0 && available(window) === 0;
    if ((complete && frame === root) || trailing.swallowsTheRest()) return;
    if (complete && frame.kind === 'fragments' && !frame.tailDue && frame.around === root && frame.items > 1) {
      noteMissingDelimiter();
      closeFragments(state, frame);
      return;
    }
    const open = stack.findLast((open) => open.kind !== 'data-set');
    const around = open && `${attributeInWords(open.tag)}, which starts at byte ${open.offset}`;
    if (frame.kind === 'data-set' && (state.skipping > 0 || available(window) >= shortHeader)) {
      const valueOffset = element.offset + element.headerLength;
      throw truncated(
        state,
        `inside ${attributeInWords(element.tag)}, which claims ${element.length} bytes from byte ${valueOffset}`,
      );
    }
    throw truncated(state, around ? `inside ${around}` : `inside the header of an attribute at byte ${window.offset}`);
  }

  return {
    push,
    finish,
    attributes: root.attributes,
    bulk: state.bulk,
    get guessedEncodings() {
      return root.characterSet.guessedEncodings;
    },
    get definedTerms() {
      return root.characterSet.definedTerms;
    },
    get pixelData() {
      return state.pixelData;
    },
    get syntax() {
      return state.syntax;
    },
  };
}

function sortAttributes(attributes: DicomJson): void {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [tag] of sorted) delete attributes[tag];
  for (const [tag, element] of sorted) attributes[tag] = element;
}
