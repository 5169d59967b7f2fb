import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import {
  type ConfidentialityAction,
  type ConfidentialityOption,
  confidentialityAction,
  namesKinds,
} from './confidentiality-profile.ts';
import type { AttributeHeader, DataSetVisitor } from './data-set-visitor.ts';
import { deidentificationAttributes } from './deidentification-attributes.ts';
import { dictionaryVr } from './dictionary.ts';
import { dummyValue } from './dummy-value.ts';
import { elementBytes, elementHeader, itemMark } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { Vr } from './json-model.ts';
import { createPart10Scanner } from './part10-scanner.ts';
import { createPieceWriter } from './piece-writer.ts';
import { noExceptions, type ProfileExceptions } from './profile-exceptions.ts';
import type { DataSetFrame, ScanFrame } from './scan-frames.ts';
import type { ScanLimits } from './scan-limits.ts';
import { vrTraits } from './vr-traits.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const itemHeaderBytes = 8;
const pixelDataTags: ReadonlySet<number> = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);

/** Longest value that is read in order to be replaced, bytes; what is longer is no list of UIDs or dates. */
const maxReplacedBytes = 65_534;

export interface DeidentifierOptions {
  /** The same for the same UID, so that references hold; must not lead back to it. */
  readonly replaceUid: (uid: string) => string;
  readonly options?: ReadonlySet<ConfidentialityOption>;
  /** Moves a day, eight digits each; goes with MODIFIED_DATES, by the same distance for all that belongs together. */
  readonly replaceDate?: (date: string) => string;
  /** What somebody has decided otherwise than the profile. */
  readonly exceptions?: ProfileExceptions;
  /** In the place of those that are there, or of none. ASCII. */
  readonly patient?: { readonly name: string; readonly id: string };
  readonly limits?: Partial<ScanLimits>;
}

/**
 * Takes from a Part 10 file that is not deflated what tells who somebody is, as its bytes arrive, and gives the data set
 * in the same encoding; the File Meta Information is the caller's. Pixel Data, and all else that stays, keep their bytes.
 */
export interface DataSetDeidentifier {
  /** @returns what can be written now @throws CausewayError as the scanner */
  push(chunk: Uint8Array): Uint8Array[];
  /** The file is complete. @throws CausewayError as the scanner; `malformed` if its end cannot be made sense of */
  end(): Uint8Array[];
}

/** What becomes of what is open. `gone`: all of it goes. `dummy`: its structure stays, its words do not. `copy`: pixels. */
type Fate = 'clean' | 'dummy' | 'gone' | 'copy';

/**
 * Reads with the scanner, so that what was indexed is understood here in the same way. Sequences are written with
 * undefined length, as their lengths change.
 * @throws CausewayError `internal` for MODIFIED_DATES without `replaceDate`
 * @see PS3.15 Annex E
 */
