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
}

/** @param maxBytes what comes beyond is read and passed over */
export function gatherIdentifier(maxBytes = maxIdentifierBytes): IdentifierGatherer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  function readEncoded(transferSyntaxUid: string): EncodedIdentifier {
    if (bytes > maxBytes) {
      throw new CausewayError('limit-exceeded', `The Identifier is longer than ${maxBytes} bytes.`);
    }
    return readEncodedIdentifier(Buffer.concat(chunks), transferSyntaxUid);
  }
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(Buffer.from(chunk));
      return undefined;
    },
    read: (transferSyntaxUid) => readEncoded(transferSyntaxUid).identifier,
    readEncoded,
  };
}
