import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import type { AttributeHeader, DataSetVisitor } from './data-set-visitor.ts';
import { dictionaryVr } from './dictionary.ts';
import { elementBytes, elementHeader, itemMark } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { DicomJson, Vr } from './json-model.ts';
import { valueText } from './json-writer.ts';
import { createPart10Scanner, type EarlyIdentity } from './part10-scanner.ts';
import { createPieceWriter } from './piece-writer.ts';
import type { DataSetFrame, ScanFrame } from './scan-frames.ts';
import { encodeText } from './text-encoding.ts';
import { textKindOf } from './text-kind.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const itemHeaderBytes = 8;
const specificCharacterSet = 0x00080005;
/** Whether text can be written in a character set. @param terms values of Specific Character Set */
export function isWritable(identity: DicomJson, terms: readonly string[]): boolean {
  return Object.values(identity).every(
    ({ vr, Value = [] }) =>
      encodeText(Value.map(valueText).join('\\'), terms, textKindOf(vr) ?? 'multi-value') !== undefined,
  );
}

/** What says that a data set is de-identified: PS3.3 §C.7.1.1, §C.12.1. */
const deidentificationTags: ReadonlySet<number> = new Set([0x00120062, 0x00120063, 0x00120064, 0x00280303]);
/** Longest value that is read in order to be written anew, bytes. */
const maxRewrittenBytes = 4_194_304;
const maxReplacedBytes = 65_534;

const utf8 = 'ISO_IR 192';

export interface RestorerOptions {
  /** The original of a UID, or the UID itself. */
  readonly restoreUid: (uid: string) => string;
  /** The original of a day, eight digits each, or the day itself. @param tag of its attribute */
  readonly restoreDate: (date: string, tag: number) => string;
  /** Attributes of the data set itself, in the place of those that are there, or of none; one without a value is removed. */
  readonly identity: DicomJson;
  /** Values of Specific Character Set in which `identity` is written; `utf-8` writes all texts anew in that. */
  readonly characterSet: readonly string[] | 'utf-8';
}

/** Undoes in a Part 10 file that is not deflated what a de-identifier has done, as its bytes arrive. Pixels keep theirs. */
export interface DataSetRestorer {
  /** @returns what can be written now of the data set @throws CausewayError as the scanner */
  push(chunk: Uint8Array): Uint8Array[];
  /** The file is complete. @throws CausewayError as the scanner; `malformed` if its end cannot be made sense of */
  end(): Uint8Array[];
  readonly identity: EarlyIdentity;
  /** Values of Specific Character Set, once the data set has begun; none for the default repertoire. */
  readonly characterSet: readonly string[];
}

/**
 * Reads with the scanner, so that what is stored is understood here in the same way. Sequences are written with undefined
 * length, as their lengths change.
 */
