import type { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import type { CharacterSetEncoder } from './character-set-encoder.ts';
import { encodeFileHeader } from './file-meta.ts';
import type { DicomJson } from './json-model.ts';
import { isWritableIn, writeDataSet } from './json-writer.ts';
import { createPart10Scanner } from './part10-scanner.ts';
import { transferSyntaxUids } from './transfer-syntaxes.ts';

/** As deep as any model of the Standard; how much there may be is bounded by the bytes that a reader takes. */
const limits = { maxDepth: 16, maxElements: 1_000_000, maxMetadataBytes: 134_217_728 };

/**
 * Reads the Identifier of a C-FIND, C-MOVE or C-GET request: keys without value as `{"vr": …}`.
 * @param bytes the data set as it came, in the transfer syntax of its presentation context
 * @throws CausewayError `malformed`, `truncated`, `limit-exceeded`
 * @see PS3.4 §C.2.2.1
 */
export function readIdentifier(bytes: Uint8Array, transferSyntaxUid: string): DicomJson {
  return readEncodedIdentifier(bytes, transferSyntaxUid).identifier;
}

/** An Identifier and the values of Specific Character Set (0008,0005) that it was written in, as they stood there. */
export interface EncodedIdentifier {
  readonly identifier: DicomJson;
  readonly definedTerms: readonly string[];
}

/** As `readIdentifier`. @throws CausewayError `malformed`, `truncated`, `limit-exceeded` */
export function readEncodedIdentifier(bytes: Uint8Array, transferSyntaxUid: string): EncodedIdentifier {
  if (bytes.length === 0) throw new CausewayError('truncated', 'The Identifier is empty.');
  const scanner = createPart10Scanner({ limits });
  // The scanner reads files: one whose header says how the Identifier is encoded.
  scanner.push(encodeFileHeader({ sopClassUid: '', sopInstanceUid: '', transferSyntaxUid }));
  scanner.push(bytes);
  const { attributes, definedTerms } = scanner.end();
  return { identifier: attributes, definedTerms };
}

/** The Identifiers of requests and responses are in one of these. */
export function isIdentifierSyntax(uid: string): boolean {
  return uid === transferSyntaxUids.explicitVrLittleEndian || uid === transferSyntaxUids.implicitVrLittleEndian;
}

/**
 * @param transferSyntaxUid of the presentation context, one of `isIdentifierSyntax`
 * @param characterSets in which its reader would have it, the best first: it is written in the first that has all its
 * characters, in UTF-8 where none has. What is ASCII says of no character set.
 * @see PS3.4 §C.4.1.1.3.2
 */
export function writeIdentifier(
  identifier: DicomJson,
  transferSyntaxUid: string,
  characterSets: readonly CharacterSetEncoder[] = [],
): Buffer {
  const isExplicit = transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian;
  const characterSet = characterSets.find((one) => isWritableIn(identifier, one));
  return writeDataSet(identifier, undefined, isExplicit ? 'explicit' : 'implicit', characterSet);
}