export function createDataSetDeidentifier({
  replaceUid,
  options = new Set(),
  replaceDate,
  exceptions = noExceptions,
  patient,
  limits = {},
}: DeidentifierOptions): DataSetDeidentifier {
  if (options.has('MODIFIED_DATES') && replaceDate === undefined) {
    throw new CausewayError('internal', 'Dates cannot be modified without replaceDate.');
  }
  const writer = createPieceWriter();
  const open: Fate[] = [];
  /** Of the sequence or the fragments that the attribute at hand may turn out to open, with the header of the sequence. */
  let inside: Fate = 'gone';
  let sequenceHeader: Uint8Array | undefined;
  const added = deidentificationAttributes(options, exceptions, patient);
  const waiting = [...added.keys()];
  let rootEncoding: DataSetEncoding = { explicitVr: true, bigEndian: false };
  const scanner = createPart10Scanner({ acceptBareDataSets: true, limits, visitor: createVisitor() });

  function createVisitor(): DataSetVisitor {
    return {
      attribute(header, frame) {
        inside = 'gone';
        if (open.length === 0) {
          rootEncoding = { explicitVr: frame.explicitVr, bigEndian: frame.bigEndian };
          putAddedBefore(header.tag);
          if (added.has(header.tag)) return;
        }
        const fate = open.at(-1) ?? 'clean';
        if (fate !== 'gone') writeAttribute(header, frame, fate);
      },
      opened(frame) {
        if (frame.kind === 'data-set') {
          const fate = open.at(-1) ?? 'gone';
          if (fate !== 'gone') writer.write(itemMark(item, undefinedLength, frame.bigEndian));
          open.push(fate);
          return;
        }
        if (frame.kind === 'sequence' && inside !== 'gone' && sequenceHeader) writer.write(sequenceHeader);
        open.push(inside);
      },
      fragment(offset, length) {
        if (open.at(-1) === 'copy') writer.copy(offset, itemHeaderBytes + length);
      },
      closed(frame) {
        if (open.pop() !== 'gone') writer.write(delimiterOf(frame));
      },
    };
  }

  function putAddedBefore(tag: number): void {
    while (waiting.length > 0 && waiting[0]! < tag) writer.write(added.get(waiting.shift()!)!(rootEncoding));
  }

  function writeAttribute(header: AttributeHeader, frame: DataSetFrame, fate: Fate): void {
    const { tag, offset, headerLength, length, fragments, traits } = header;
    if (open.length === 0 && pixelDataTags.has(tag)) {
      inside = 'copy';
      writer.copy(offset, length === undefinedLength ? headerLength : headerLength + length);
      return;
    }
    const action = actionOn(tag, traits.vr, fate);
    if (action === 'X') return;
    if (fragments) {
      writeFragments(header, frame, action);
    } else if (traits.kind === 'sequence' || length === undefinedLength) {
      writeSequence(header, frame, fate, action);
    } else if (dictionaryVr(tag) === 'SQ' && length > 0) {
      // Whether a UN holds items shows next; what does not, or says to be no sequence, cannot be cleaned, and goes.
      if (traits.vr === 'UN') writeSequence(header, frame, fate, action);
    } else {
      writeValue(header, frame, action);
    }
  }

  function actionOn(tag: number, vr: Vr, fate: Fate): ConfidentialityAction {
    const action = exceptions.actions.get(tag) ?? confidentialityAction(tag, vr, options);
    if (fate !== 'dummy' || action === 'X' || action === 'Z') return action;
    const known = knownVr(tag, vr);
    if (known === 'UI') return namesKinds(tag) ? 'K' : 'U';
    return says(known) ? 'D' : 'K';
  }

  function writeFragments(
    { tag, offset, headerLength, traits }: AttributeHeader,
    frame: DataSetFrame,
    action: ConfidentialityAction,
  ): void {
    if (action === 'K') {
      inside = 'copy';
      writer.copy(offset, headerLength);
    } else {
      writer.write(elementBytes(frame, tag, traits.vr, action === 'Z' ? Buffer.alloc(0) : dummyValue(tag, traits.vr)));
    }
  }

  function writeSequence(
    { tag, traits }: AttributeHeader,
    frame: DataSetFrame,
    fate: Fate,
    action: ConfidentialityAction,
  ): void {
    const vr = traits.vr === 'UN' ? 'UN' : 'SQ';
    if (action === 'Z') {
      writer.write(elementBytes(frame, tag, vr, Buffer.alloc(0)));
      return;
    }
    inside = action === 'D' || fate === 'dummy' ? 'dummy' : 'clean';
    sequenceHeader = elementHeader(frame, tag, vr, undefinedLength);
  }

  function writeValue(header: AttributeHeader, frame: DataSetFrame, action: ConfidentialityAction): void {
    const { tag, offset, headerLength, length } = header;
    const vr = knownVr(tag, header.traits.vr);
    if (action === 'K' || length === 0) {
      writer.copy(offset, headerLength + length);
    } else if (action === 'Z') {
      writer.write(elementBytes(frame, tag, vr, Buffer.alloc(0)));
    } else if (length > maxReplacedBytes || (action === 'D' && vr !== 'UI')) {
      writer.write(elementBytes(frame, tag, vr, vr === 'UI' ? uidBytes(replaceUid('')) : dummyValue(tag, vr)));
    } else {
      const replaced =
        action === 'M' ? (value: Buffer) => moved(tag, vr, value) : (value: Buffer) => renamed(tag, vr, value);
      writer.rewrite(offset + headerLength, length, (value) => elementBytes(frame, tag, vr, replaced(value)));
    }
  }

  function renamed(tag: number, vr: Vr, value: Buffer): Buffer {
    if (vr !== 'UI') return dummyValue(tag, vr);
    const uids = value.toString('latin1').split('\\').map(withoutPadding);
    return uidBytes(uids.map((uid) => (uid === '' || isWellKnown(uid) ? uid : replaceUid(uid))).join('\\'));
  }

  /** Times of day stay as they are (PS3.15 §E.3.6 leaves that open); what is no whole date gets a dummy. */
  function moved(tag: number, vr: Vr, value: Buffer): Buffer {
    const text = value.toString('latin1');
    if (vr === 'TM' && /^[0-9.:\\ ]*$/.test(text)) return Buffer.from(value);
    const parts = text.split('\\').map(withoutPadding);
    const valid = vr === 'DA' ? /^\d{8}$/ : vr === 'DT' ? /^\d{8}[0-9.]*([+-]\d{4})?$/ : undefined;
    if (valid === undefined || !parts.every((part) => part === '' || valid.test(part))) return dummyValue(tag, vr);
    return padded(parts.map((part) => part && replaceDate!(part.slice(0, 8)) + part.slice(8)).join('\\'), ' ');
  }

  return {
    push(chunk) {
      writer.arrived(chunk);
      scanner.push(chunk);
      return writer.take(scanner.position).filter((piece) => piece !== 'splice');
    },
    end() {
      scanner.end();
      putAddedBefore(Number.POSITIVE_INFINITY);
      const rest = writer.take(scanner.position).filter((piece) => piece !== 'splice');
      if (open.length > 0 || writer.pendingBytes > 0) throw endUnclear();
      return rest;
    },
  };
}

