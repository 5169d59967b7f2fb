import { createHash } from 'node:crypto';

/** Stands for every series of a study, or every instance of a series, where a key has to be given. */
export const nilKey = '00000000-0000-0000-0000-000000000000';

/** The key of a study, series or instance in the index: the first 16 bytes of the UID's SHA-256, as a uuid. */
export function uidKey(uid: string): string {
  return asUuid(createHash('sha256').update(uid).digest('hex'));
}

/** The same in SQL. @param uid SQL of a UID */
export function uidKeySql(uid: string): string {
  return `encode(substring(sha256(convert_to(${uid}, 'UTF8')) for 16), 'hex')::uuid`;
}

/** The first 16 bytes of a SHA-256 as a uuid: Postgres' most compact type for them. */
export function digestKey(content: string | Buffer): string {
  return asUuid(createHash('sha256').update(content).digest('hex'));
}

function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
