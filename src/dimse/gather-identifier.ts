import { type EncodedIdentifier, readEncodedIdentifier } from '../dicom/identifier.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { HeldShare } from './held-bytes.ts';

/** Longer than any Identifier. */
const maxIdentifierBytes = 1_048_576;

/** The data set of a request that is small enough to be held. */
export interface IdentifierGatherer {
  /** Copies what it is given. */
  write(chunk: Buffer): undefined;
  /** @throws CausewayError `limit-exceeded`, `malformed`, `truncated` */
  read(transferSyntaxUid: string): DicomJson;
  /** The same, with the character set that it was in. */
  readEncoded(transferSyntaxUid: string): EncodedIdentifier;
  /** Forgets it, and what still comes: to be called, however the request ends, where `held` is shared. */
  drop(): void;
}

/**
 * Memory is taken by the bytes that come, in however many fragments they do.
 * @param maxBytes what comes beyond is read and passed over
 * @param held nothing is held beyond its limits, either
 */
export function gatherIdentifier(maxBytes = maxIdentifierBytes, held?: HeldShare): IdentifierGatherer {
  let slab: Buffer | undefined;
  let bytes = 0;
  let exceeded: string | undefined;
  let dropped = false;

  /** Takes a larger slab with what the last one has, or gives up. */
  function grow(wanted: number): void {
    const before = slab?.length ?? 0;
    const size = slab === undefined ? wanted : Math.min(maxBytes, Math.max(wanted, 2 * before));
    const obstacle = held?.resize(before, size);
    if (obstacle !== undefined) {
      exceed(obstacle);
      return;
    }
    const larger = Buffer.allocUnsafeSlow(size);
    if (slab !== undefined) slab.copy(larger, 0, 0, bytes);
    slab = larger;
  }

  function giveBack(): void {
    if (slab !== undefined) held?.resize(slab.length, 0);
    slab = undefined;
  }

  function exceed(message: string): void {
    exceeded = message;
    giveBack();
  }

  function readEncoded(transferSyntaxUid: string): EncodedIdentifier {
    if (exceeded !== undefined) throw new CausewayError('limit-exceeded', exceeded);
    return readEncodedIdentifier(slab?.subarray(0, bytes) ?? Buffer.alloc(0), transferSyntaxUid);
  }

  return {
    write(chunk) {
      if (dropped || exceeded !== undefined) return undefined;
      const wanted = bytes + chunk.length;
      if (wanted > maxBytes) exceed(`The Identifier is longer than ${maxBytes} bytes.`);
      else if (slab === undefined || wanted > slab.length) grow(wanted);
      slab?.set(chunk, bytes);
      bytes = wanted;
      return undefined;
    },
    read: (transferSyntaxUid) => readEncoded(transferSyntaxUid).identifier,
    readEncoded,
    drop() {
      dropped = true;
      giveBack();
    },
  };
}