/** What a value of a VR that was lost on the way can only be. */
function knownVr(tag: number, vr: Vr): Vr {
  if (vr !== 'UN') return vr;
  const known = dictionaryVr(tag);
  return known !== undefined && known.length === 2 ? (known as Vr) : 'UN';
}

/** Whether values can hold words. Code strings are the Standard's, and numbers are no words. */
function says(vr: Vr): boolean {
  return vr !== 'CS' && vrTraits(vr).kind !== 'numbers' && vrTraits(vr).kind !== 'tags';
}

/** What the Standard itself has named: transfer syntaxes, SOP classes, well-known instances and frames of reference. */
function isWellKnown(uid: string): boolean {
  return /^1\.2\.840\.10008\.[0-9.]+$/.test(uid) && uid.length <= 64;
}

function withoutPadding(text: string): string {
  return text.replace(/^ +|[ \0]+$/g, '');
}

function padded(text: string, padding: string): Buffer {
  return Buffer.from(text.length % 2 === 0 ? text : text + padding, 'latin1');
}

function uidBytes(text: string): Buffer {
  return padded(text, '\0');
}

function delimiterOf(frame: ScanFrame): Uint8Array {
  if (frame.kind === 'data-set') return itemMark(itemDelimitation, 0, frame.bigEndian);
  return itemMark(sequenceDelimitation, 0, frame.kind === 'sequence' ? frame.bigEndian : frame.around.bigEndian);
}

function endUnclear(): CausewayError {
  return new CausewayError(
    'malformed',
    'The data set ends in bytes that belong to no attribute: it cannot be de-identified.',
  );
}
