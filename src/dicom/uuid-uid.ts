/**
 * The UID that a UUID makes.
 * @param uuid hexadecimal digits, with hyphens or without
 * @see PS3.5 §B.2
 */
export function uidOfUuid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

/**
 * The UID of a UUID of version 8, which follows from a hash.
 * @param hash at least 16 bytes, of which the first 16 are overwritten in part
 * @see RFC 9562 §5.8
 */
export function uidOfHash(hash: Buffer): string {
  const uuid = hash.subarray(0, 16);
  uuid[6] = (uuid[6]! & 0x0f) | 0x80;
  uuid[8] = (uuid[8]! & 0x3f) | 0x80;
  return uidOfUuid(uuid.toString('hex'));
}

/** The UUID that a UID is made of, with hyphens; undefined for a UID of another root. */
export function uuidOfUid(uid: string): string | undefined {
  const [, decimal] = /^2\.25\.(0|[1-9]\d{0,38})$/.exec(uid) ?? [];
  if (decimal === undefined || BigInt(decimal) >= 1n << 128n) return undefined;
  const digits = BigInt(decimal).toString(16).padStart(32, '0');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
