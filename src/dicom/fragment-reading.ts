import { available, consume } from './byte-window.ts';
import { headBytes, tailBytes } from './codestream-marks.ts';
import { syntaxHeadBytes, syntaxOfCodestream } from './codestream-syntax.ts';
import { shortHeader, tagAt, uint32At, undefinedLength } from './element-header.ts';
import { createFragmentCollector } from './fragment-collector.ts';
import { encapsulatedLayout } from './pixel-data-layout.ts';
import type { DataSetFrame, FragmentsFrame } from './scan-frames.ts';
import { limitExceeded } from './scan-limits.ts';
import { malformed, type ScanState, skip, storeBulk, warn } from './scan-state.ts';
import { attributeInWords } from './scan-warnings.ts';

const item = 0xfffee000;
const sequenceDelimitation = 0xfffee0dd;
const pixelData = 0x7fe00010;

/** A fragment up to this size is waited for rather than passed over in pieces. */
const smallFragmentBytes = 64;

/** Opens the encapsulated value of the element at hand (PS3.5 §A.4). */
export function openFragments(state: ScanState, frame: DataSetFrame): void {
  const { element, window, syntax } = state;
  const isPixelData = frame === state.root && element.tag === pixelData && state.pixelData === undefined;
  consume(window, element.headerLength);
  const opened: FragmentsFrame = {
    kind: 'fragments',
    tag: element.tag,
    vr: element.traits.vr === 'OW' ? 'OW' : 'OB',
    offset: element.offset,
    valueOffset: window.offset,
    collector: isPixelData ? createFragmentCollector(syntax.codec) : undefined,
    around: frame,
    items: 0,
    tailDue: false,
    end: frame.end,
    undefinedLength: true,
  };
  state.stack.push(opened);
  state.visitor?.opened(opened, element.offset);
}

/**
 * Reads one item or the delimiter; eight bytes are there.
 * @returns 0, or how many bytes have to be there first
 * @throws CausewayError `malformed`, `limit-exceeded`
 */
export function readFragment(state: ScanState, frame: FragmentsFrame): number {
  const { window } = state;
  const found = tagAt(window, false);
  const size = uint32At(window, window.start + 4, false);
  if (found === sequenceDelimitation) {
    closeFragments(state, frame);
    consume(window, shortHeader);
    return 0;
  }
  if (found !== item) {
    if (found >>> 16 === 0xfffe || found <= frame.tag) {
      throw malformed(
        state,
        `${attributeInWords(frame.tag)} should have a fragment at byte ${window.offset} and has none.`,
      );
    }
    warn(
      state,
      'length-repaired',
      `${attributeInWords(frame.tag)} ends at byte ${window.offset} without its delimiter.`,
    );
    closeFragments(state, frame);
    return 0;
  }
  if (size === undefinedLength || window.offset + shortHeader + size > frame.end) {
    throw malformed(state, `A fragment at byte ${window.offset} claims ${size} bytes, more than there can be.`);
  }
  return frame.items === 0 ? readBasicOffsets(state, frame, size) : readFragmentBody(state, frame, size);
}

/** Reads the last bytes of a fragment that was passed over. @returns bytes that have to be there first */
export function readFragmentTail({ window }: ScanState, frame: FragmentsFrame): number {
  if (available(window) < tailBytes) return tailBytes;
  frame.collector?.ended(window.bytes.subarray(window.start, window.start + tailBytes));
  frame.tailDue = false;
  consume(window, tailBytes);
  return 0;
}

/** The value ends where the window stands. */
export function closeFragments(state: ScanState, frame: FragmentsFrame): void {
  const { root, element } = state;
  const range = { offset: frame.valueOffset, length: state.window.offset - frame.valueOffset };
  state.stack.pop();
  state.visitor?.closed(frame);
  element.tag = frame.tag;
  element.offset = frame.offset;
  storeBulk(state, frame.around, { vr: frame.vr, ...range, bigEndian: false });
  if (frame.around === root && frame.tag === pixelData) state.afterPixelData = true;
  if (frame.collector === undefined || frame.collector.count === 0) return;
  state.pixelData = encapsulatedLayout(
    '7FE00010',
    range,
    frame.collector,
    state.syntax,
    state.extendedOffsets,
    root.attributes,
    state.warnings,
  );
}

function readBasicOffsets(state: ScanState, frame: FragmentsFrame, size: number): number {
  const { window, limits } = state;
  if (size > 4 * limits.maxFragments) throw limitExceeded('maxFragments', limits, window.offset, 'Too many frames');
  if (available(window) < shortHeader + size) return shortHeader + size;
  state.visitor?.fragment(window.offset, size);
  const start = window.start + shortHeader;
  frame.collector?.basicOffsets(window.bytes.subarray(start, start + size));
  frame.items++;
  consume(window, shortHeader + size);
  return 0;
}

function readFragmentBody(state: ScanState, frame: FragmentsFrame, size: number): number {
  const { window, limits } = state;
  const { collector } = frame;
  if (frame.items > limits.maxFragments) {
    throw limitExceeded('maxFragments', limits, window.offset, 'Too many fragments');
  }
  const isSmall = size <= smallFragmentBytes;
  const provesSyntax = collector?.count === 0 && !state.syntax.encapsulated;
  const wanted = shortHeader + (isSmall ? size : provesSyntax ? Math.min(size, syntaxHeadBytes) : headBytes);
  if (available(window) < wanted) return wanted;
  state.visitor?.fragment(window.offset, size);
  const start = window.start + shortHeader;
  const end = start + size;
  if (provesSyntax) {
    recogniseCodestream(state, frame, window.bytes.subarray(start, Math.min(end, start + syntaxHeadBytes)));
  }
  frame.collector?.add(
    window.offset + shortHeader,
    size,
    window.bytes.subarray(start, Math.min(end, start + headBytes)),
  );
  frame.items++;
  if (isSmall) {
    frame.collector?.ended(window.bytes.subarray(Math.max(start, end - tailBytes), end));
    consume(window, shortHeader + size);
  } else {
    frame.tailDue = true;
    skip(state, shortHeader + size - tailBytes);
  }
  return 0;
}

/** Fragments under a transfer syntax for native pixels: their codestream says what they are. */
function recogniseCodestream(state: ScanState, frame: FragmentsFrame, head: Uint8Array): void {
  const found = syntaxOfCodestream(head);
  const claimed = state.syntax.name;
  if (found !== undefined) {
    // Every compressed transfer syntax is Explicit VR Little Endian: of another data set it would tell only half.
    if (state.root.explicitVr && !state.root.bigEndian) state.syntax = found;
    frame.collector = createFragmentCollector(found.codec);
  }
  warn(
    state,
    'encoding-differs',
    `${attributeInWords(frame.tag)} at byte ${frame.offset} is compressed (${found?.name ?? 'in an unknown way'}), although the transfer syntax is ${claimed}.`,
  );
}
