import { Readable } from 'node:stream';
import type { DicomJson } from '../dicom/json-model.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { documentLength, documentMediaType, encapsulatedDocument } from './encapsulated-document.ts';
import { cut, type RequestedRange } from './requested-range.ts';
import type { BulkValue } from './retrieve.ts';

/** How to get at what an instance holds. */
export interface MediaParts {
  readAttributes(instance: IndexedInstance): Promise<DicomJson>;
  /** Where a value lies; undefined if it is among the attributes, or nowhere. */
  locate(instance: IndexedInstance, path: string): Promise<BulkRange | undefined>;
  bulk(instance: IndexedInstance, path: string, range: RequestedRange | undefined): Promise<BulkValue>;
}

/** What of instances is rendered as it is stored: the stream of a video, the document of an encapsulated document. */
export interface StoredMedia {
  /** @returns undefined where there is neither */
  mediaType(instance: IndexedInstance): Promise<string | undefined>;
  /** @throws CausewayError `not-found` where there is neither, `range-not-satisfiable` */
  open(instance: IndexedInstance, range?: RequestedRange): Promise<BulkValue>;
}

export function createStoredMedia({ readAttributes, locate, bulk }: MediaParts): StoredMedia {
  return {
    async mediaType(instance) {
      if (instance.frames > 0) return videoMediaType(instance);
      const value = await locate(instance, encapsulatedDocument);
      const attributes = await readAttributes(instance);
      if (value === undefined && attributes[encapsulatedDocument]?.InlineBinary === undefined) return undefined;
      return documentMediaType(attributes, instance.sopClassUid);
    },
    async open(instance, range) {
      if (videoMediaType(instance) !== undefined) return bulk(instance, '7FE00010', range);
      if (await locate(instance, encapsulatedDocument)) return bulk(instance, encapsulatedDocument, range);
      return inlineDocument(await readAttributes(instance), instance, range);
    },
  };
}

function videoMediaType({ frames, transferSyntaxUid }: IndexedInstance): string | undefined {
  const syntax = transferSyntax(transferSyntaxUid);
  return frames > 0 && syntax?.video ? syntax.frameMediaType : undefined;
}

/** Short documents are kept among the attributes. */
function inlineDocument(
  attributes: DicomJson,
  { sopClassUid }: IndexedInstance,
  range: RequestedRange | undefined,
): BulkValue {
  const base64 = attributes[encapsulatedDocument]?.InlineBinary;
  if (base64 === undefined) throw new CausewayError('not-found', 'The instance has no document.');
  const stored = Buffer.from(base64, 'base64');
  const size = documentLength(attributes, stored.length);
  const { first, length } = cut(range, size);
  const body = Readable.from([stored.subarray(first, first + length)], { objectMode: false });
  return { mediaType: documentMediaType(attributes, sopClassUid), size, body };
}
