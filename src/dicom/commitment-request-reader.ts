import { CausewayError } from '../kernel/errors.ts';
import { attributeMissing, type ReferencedInstance, referencedInstance } from './commitment-data-set.ts';
import type { DataSetVisitor } from './data-set-visitor.ts';
import { undefinedLength } from './element-header.ts';
import { encodeFileHeader } from './file-meta.ts';
import { textValues } from './match-values.ts';
import { createPart10Scanner } from './part10-scanner.ts';
import type { SequenceFrame } from './scan-frames.ts';

/** Reads the data set of a storage commitment request as it arrives, and holds none of its references. */
export interface CommitmentRequestReader {
  /**
   * @param chunk its memory may be used again as soon as the call is back
   * @returns the references that are complete with it
   * @throws CausewayError `limit-exceeded`, `malformed`, `attribute-missing` with `details.tag`
   */
  push(chunk: Uint8Array): readonly ReferencedInstance[];
  /** The data set is complete. @throws CausewayError as `push`, and `truncated` */
  end(): {
    readonly transactionUid: string;
    readonly references: readonly ReferencedInstance[];
    /** Of all references. */
    readonly count: number;
  };
}

export interface CommitmentRequestLimits {
  readonly maxReferences: number;
  /** Of the whole data set. */
  readonly maxBytes: number;
}

/** A hundred thousand instances are a large study: with UIDs of 64 characters a million of them has 180 MB. */
export const defaultCommitmentRequestLimits: CommitmentRequestLimits = {
  maxReferences: 1_000_000,
  maxBytes: 536_870_912,
};

const transactionUidTag = '00081195';
const referencedSopSequence = 0x00081199;
/** Far more than an item has that refers to an instance. */
const maxAttributesTogether = 1_000;
/** As of what can be stored; in a report it has to be encoded again. */
const uidPattern = /^[0-9.]{1,64}$/;
const maxValueBytes = { ofRequest: 65_534, ofItem: 1_024 };
/** The scanner forgets what it has told, so that what it counts is no measure of what it holds. */
const scanLimits = {
  maxDepth: 16,
  maxElements: Number.POSITIVE_INFINITY,
  maxMetadataBytes: Number.POSITIVE_INFINITY,
};

/** @param transferSyntaxUid one of `isIdentifierSyntax` @see PS3.4 table J.3-1 */
export function createCommitmentRequestReader(
  transferSyntaxUid: string,
  { maxReferences, maxBytes }: CommitmentRequestLimits = defaultCommitmentRequestLimits,
): CommitmentRequestReader {
  let references: ReferencedInstance[] = [];
  let count = 0;
  let bytes = 0;
  /** Attributes since the last item ended. */
  let attributes = 0;
  let depth = 0;
  /** Of the data set itself, the last one. */
  let sequence: SequenceFrame | undefined;

  function countAttribute(): void {
    attributes += 1;
    if (attributes > maxAttributesTogether) {
      throw new CausewayError(
        'limit-exceeded',
        `An item of the request has more than ${maxAttributesTogether} attributes.`,
      );
    }
  }

  const visitor: DataSetVisitor = {
    attribute({ length, traits }) {
      countAttribute();
      const most = depth === 0 ? maxValueBytes.ofRequest : maxValueBytes.ofItem;
      if (traits.kind === 'sequence' || length === undefinedLength || length <= most) return;
      throw new CausewayError('limit-exceeded', `A value of the request is longer than ${most} bytes.`);
    },
    opened(frame) {
      if (depth === 0 && frame.kind === 'sequence') sequence = frame;
      else if (depth > 1) countAttribute();
      depth += 1;
    },
    fragment() {},
    closed(frame) {
      depth -= 1;
      if (depth !== 1 || frame.kind !== 'data-set' || sequence === undefined) return;
      attributes = 0;
      sequence.items.length = 0;
      if (sequence.tag !== referencedSopSequence) return;
      count += 1;
      if (count > maxReferences) {
        throw new CausewayError('limit-exceeded', `The request refers to more than ${maxReferences} instances.`);
      }
      const reference = referencedInstance(frame.attributes);
      checkUid(reference.sopClassUid, '00081150');
      checkUid(reference.sopInstanceUid, '00081155');
      references.push(reference);
    },
  };
  const scanner = createPart10Scanner({ limits: scanLimits, visitor });
  // The scanner reads files: one whose header says how the data set is encoded.
  scanner.push(encodeFileHeader({ sopClassUid: '', sopInstanceUid: '', transferSyntaxUid }));

  function taken(): readonly ReferencedInstance[] {
    const complete = references;
    references = [];
    return complete;
  }

  return {
    push(chunk) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new CausewayError('limit-exceeded', `The request is longer than ${maxBytes} bytes.`);
      }
      scanner.push(chunk);
      return taken();
    },
    end() {
      const [transactionUid] = textValues(scanner.end().attributes[transactionUidTag]);
      if (!transactionUid) throw attributeMissing(transactionUidTag);
      checkUid(transactionUid, transactionUidTag);
      if (count === 0) throw attributeMissing('00081199');
      return { transactionUid, references: taken(), count };
    },
  };
}

/** @param value without its padding */
function checkUid(value: string, tag: string): void {
  if (uidPattern.test(value)) return;
  const name = `(${tag.slice(0, 4)},${tag.slice(4)})`;
  throw new CausewayError('malformed', `${name} is no UID: 1 to 64 digits and periods.`, { details: { tag } });
}
