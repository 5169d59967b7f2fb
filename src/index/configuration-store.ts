import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { persistently } from './postgres-errors.ts';

/** Who made a version of the configuration, when and why. */
export interface ConfigurationVersion {
  /** From 1. */
  readonly version: number;
  readonly at: Date;
  readonly by: string;
  readonly comment: string;
}

export interface StoredConfiguration extends ConfigurationVersion {
  /** Without secrets. */
  readonly document: unknown;
  /** As the caller has encrypted them. */
  readonly secrets: Buffer;
}

/** Every version of the configuration that there ever was; none is changed or deleted. */
export interface ConfigurationStore {
  /** 0 before the first. Cheap to ask often. */
  latestVersion(): Promise<number>;
  /** @returns undefined if there is no such version */
  read(version: number): Promise<StoredConfiguration | undefined>;
  /** The newest first. */
  list(limit: number, offset: number): Promise<{ readonly items: ConfigurationVersion[]; readonly total: number }>;
  /** Adds the version behind one. @returns undefined if another is there by now */
  append(
    behind: number,
    version: Omit<StoredConfiguration, 'version' | 'at'>,
  ): Promise<ConfigurationVersion | undefined>;
}

export function createConfigurationStore(pool: pg.Pool): ConfigurationStore {
  return {
    async latestVersion() {
      const { rows } = await persistently(() =>
        pool.query<{ version: number }>('select coalesce(max(version), 0) as version from configuration_versions'),
      );
      return rows[0]!.version;
    },
    async read(version) {
      const { rows } = await persistently(() =>
        pool.query<StoredConfiguration>(
          'select version, at, by, comment, document, secrets from configuration_versions where version = $1',
          [version],
        ),
      );
      return rows[0];
    },
    async list(limit, offset) {
      const [{ rows }, total] = await Promise.all([
        persistently(() =>
          pool.query<ConfigurationVersion>(
            'select version, at, by, comment from configuration_versions order by version desc limit $1 offset $2',
            [limit, offset],
          ),
        ),
        persistently(() => pool.query<{ count: number }>('select count(*)::int as count from configuration_versions')),
      ]);
      return { items: rows, total: total.rows[0]!.count };
    },
    async append(behind, { by, comment, document, secrets }) {
      const attempt = randomUUID();
      const { rows } = await persistently(async () => {
        // Versions have no gaps: the first to follow another is the only one.
        await pool.query(
          `insert into configuration_versions (version, by, comment, document, secrets, attempt)
           select $1, $2, $3, $4, $5, $6 where $1 = 1 or exists (select from configuration_versions where version = $1 - 1)
           on conflict (version) do nothing`,
          [behind + 1, by, comment, JSON.stringify(document), secrets, attempt],
        );
        return pool.query<ConfigurationVersion>(
          'select version, at, by, comment from configuration_versions where version = $1 and attempt = $2',
          [behind + 1, attempt],
        );
      });
      return rows[0];
    },
  };
}
