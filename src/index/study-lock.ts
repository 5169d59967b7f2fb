/**
 * SQL that waits for the lock of a study and holds it until the transaction ends. Whoever changes rows of a study takes
 * it first; a lock on the row would not do, as several may be about to create it.
 * @param key SQL of a study's key
 */
export function lockStudy(key: string): string {
  return `pg_advisory_xact_lock(${studyLockOrder(key)})`;
}

/** SQL to sort by where several studies are locked: two transactions take what they share in the same order. */
export function studyLockOrder(key: string): string {
  return `uuid_hash_extended(${key}, 0)`;
}
