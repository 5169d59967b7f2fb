import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import { createDataSetRewriter, type DataSetRewriter, type Opening, vrOfValue } from './data-set-rewriter.ts';
import type { AttributeHeader } from './data-set-visitor.ts';
import { type ElementIn, elementBytes, elementHeader, padded } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { DicomJson, DicomJsonElement } from './json-model.ts';
import { valueText } from './json-writer.ts';
import { createPieceWriter } from './piece-writer.ts';
import type { DataSetFrame } from './scan-frames.ts';
import { tagHex } from './tag-hex.ts';
import { encodeText } from './text-encoding.ts';
import { textKindOf } from './text-kind.ts';

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
const declaredUtf8: [number, ElementIn] = [
  specificCharacterSet,
  (encoding) => elementBytes(encoding, specificCharacterSet, 'CS', Buffer.from(utf8)),
];

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
export interface DataSetRestorer extends DataSetRewriter {
  /**
   * Values of Specific Character Set, once the data set has begun and unless it is written anew; none for the default
   * repertoire.
   */
  readonly characterSet: readonly string[];
}

export function createDataSetRestorer({
  restoreUid,
  restoreDate,
  identity,
  characterSet,
}: RestorerOptions): DataSetRestorer {
  const transcode = characterSet === 'utf-8';
  const writer = createPieceWriter();
  let terms: readonly string[] = [];
  const ofIdentity = Object.entries(identity).map(([hex, element]): [number, ElementIn] => {
    const tag = Number.parseInt(hex, 16);
    return [tag, (encoding) => identityBytes(encoding, tag, element)];
  });

  function identityBytes(encoding: DataSetEncoding, tag: number, { vr, Value = [] }: DicomJsonElement): Uint8Array {
    if (Value.length === 0) return Buffer.alloc(0);
    const text = Value.map(valueText).join('\\');
    const bytes = encodeText(text, characterSet === 'utf-8' ? [utf8] : characterSet, textKindOf(vr) ?? 'multi-value');
    if (bytes === undefined) throw notWritable(tag);
    return elementBytes(encoding, tag, vr, padded(bytes));
  }

  function rewrite(header: AttributeHeader, frame: DataSetFrame, isAtRoot: boolean): Opening<'anew'> | undefined {
    const { tag, offset, headerLength, length, fragments, traits } = header;
    // Lengths of groups change, and nobody needs them.
    if ((tag & 0xffff) === 0 || (isAtRoot && deidentificationTags.has(tag))) return undefined;
    if (tag === specificCharacterSet) {
      if (isAtRoot && length <= maxReplacedBytes) {
        writer.rewrite(offset, headerLength + length, (bytes) => {
          terms = termsIn(bytes.subarray(headerLength));
          return Buffer.from(bytes);
        });
      } else if (!transcode) writer.copy(offset, headerLength + length);
      return undefined;
    }
    if (fragments) {
      writer.copy(offset, headerLength);
      return { fate: 'copy' };
    }
    if (traits.kind === 'sequence' || length === undefinedLength) {
      return { fate: 'anew', header: elementHeader(frame, tag, traits.vr === 'UN' ? 'UN' : 'SQ', undefinedLength) };
    }
    writeValue(header, frame);
    return undefined;
  }

  function writeValue(header: AttributeHeader, frame: DataSetFrame): void {
    const { tag, offset, headerLength, length } = header;
    const vr = vrOfValue(tag, header.traits.vr);
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
      return elementBytes(frame, tag, vr, padded(text));
    });
  }

  function restored(tag: number, vr: 'UI' | 'DA' | 'DT', value: Buffer): Buffer {
    const values = value.toString('latin1').split('\\');
    const trimmed = values.map((one) => one.replace(/^ +|[ \0]+$/g, ''));
    if (vr === 'UI') return padded(Buffer.from(trimmed.map(restoreUid).join('\\'), 'latin1'), '\0');
    const dates = trimmed.map((one) => (/^\d{8}/.test(one) ? restoreDate(one.slice(0, 8), tag) + one.slice(8) : one));
    return padded(Buffer.from(dates.join('\\'), 'latin1'));
  }

  const rewriter = createDataSetRewriter({
    writer,
    rootFate: 'anew',
    added: new Map([...(transcode ? [declaredUtf8] : []), ...ofIdentity].sort(([a], [b]) => a - b)),
    rewrite,
    limits: { maxMetadataBytes: Number.MAX_SAFE_INTEGER, maxElements: Number.MAX_SAFE_INTEGER },
    refusal: 'what came back cannot be restored.',
  });
  return {
    push: rewriter.push,
    end: rewriter.end,
    get identity() {
      return rewriter.identity;
    },
    get characterSet() {
      return terms;
    },
  };
}

function termsIn(value: Buffer): string[] {
  const terms = value
    .toString('latin1')
    .split('\\')
    .map((term) => term.trim().replace(/\0/g, ''));
  return terms.every((term) => term === '') ? [] : terms;
}

function notWritable(tag: number): CausewayError {
  return new CausewayError(
    'conflict',
    `The original value of ${tagHex(tag)} cannot be written in the character set of what came back.`,
    { details: { tag: tagHex(tag) } },
  );
}

function tooLong(tag: number): CausewayError {
  return new CausewayError('limit-exceeded', `The text of ${tagHex(tag)} is longer than ${maxRewrittenBytes} bytes.`, {
    details: { tag: tagHex(tag), limit: 'maxRewrittenBytes' },
  });
}