export function createDataSetRestorer({
  restoreUid,
  restoreDate,
  identity,
  characterSet,
}: RestorerOptions): DataSetRestorer {
  const transcode = characterSet === 'utf-8';
  const writer = createPieceWriter();
  /** Whether what is open is written anew, copied, or was written with what it stands in. */
  const open: ('anew' | 'copy' | 'done')[] = [];
  let inside: 'anew' | 'copy' | 'done' = 'done';
  let sequenceHeader: Uint8Array | undefined;
  const replaced = new Map(Object.entries(identity).map(([tag, element]) => [Number.parseInt(tag, 16), element]));
  const waiting = [...replaced.keys()].sort((a, b) => a - b);
  let encoding: DataSetEncoding = { explicitVr: true, bigEndian: false };
  let terms: readonly string[] = [];
  const limits = { maxMetadataBytes: Number.MAX_SAFE_INTEGER, maxElements: Number.MAX_SAFE_INTEGER };
  const scanner = createPart10Scanner({ acceptBareDataSets: true, limits, visitor: createVisitor() });
  let hasBegun = false;

  function createVisitor(): DataSetVisitor {
    return {
      attribute(header, frame) {
        inside = 'done';
        if (open.length === 0) {
          encoding = { explicitVr: frame.explicitVr, bigEndian: frame.bigEndian };
          begin(header.tag);
          putIdentityBefore(header.tag);
          if (replaced.has(header.tag) || deidentificationTags.has(header.tag)) return;
        }
        if ((open.at(-1) ?? 'anew') === 'anew') writeAttribute(header, frame);
      },
      opened(frame) {
        if (frame.kind === 'data-set') {
          const state = open.at(-1) ?? 'done';
          if (state === 'anew') writer.write(itemMark(item, undefinedLength, frame.bigEndian));
          open.push(state);
          return;
        }
        if (frame.kind === 'sequence' && inside === 'anew' && sequenceHeader) writer.write(sequenceHeader);
        open.push(inside);
      },
      fragment(offset, length) {
        if (open.at(-1) === 'copy') writer.copy(offset, itemHeaderBytes + length);
      },
      closed(frame) {
        if (open.pop() !== 'done') writer.write(delimiterOf(frame));
      },
    };
  }

  /** UTF-8 is declared in front of all else. */
  function begin(tag: number): void {
    if (hasBegun || tag < specificCharacterSet) return;
    hasBegun = true;
    if (transcode) writer.write(elementBytes(encoding, specificCharacterSet, 'CS', Buffer.from(utf8)));
  }

  function putIdentityBefore(tag: number): void {
    while (waiting.length > 0 && waiting[0]! < tag) {
      const next = waiting.shift()!;
      const { vr, Value = [] } = replaced.get(next)!;
      if (Value.length === 0) continue;
      const text = Value.map(valueText).join('\\');
      const bytes = encodeText(text, characterSet === 'utf-8' ? [utf8] : characterSet, textKindOf(vr) ?? 'multi-value');
      if (bytes === undefined) throw notWritable(next);
      writer.write(elementBytes(encoding, next, vr, padded(bytes, ' ')));
    }
  }

  function writeAttribute(header: AttributeHeader, frame: DataSetFrame): void {
    const { tag, offset, headerLength, length, fragments, traits } = header;
    // Lengths of groups change, and nobody needs them.
    if ((tag & 0xffff) === 0) return;
    if (tag === specificCharacterSet) {
      if (open.length === 0 && length <= maxReplacedBytes) {
        writer.rewrite(offset, headerLength + length, (bytes) => {
          terms = termsIn(bytes.subarray(headerLength));
          return transcode ? Buffer.alloc(0) : Buffer.from(bytes);
        });
      } else if (!transcode) writer.copy(offset, headerLength + length);
      return;
    }
    if (fragments) {
      inside = 'copy';
      writer.copy(offset, headerLength);
    } else if (traits.kind === 'sequence' || length === undefinedLength) {
      inside = 'anew';
      sequenceHeader = elementHeader(frame, tag, traits.vr === 'UN' ? 'UN' : 'SQ', undefinedLength);
    } else {
      writeValue(header, frame);
    }
  }

  function writeValue(header: AttributeHeader, frame: DataSetFrame): void {
    const { tag, offset, headerLength, length } = header;
    const vr = knownVr(tag, header.traits.vr);
    const start = offset + headerLength;
    if (length > 0 && length <= maxReplacedBytes && (vr === 'UI' || vr === 'DA' || vr === 'DT')) {
      writer.rewrite(start, length, (value) => elementBytes(frame, tag, vr, restored(tag, vr, value)));
      return;
    }
    const kind = textKindOf(vr);
    if (!transcode || kind === undefined || length === 0) {
      writer.copy(offset, headerLength + length);
      return;
    }
    if (length > maxRewrittenBytes) throw tooLong(tag);
    const { characterSet: written } = frame;
    writer.rewrite(start, length, (value) => {
      const text = Buffer.from(written.decode(value, kind), 'utf8');
      return elementBytes(frame, tag, vr, padded(text, ' '));
    });
  }

  function restored(tag: number, vr: 'UI' | 'DA' | 'DT', value: Buffer): Buffer {
    const values = value.toString('latin1').split('\\');
    const trimmed = values.map((one) => one.replace(/^ +|[ \0]+$/g, ''));
    if (vr === 'UI') return padded(Buffer.from(trimmed.map(restoreUid).join('\\'), 'latin1'), '\0');
    const dates = trimmed.map((one) => (/^\d{8}/.test(one) ? restoreDate(one.slice(0, 8), tag) + one.slice(8) : one));
    return padded(Buffer.from(dates.join('\\'), 'latin1'), ' ');
  }

  return {
    push(chunk) {
      writer.arrived(chunk);
      scanner.push(chunk);
      return writer.take(scanner.position).filter((piece) => piece !== 'splice');
    },
    end() {
      scanner.end();
      begin(Number.POSITIVE_INFINITY);
      putIdentityBefore(Number.POSITIVE_INFINITY);
      const rest = writer.take(scanner.position).filter((piece) => piece !== 'splice');
      if (open.length > 0 || writer.pendingBytes > 0) throw endUnclear();
      return rest;
    },
    get identity() {
      return scanner.identity;
    },
    get characterSet() {
      return terms;
    },
  };
}

/** What a value of a VR that was lost on the way can only be. */
function knownVr(tag: number, vr: Vr): Vr {
  const known = vr === 'UN' ? dictionaryVr(tag) : vr;
  return known !== undefined && known.length === 2 ? (known as Vr) : vr;
}

function termsIn(value: Buffer): string[] {
  const terms = value
    .toString('latin1')
    .split('\\')
    .map((term) => term.trim().replace(/\0/g, ''));
  return terms.every((term) => term === '') ? [] : terms;
}

function padded(bytes: Buffer, padding: string): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(padding, 'latin1')]);
}

function delimiterOf(frame: ScanFrame): Uint8Array {
  if (frame.kind === 'data-set') return itemMark(itemDelimitation, 0, frame.bigEndian);
  return itemMark(sequenceDelimitation, 0, frame.kind === 'sequence' ? frame.bigEndian : frame.around.bigEndian);
}

function hexOf(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0');
}

function notWritable(tag: number): CausewayError {
  return new CausewayError(
    'conflict',
    `The original value of ${hexOf(tag)} cannot be written in the character set of what came back.`,
    { details: { tag: hexOf(tag) } },
  );
}

function tooLong(tag: number): CausewayError {
  return new CausewayError('limit-exceeded', `The text of ${hexOf(tag)} is longer than ${maxRewrittenBytes} bytes.`, {
    details: { tag: hexOf(tag), limit: 'maxRewrittenBytes' },
  });
}

function endUnclear(): CausewayError {
  return new CausewayError(
    'malformed',
    'The data set ends in bytes that belong to no attribute: what came back cannot be restored.',
  );
}
