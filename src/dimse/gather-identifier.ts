import { type EncodedIdentifier, readEncodedIdentifier } from '../dicom/identifier.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { CausewayError } from '../kernel/errors.ts';

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

/** What is held at a time, by all gatherers that share it. */
export interface HeldBytes {
  bytes: number;
  readonly maxBytes: number;
}

/** By all requests that are on their way, of all associations. */
export const heldByRequests: HeldBytes = { bytes: 0, maxBytes: 134_217_728 };

/**
 * Memory is taken by the bytes that come, in however many fragments they do.
 * @param maxBytes what comes beyond is read and passed over
 * @param held nothing is held beyond its limit, either
 */
export function gatherIdentifier(
  maxBytes = maxIdentifierBytes,
  held: HeldBytes = { bytes: 0, maxBytes },
): IdentifierGatherer {
  let slab: Buffer | undefined;
  let bytes = 0;
  let exceeded: string | undefined;
  let dropped = false;

  /** @returns a larger slab with what the last one has, or undefined if there is not to be one */
  function grown(wanted: number): Buffer | undefined {
    const size = slab === undefined ? wanted : Math.min(maxBytes, Math.max(wanted, 2 * slab.length));
    const more = size - (slab?.length ?? 0);
    if (held.bytes + more > held.maxBytes) return undefined;
    held.bytes += more;
    const larger = Buffer.allocUnsafeSlow(size);
    if (slab !== undefined) slab.copy(larger, 0, 0, bytes);
    return larger;
  }

  function giveBack(): void {
    held.bytes -= slab?.length ?? 0;
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
      else if (slab === undefined || wanted > slab.length) {
        const larger = grown(wanted);
        if (larger !== undefined) slab = larger;
        else exceed(`All requests on their way are longer than ${held.maxBytes} bytes together.`);
      }
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
