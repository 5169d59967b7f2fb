import type { ConfidentialityOption } from '../dicom/confidentiality-profile.ts';
import { createDataSetDeidentifier } from '../dicom/data-set-deidentifier.ts';
import { encodeFileHeader } from '../dicom/file-meta.ts';
import type { ProfileExceptions } from '../dicom/profile-exceptions.ts';

/** What stands in the File Meta Information of the original, and how it is to be changed. */
export interface Deidentification {
  readonly sopClassUid: string;
  /** Of the original. */
  readonly sopInstanceUid: string;
  /** Of `content`. */
  readonly transferSyntaxUid: string;
  readonly replaceUid: (uid: string) => string;
  readonly options?: ReadonlySet<ConfidentialityOption>;
  readonly replaceDate?: (date: string) => string;
  readonly exceptions?: ProfileExceptions;
  readonly patient?: { readonly name: string; readonly id: string };
}

/**
 * A Part 10 file without what tells who somebody is, made as it is read. Its preamble is zeros and its File Meta
 * Information new: the old one may name the application that sent it.
 * @param content a Part 10 file that is not deflated, of an instance to which `deidentificationObstacles` has no objection
 * @throws CausewayError as the scanner, while it is read
 * @see PS3.15 Annex E
 */
export async function* deidentifiedFile(
  content: AsyncIterable<Uint8Array>,
  { sopClassUid, sopInstanceUid, transferSyntaxUid, ...how }: Deidentification,
): AsyncGenerator<Uint8Array, void, void> {
  const keepsUids = how.options?.has('UIDS') === true;
  const newUid = keepsUids ? sopInstanceUid : how.replaceUid(sopInstanceUid);
  yield encodeFileHeader({ sopClassUid, sopInstanceUid: newUid, transferSyntaxUid });
  // What was accepted is within the limits that held then.
  const limits = { maxMetadataBytes: Number.MAX_SAFE_INTEGER, maxElements: Number.MAX_SAFE_INTEGER };
  const deidentifier = createDataSetDeidentifier({ ...how, limits });
  for await (const chunk of content) yield* deidentifier.push(chunk);
  yield* deidentifier.end();
}
