import type pg from 'pg';

/**
 * SQL that waits for the lock of a study and holds it until the transaction ends. Whoever changes rows of a study takes
 * it first; a lock on the row would not do, as several may be about to create it.
 * @param key SQL of a study's key
 */
export function lockStudy(key: string): string {
  return `pg_advisory_xact_lock(${studyLockOrder(key)})`;
}

/**
 * Of whoever stores or corrects: one of few connections waits with it. The study is tried again after a pause, in which
 * the connection serves others, until it has been busy for too long.
 */
export const busyStudy = { lockTimeout: '500ms', pauseMs: 1_000, mostMs: 30_000 };

/** Locks a study until the transaction ends. Fails, see `isHeldUp`, if another holds it for more than a moment. */
export async function lockStudyBriefly(client: pg.ClientBase, studyKey: string): Promise<void> {
  await client.query(`set local lock_timeout = '${busyStudy.lockTimeout}'`);
  await client.query(`select ${lockStudy('$1')}`, [studyKey]);
}

/** SQL to sort by where several studies are locked: two transactions take what they share in the same order. */
export function studyLockOrder(key: string): string {
  return `uuid_hash_extended(${key}, 0)`;
}
