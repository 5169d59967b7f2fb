import type pg from 'pg';
import { persistently } from './postgres-errors.ts';

/** What stands behind a pseudonym, as the caller has encrypted it. @see uidOfUuid for the pseudonyms */
export interface SealedPseudonym {
  /** UUID, with hyphens. */
  readonly pseudonym: string;
  readonly sealed: Buffer;
}

/** Pseudonyms of publishers. What is written first stays. */
export interface VaultStore {
  /** The key that was made first. @param made taken if there is none */
  keepKey(publisher: string, made: Buffer): Promise<Buffer>;
  key(publisher: string): Promise<Buffer | undefined>;
  keepUids(publisher: string, uids: readonly SealedPseudonym[]): Promise<void>;
  /** Those that are known, in no order. @param pseudonyms UUIDs */
  uids(publisher: string, pseudonyms: readonly string[]): Promise<readonly SealedPseudonym[]>;
  /** The record that was made first. @param made taken if there is none */
  keepStudy(publisher: string, pseudonym: string, made: Buffer): Promise<Buffer>;
  study(publisher: string, pseudonym: string): Promise<Buffer | undefined>;
}

export function createVaultStore(pool: pg.Pool): VaultStore {
  async function sealedOf(text: string, values: readonly unknown[]): Promise<Buffer | undefined> {
    const { rows } = await persistently(() => pool.query<{ sealed: Buffer }>(text, [...values]));
    return rows[0]?.sealed;
  }
  const key = (publisher: string) => sealedOf('select sealed from vault_keys where publisher = $1', [publisher]);
  const study = (publisher: string, pseudonym: string) =>
    sealedOf('select sealed from vault_studies where publisher = $1 and pseudonym = $2', [publisher, pseudonym]);
  return {
    key,
    study,
    async keepKey(publisher, made) {
      const insert = 'insert into vault_keys (publisher, sealed) values ($1, $2) on conflict do nothing';
      await persistently(() => pool.query(insert, [publisher, made]));
      return (await key(publisher))!;
    },
    async keepStudy(publisher, pseudonym, made) {
      const insert =
        'insert into vault_studies (publisher, pseudonym, sealed) values ($1, $2, $3) on conflict do nothing';
      await persistently(() => pool.query(insert, [publisher, pseudonym, made]));
      return (await study(publisher, pseudonym))!;
    },
    async keepUids(publisher, uids) {
      // In order, so that two who write the same do not wait for each other in a circle.
      const sorted = [...uids].sort((a, b) => (a.pseudonym < b.pseudonym ? -1 : 1));
      await persistently(() =>
        pool.query(
          `insert into vault_uids (publisher, pseudonym, sealed)
           select $1, * from unnest($2::uuid[], $3::bytea[]) on conflict do nothing`,
          [publisher, sorted.map(({ pseudonym }) => pseudonym), sorted.map(({ sealed }) => sealed)],
        ),
      );
    },
    async uids(publisher, pseudonyms) {
      const { rows } = await persistently(() =>
        pool.query<SealedPseudonym>(
          'select pseudonym, sealed from vault_uids where publisher = $1 and pseudonym = any($2::uuid[])',
          [publisher, pseudonyms],
        ),
      );
      return rows;
    },
  };
}
