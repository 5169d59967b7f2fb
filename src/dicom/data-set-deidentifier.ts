import { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import {
  type ConfidentialityAction,
  type ConfidentialityOption,
  confidentialityAction,
  namesKinds,
} from './confidentiality-profile.ts';
import {
  createDataSetRewriter,
  type DataSetRewriter,
  type Fate,
  type Opening,
  vrOfValue,
} from './data-set-rewriter.ts';
import type { AttributeHeader } from './data-set-visitor.ts';
import { deidentificationAttributes } from './deidentification-attributes.ts';
import { dictionaryVr } from './dictionary.ts';
import { dummyValue } from './dummy-value.ts';
import { elementBytes, elementHeader, padded } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { Vr } from './json-model.ts';
import { createPieceWriter } from './piece-writer.ts';
import { creatorOf, isPrivateCreator } from './private-attribute.ts';
import { noExceptions, type ProfileExceptions } from './profile-exceptions.ts';
import type { DataSetFrame } from './scan-frames.ts';
import type { ScanLimits } from './scan-limits.ts';
import { vrTraits } from './vr-traits.ts';

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
export type DataSetDeidentifier = Pick<DataSetRewriter, 'push' | 'end'>;

/** `dummy`: its structure stays, its words do not. `copy`: pixels. */
type CleanFate = Fate<'clean' | 'dummy'>;
type CleanOpening = Opening<'clean' | 'dummy'>;

/**
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

  function rewrite(
    header: AttributeHeader,
    frame: DataSetFrame,
    isAtRoot: boolean,
    fate: CleanFate,
  ): CleanOpening | undefined {
    const { tag, offset, headerLength, length, fragments, traits } = header;
    if (isAtRoot && pixelDataTags.has(tag)) {
      writer.copy(offset, length === undefinedLength ? headerLength : headerLength + length);
      return { fate: 'copy' };
    }
    if (fate === 'clean' && isPrivateCreator(tag) && !exceptions.actions.has(tag)) {
      writeCreator(header, frame);
      return undefined;
    }
    const action = actionOn(tag, traits.vr, fate, frame);
    if (action === 'X') return undefined;
    if (fragments) return writeFragments(header, frame, action);
    if (traits.kind === 'sequence' || length === undefinedLength) return writeSequence(header, frame, fate, action);
    if (dictionaryVr(tag) === 'SQ' && length > 0) {
      // Whether a UN holds items shows next; what does not, or says to be no sequence, cannot be cleaned, and goes.
      return traits.vr === 'UN' ? writeSequence(header, frame, fate, action) : undefined;
    }
    writeValue(header, frame, action);
    return undefined;
  }

  function actionOn(tag: number, vr: Vr, fate: CleanFate, frame: DataSetFrame): ConfidentialityAction {
    if (fate === 'clean' && exceptions.actions.get(tag) === undefined && isKeptPrivate(tag, frame)) return 'K';
    const action = exceptions.actions.get(tag) ?? confidentialityAction(tag, vr, options);
    if (fate !== 'dummy' || action === 'X' || action === 'Z') return action;
    const known = vrOfValue(tag, vr);
    if (known === 'UI') return namesKinds(tag) ? 'K' : 'U';
    return says(known) ? 'D' : 'K';
  }

  function isKeptPrivate(tag: number, frame: DataSetFrame): boolean {
    if (exceptions.privates.length === 0) return false;
    const creator = creatorOf(tag, frame.attributes);
    return exceptions.privates.some(
      (one) => one.group === tag >>> 16 && one.element === (tag & 0xff) && one.creator === creator,
    );
  }

  /** Stays if something stays that it has reserved; its value has not arrived yet. */
  function writeCreator({ tag, offset, headerLength, length, traits }: AttributeHeader, frame: DataSetFrame): void {
    const kept = exceptions.privates.filter(({ group }) => group === tag >>> 16);
    if (kept.length === 0 || length === undefinedLength || length > maxReplacedBytes) return;
    writer.rewrite(offset + headerLength, length, (value) => {
      const creator = withoutPadding(value.toString('latin1'));
      const isKept = kept.some((one) => one.creator === creator);
      return isKept ? elementBytes(frame, tag, traits.vr, Buffer.from(value)) : Buffer.alloc(0);
    });
  }

  function writeFragments(
    { tag, offset, headerLength, traits }: AttributeHeader,
    frame: DataSetFrame,
    action: ConfidentialityAction,
  ): CleanOpening | undefined {
    if (action === 'K') {
      writer.copy(offset, headerLength);
      return { fate: 'copy' };
    }
    writer.write(elementBytes(frame, tag, traits.vr, action === 'Z' ? Buffer.alloc(0) : dummyValue(tag, traits.vr)));
    return undefined;
  }

  function writeSequence(
    { tag, traits }: AttributeHeader,
    frame: DataSetFrame,
    fate: CleanFate,
    action: ConfidentialityAction,
  ): CleanOpening | undefined {
    const vr = traits.vr === 'UN' ? 'UN' : 'SQ';
    if (action === 'Z') {
      writer.write(elementBytes(frame, tag, vr, Buffer.alloc(0)));
      return undefined;
    }
    return {
      fate: action === 'D' || fate === 'dummy' ? 'dummy' : 'clean',
      header: elementHeader(frame, tag, vr, undefinedLength),
    };
  }

  function writeValue(header: AttributeHeader, frame: DataSetFrame, action: ConfidentialityAction): void {
    const { tag, offset, headerLength, length } = header;
    const vr = vrOfValue(tag, header.traits.vr);
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
    const dates = parts.map((part) => part && replaceDate!(part.slice(0, 8)) + part.slice(8));
    return padded(Buffer.from(dates.join('\\'), 'latin1'));
  }

  return createDataSetRewriter({
    writer,
    rootFate: 'clean',
    added: deidentificationAttributes(options, exceptions, patient),
    rewrite,
    limits,
    refusal: 'it cannot be de-identified.',
  });
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

function uidBytes(text: string): Buffer {
  return padded(Buffer.from(text, 'latin1'), '\0');
}
