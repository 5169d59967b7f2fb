import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { CausewayError } from './errors.ts';

/** Encrypts what must not be read by who has the database but not the key. */
export interface Sealing {
  /** @param about what it is; opened as anything else it is refused */
  seal(content: Uint8Array, about: string): Promise<Buffer>;
  /** @throws CausewayError `configuration-invalid` if it was sealed with another key */
  open(sealed: Uint8Array, about: string): Promise<Buffer>;
}

export interface SealingOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /**
   * Whether everybody who shares what is sealed has the key with this fingerprint, from which the key does not follow.
   * Asked before anything is sealed or opened, until it is true.
   */
  readonly isShared: (fingerprint: Buffer) => Promise<boolean>;
}

const edition = 1;
const nonceBytes = 12;
const tagBytes = 16;
const cipher = 'aes-256-gcm';

/** AES-256-GCM: one byte of edition, the nonce, the tag, and what is encrypted. */
export function createSealing({ key, isShared }: SealingOptions): Sealing {
  let known = false;

  async function requireShared(): Promise<void> {
    known ||= await isShared(createHmac('sha256', key).update('fingerprint').digest());
    if (!known) throw otherKey();
  }

  return {
    async seal(content, about) {
      await requireShared();
      const nonce = randomBytes(nonceBytes);
      const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
      const encrypted = Buffer.concat([encryption.update(content), encryption.final()]);
      return Buffer.concat([Buffer.of(edition), nonce, encryption.getAuthTag(), encrypted]);
    },
    async open(sealed, about) {
      await requireShared();
      const bytes = Buffer.from(sealed);
      if (bytes[0] !== edition || bytes.length < 1 + nonceBytes + tagBytes) throw otherKey();
      const nonce = bytes.subarray(1, 1 + nonceBytes);
      const tag = bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes);
      const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
      decryption.setAAD(Buffer.from(about)).setAuthTag(tag);
      try {
        return Buffer.concat([decryption.update(bytes.subarray(1 + nonceBytes + tagBytes)), decryption.final()]);
      } catch (thrown) {
        throw otherKey(thrown);
      }
    },
  };
}

function otherKey(cause?: unknown): CausewayError {
  return new CausewayError(
    'configuration-invalid',
    'The secret key of this node is not the one that secrets in the database are encrypted with: set secretKey (CAUSEWAY_SECRET_KEY) to the same on all nodes.',
    { cause },
  );
}
