import { createHmac } from 'node:crypto';
import { uidOfHash } from '../dicom/uuid-uid.ts';

/**
 * Replaces UIDs by others that follow from them and from a key: always the same for the same UID, so that references hold
 * over instances and time, and no way back without the key. HMAC-SHA-256, of which 122 bits make a UUID of version 8.
 * @param key kept secret; another key gives other UIDs
 * @returns a function from any text to a UID of at most 44 characters
 * @see PS3.15 §E.1.1 action U, PS3.5 §B.2, RFC 9562 §5.8
 */
export function createUidPseudonyms(key: Uint8Array): (uid: string) => string {
  return (uid) => {
    return uidOfHash(createHmac('sha256', key).update(uid, 'latin1').digest());
  };
}
