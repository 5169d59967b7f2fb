import { CausewayError } from '../kernel/errors.ts';
import { available, type ByteWindow, consume } from './byte-window.ts';
import { characterSetOf } from './character-set.ts';
import type { DataSetVisitor } from './data-set-visitor.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { FrameOffsets } from './fragment-collector.ts';
import type { DicomJsonElement } from './json-model.ts';
import type { PixelDataLayout } from './pixel-data.ts';
import type { DataSetFrame, ScanFrame } from './scan-frames.ts';
import { bytesPerElement, limitExceeded, type ScanLimits } from './scan-limits.ts';
import { attributeInWords, type ScanWarnings } from './scan-warnings.ts';
import type { BulkRange, ScanWarning } from './scanned-instance.ts';
import { tagHex } from './tag-hex.ts';
import type { TransferSyntax } from './transfer-syntaxes.ts';
import { type VrTraits, vrTraits } from './vr-traits.ts';

/** Header of the element that is being read. One object for all of them: a scan reads thousands. */
interface ElementHeader {
  tag: number;
  /** Of its first byte. */
  offset: number;
  traits: VrTraits;
  /** Of the value, in bytes, or `undefinedLength`. */
  length: number;
  /** Bytes in front of the value. */
  headerLength: number;
}

/** All that a scan of a data set knows between two bytes. */
export interface ScanState {
  readonly window: ByteWindow;
  readonly limits: ScanLimits;
  readonly warnings: ScanWarnings;
  /** What the pixels are; a codestream under a transfer syntax for native pixels corrects it. */
  syntax: TransferSyntax;
  readonly root: DataSetFrame;
  /** From the root to what is open. */
  readonly stack: ScanFrame[];
  readonly element: ElementHeader;
  readonly bulk: BulkRange[];
  /** Bytes of a located value that are still to come. */
  skipping: number;
  elements: number;
  metadataBytes: number;
  /** Problems that the character set in force had counted when last asked. */
  characterProblems: number;
  extendedOffsets: FrameOffsets | undefined;
  pixelData: PixelDataLayout | undefined;
  /** From here on little but padding is to be expected. */
  afterPixelData: boolean;
  /** Told of what is read, beside its being kept. */
  readonly visitor: DataSetVisitor | undefined;
}

export function createScanState(
  window: ByteWindow,
  encoding: DataSetEncoding,
  syntax: TransferSyntax,
  limits: ScanLimits,
  warnings: ScanWarnings,
  visitor?: DataSetVisitor,
): ScanState {
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
  return {
    window,
    limits,
    warnings,
    syntax,
    root,
    stack: [root],
    element: { tag: 0, offset: window.offset, traits: vrTraits('UN'), length: 0, headerLength: 0 },
    bulk: [],
    skipping: 0,
    elements: 0,
    metadataBytes: 0,
    characterProblems: 0,
    extendedOffsets: undefined,
    pixelData: undefined,
    afterPixelData: false,
    visitor,
  };
}

export function topOf(state: ScanState): ScanFrame {
  return state.stack[state.stack.length - 1] ?? state.root;
}

/** Warns of the element at hand. */
export function warn({ warnings, element }: ScanState, kind: ScanWarning['kind'], message: string): void {
  warnings.add({ kind, tag: tagHex(element.tag), offset: element.offset, message });
}

/** Warns of the value at hand; the message goes on from the attribute and its offset. */
export function objectTo(state: ScanState, message: string): void {
  if (state.warnings.full) return;
  warn(state, 'value-not-valid', `${elementInWords(state)} ${message}.`);
}

export function elementInWords({ element }: ScanState): string {
  return `${attributeInWords(element.tag)} at byte ${element.offset}`;
}

export function malformed({ element }: ScanState, message: string): CausewayError {
  return new CausewayError('malformed', message, { details: { tag: tagHex(element.tag), offset: element.offset } });
}

export function truncated({ window, element }: ScanState, where: string): CausewayError {
  const end = window.offset + available(window);
  return new CausewayError('truncated', `The data set ends at byte ${end} ${where}.`, {
    details: { tag: tagHex(element.tag), offset: end },
  });
}

/** @throws CausewayError `limit-exceeded` */
export function countElement(state: ScanState): void {
  state.elements++;
  if (state.elements > state.limits.maxElements) {
    throw limitExceeded('maxElements', state.limits, state.element.offset, 'Too many attributes');
  }
  countMetadata(state, bytesPerElement);
}

/** @throws CausewayError `limit-exceeded` */
export function countMetadata(state: ScanState, bytes: number): void {
  state.metadataBytes += bytes;
  if (state.metadataBytes > state.limits.maxMetadataBytes) {
    throw limitExceeded('maxMetadataBytes', state.limits, state.element.offset, 'Too many bytes of attributes');
  }
}

/** Keeps an attribute. The first of two with the same tag counts. @returns false if there is one already */
export function store(state: ScanState, frame: DataSetFrame, value: DicomJsonElement): boolean {
  const { tag } = state.element;
  const hex = tagHex(tag);
  if (tag > frame.lastTag) {
    frame.lastTag = tag;
  } else if (Object.hasOwn(frame.attributes, hex)) {
    warn(state, 'duplicate-attribute', `${elementInWords(state)} is there already; the first one counts.`);
    return false;
  } else {
    frame.ascending = false;
  }
  frame.attributes[hex] = value;
  return true;
}

/** Keeps an attribute whose value is only located. */
export function storeBulk(state: ScanState, frame: DataSetFrame, range: Omit<BulkRange, 'path'>): void {
  const path = pathOf(state);
  countMetadata(state, 2 * path.length);
  if (store(state, frame, { vr: range.vr, BulkDataURI: path })) state.bulk.push({ path, ...range });
}

/** Through the open sequences to the element at hand: `54000100/0/54001010`. */
function pathOf({ stack, element }: ScanState): string {
  let path = '';
  for (const frame of stack) if (frame.kind === 'sequence') path += `${tagHex(frame.tag)}/${frame.items.length - 1}/`;
  return path + tagHex(element.tag);
}

/** Passes over bytes whether they are there yet or not. */
export function skip(state: ScanState, bytes: number): void {
  const passed = Math.min(bytes, available(state.window));
  consume(state.window, passed);
  state.skipping = bytes - passed;
}
