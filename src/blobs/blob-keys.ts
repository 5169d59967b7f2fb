import { createHash, randomBytes } from 'node:crypto';
import type { BlobKey } from './blob-store.ts';

/**
 * A key that no other blob has or will have: two stores of one instance at the same time never share a file.
 * `<2 hex>/<study hash>/<instance hash>-<random>.dcm`: one directory a study, and the hashes are those of the index,
 * so that an orphan can be looked up by its name.
 */
export function newBlobKey(studyInstanceUid: string, sopInstanceUid: string): BlobKey {
  const study = uidHash(studyInstanceUid);
  return `${study.slice(0, 2)}/${study}/${uidHash(sopInstanceUid)}-${randomBytes(6).toString('hex')}.dcm`;
}

const preparedFolder = 'publishing';

/** A key of a file that is made to be sent, and deleted when it was: nothing that was ever received. */
export function newPreparedBlobKey(graphId: string): BlobKey {
  return `${preparedFolder}/${graphId}/${randomBytes(12).toString('hex')}.dcm`;
}

/** True for what is no instance that was received, and must never be taken for one. */
export function isPreparedBlobKey(key: BlobKey): boolean {
  return key.startsWith(`${preparedFolder}/`);
}

/** The first 16 bytes of the UID's SHA-256, 32 lower-case hexadecimal digits. */
function uidHash(uid: string): string {
  return createHash('sha256').update(uid).digest('hex').slice(0, 32);
}

const keySegment = /^[a-z0-9-][a-z0-9.-]*$/;

/** True for what `newBlobKey` can make; keeps a damaged index from reading outside of the store. */
export function isBlobKey(text: string): boolean {
  return text.split('/').every((segment) => keySegment.test(segment));
}
