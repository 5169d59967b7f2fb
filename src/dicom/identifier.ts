import type { Buffer } from 'node:buffer';
import { CausewayError } from '../kernel/errors.ts';
import { encodeFileHeader } from './file-meta.ts';
import type { DicomJson } from './json-model.ts';
import { writeDataSet } from './json-writer.ts';
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
  if (bytes.length === 0) throw new CausewayError('truncated', 'The Identifier is empty.');
  const scanner = createPart10Scanner({ limits });
  // The scanner reads files: one whose header says how the Identifier is encoded.
  scanner.push(encodeFileHeader({ sopClassUid: '', sopInstanceUid: '', transferSyntaxUid }));
  scanner.push(bytes);
  return scanner.end().attributes;
}

/** The Identifiers of requests and responses are in one of these. */
export function isIdentifierSyntax(uid: string): boolean {
  return uid === transferSyntaxUids.explicitVrLittleEndian || uid === transferSyntaxUids.implicitVrLittleEndian;
}

/** @param transferSyntaxUid of the presentation context, one of `isIdentifierSyntax` */
export function writeIdentifier(identifier: DicomJson, transferSyntaxUid: string): Buffer {
  const isExplicit = transferSyntaxUid === transferSyntaxUids.explicitVrLittleEndian;
  return writeDataSet(identifier, undefined, isExplicit ? 'explicit' : 'implicit');
}
