import type { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import type { AttributeHeader, DataSetVisitor } from './data-set-visitor.ts';
import { dictionaryVr } from './dictionary.ts';
import { type ElementIn, itemMark } from './element-encoding.ts';
import { undefinedLength } from './element-header.ts';
import type { DataSetEncoding } from './encoding-sniffing.ts';
import type { Vr } from './json-model.ts';
import { createPart10Scanner, type EarlyIdentity } from './part10-scanner.ts';
import type { PieceWriter } from './piece-writer.ts';
import type { DataSetFrame, ScanFrame } from './scan-frames.ts';
import type { ScanLimits } from './scan-limits.ts';
import { mayBeTrailing } from './trailing-bytes.ts';

const item = 0xfffee000;
const itemDelimitation = 0xfffee00d;
const sequenceDelimitation = 0xfffee0dd;
const itemHeaderBytes = 8;

/** What becomes of what is open. `gone`: nothing of it is written. `copy`: fragments that keep their bytes. */
export type Fate<Rewritten extends string> = Rewritten | 'copy' | 'gone';

/** What an attribute that is not written yet does if it turns out to open a sequence or fragments. */
export interface Opening<Rewritten extends string> {
  readonly fate: Fate<Rewritten>;
  /** Of a sequence, of undefined length, written when it is known to be one. */
  readonly header?: Uint8Array;
}

export interface RewriterOptions<Rewritten extends string> {
  readonly writer: PieceWriter;
  /** Of the data set itself. */
  readonly rootFate: Rewritten;
  /** Attributes of the data set itself, in the place of those that are there, or of none; ascending by tag. */
  readonly added: ReadonlyMap<number, ElementIn>;
  /**
   * Tells the writer of an attribute that is there. @param fate of what it stands in
   * @returns undefined if nothing of what it opens is written
   */
  readonly rewrite: (
    header: AttributeHeader,
    frame: DataSetFrame,
    isAtRoot: boolean,
    fate: Fate<Rewritten>,
  ) => Opening<Rewritten> | undefined;
  readonly limits: Partial<ScanLimits>;
  /** What cannot be done with a data set whose end cannot be made sense of, in words. */
  readonly refusal: string;
}

/** Writes the data set of a Part 10 file that is not deflated anew in the same encoding, as its bytes arrive. */
export interface DataSetRewriter {
  /** @returns what can be written now of the data set @throws CausewayError as the scanner */
  push(chunk: Uint8Array): Uint8Array[];
  /** The file is complete. @throws CausewayError as the scanner; `malformed` if its end cannot be made sense of */
  end(): Uint8Array[];
  readonly identity: EarlyIdentity;
}

/**
 * Reads with the scanner, so that what was indexed is understood here in the same way. Sequences are written with
 * undefined length, as their lengths change.
 */
export function createDataSetRewriter<Rewritten extends string>({
  writer,
  rootFate,
  added,
  rewrite,
  limits,
  refusal,
}: RewriterOptions<Rewritten>): DataSetRewriter {
  const open: Fate<Rewritten>[] = [];
  let opening: Opening<Rewritten> | undefined;
  const waiting = [...added.keys()];
  let encoding: DataSetEncoding = { explicitVr: true, bigEndian: false };
  const scanner = createPart10Scanner({ acceptBareDataSets: true, limits, visitor: createVisitor() });

  function createVisitor(): DataSetVisitor {
    return {
      attribute(header, frame) {
        opening = undefined;
        const isAtRoot = open.length === 0;
        if (isAtRoot) {
          writer.release();
          encoding = { explicitVr: frame.explicitVr, bigEndian: frame.bigEndian };
          putAddedBefore(header.tag);
          if (mayBeTrailing(header.tag)) writer.hold(header.offset);
          if (added.has(header.tag)) return;
        }
        const fate = open.at(-1) ?? rootFate;
        if (fate !== 'gone') opening = rewrite(header, frame, isAtRoot, fate);
      },
      opened(frame) {
        const fate = (frame.kind === 'data-set' ? open.at(-1) : opening?.fate) ?? 'gone';
        if (frame.kind === 'data-set' && fate !== 'gone')
          writer.write(itemMark(item, undefinedLength, frame.bigEndian));
        if (frame.kind === 'sequence' && opening?.header) writer.write(opening.header);
        open.push(fate);
      },
      fragment(offset, length) {
        if (open.at(-1) === 'copy') writer.copy(offset, itemHeaderBytes + length);
      },
      closed(frame) {
        if (open.pop() !== 'gone') writer.write(delimiterOf(frame));
      },
      withdrawn() {
        if (writer.discard()) open.length = 0;
      },
    };
  }

  function putAddedBefore(tag: number): void {
    while (waiting.length > 0 && waiting[0]! < tag) writer.write(added.get(waiting.shift()!)!(encoding));
  }

  function written(): Uint8Array[] {
    return writer.take(scanner.position).filter((piece) => piece !== 'splice');
  }

  return {
    push(chunk) {
      writer.arrived(chunk);
      scanner.push(chunk);
      return written();
    },
    end() {
      scanner.end();
      writer.release();
      putAddedBefore(Number.POSITIVE_INFINITY);
      const rest = written();
      if (open.length > 0 || writer.pendingBytes > 0) {
        throw new CausewayError('malformed', `The data set ends in bytes that belong to no attribute: ${refusal}`);
      }
      return rest;
    },
    get identity() {
      return scanner.identity;
    },
  };
}

/** What a value of a VR that was lost on the way can only be. */
export function vrOfValue(tag: number, vr: Vr): Vr {
  const known = vr === 'UN' ? dictionaryVr(tag) : vr;
  return known !== undefined && known.length === 2 ? (known as Vr) : vr;
}

function delimiterOf(frame: ScanFrame): Buffer {
  if (frame.kind === 'data-set') return itemMark(itemDelimitation, 0, frame.bigEndian);
  return itemMark(sequenceDelimitation, 0, frame.kind === 'sequence' ? frame.bigEndian : frame.around.bigEndian);
}
