import type pg from 'pg';
import type { Log } from '../kernel/log.ts';
import type { Sealing } from '../kernel/sealing.ts';
import type { DifferentContentPolicy } from './instance-index.ts';
import type { KnownPeer, PeerOperation } from './known-peer.ts';
import type { PeerChange } from './peer-change.ts';
import { readPeerChanges, writingDown, writtenPeer } from './peer-changes.ts';
import { persistently } from './postgres-errors.ts';

/** A peer as it lies in the database. */
export interface StoredPeer extends KnownPeer {
  /** Another one after each change. */
  readonly version: string;
  /** Also of one that this node has not the key for. */
  readonly hasPasscode: boolean;
}

/** How a peer is put. */
export interface PuttingPeer {
  /** Only this version is replaced, and nothing is added. */
  readonly expected?: string;
  /** The passcode that is there stays, as long as user, host, port and TLS are the same. */
  readonly keepsPasscode?: boolean;
}

/** Peers that were made known while the house runs. Who changes one is written down with the change. */
export interface PeerStore {
  /** By AE title. A passcode that this node has not the key for is left out, and the log says so. */
  all(): Promise<readonly StoredPeer[]>;
  /** @returns its version; undefined if there is a peer of this title, which stays as it is */
  add(peer: KnownPeer, by: string): Promise<{ readonly version: string } | undefined>;
  /** Adds or replaces. @returns its new version, and whether it is new; undefined if another version than the expected is there */
  put(
    peer: KnownPeer,
    by: string,
    how?: PuttingPeer,
  ): Promise<{ readonly version: string; readonly isNew: boolean } | undefined>;
  /** @returns false if there is no such peer */
  delete(aeTitle: string, by: string): Promise<boolean>;
  /** The newest first. */
  changes(limit: number, offset: number): Promise<{ readonly items: readonly PeerChange[]; readonly total: number }>;
}

export interface PeerStoreParts {
  readonly pool: pg.Pool;
  /** Passcodes lie in the database only sealed. */
  readonly sealing: Sealing;
  readonly log: Log;
}

interface PeerRow {
  readonly ae_title: string;
  readonly host: string;
  readonly port: number | null;
  readonly tls_check_host_name: boolean | null;
  readonly calling_ae_title: string | null;
  readonly user_name: string | null;
  /** Of a peer that was written before passcodes were sealed. */
  readonly user_passcode: string | null;
  readonly sealed_user_passcode: Buffer | null;
  readonly may: PeerOperation[];
  readonly transfer_syntaxes: string[];
  readonly character_sets: string[];
  readonly on_different_content: DifferentContentPolicy | null;
  readonly retrieve_by: KnownPeer['retrieveBy'];
  readonly max_associations: number;
  readonly version: string;
}

const columns = `ae_title, host, port, tls_check_host_name, calling_ae_title, may, transfer_syntaxes, on_different_content, retrieve_by,
  max_associations, user_name, sealed_user_passcode, character_sets`;

// By the clock of the database, whose microseconds no two changes of a peer share.
const version = '(extract(epoch from updated_at) * 1000000)::bigint::text as version';
const properties = columns.replace(/^ae_title, /, '');

const hasPasscode = 'user_passcode is not null or sealed_user_passcode is not null as has_passcode';

const inserted = `insert into peers as known (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

// A passcode goes nowhere else than it did.
const keptIfAsked = (column: string) =>
  `case when $14::boolean and known.user_name = $11 and known.host = $2 and known.port is not distinct from $3
     and known.tls_check_host_name is not distinct from $4 then known.${column} end`;
const replaced = `set (${properties}, user_passcode, updated_at) =
  ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::bytea, ${keptIfAsked('sealed_user_passcode')}),
   $13, ${keptIfAsked('user_passcode')}, clock_timestamp())`;

/**
 * A peer as it was written: what an answer that was lost after the commit would have told. No two passcodes are sealed alike,
 * so that nobody is told that he has guessed one.
 */
const written = `select ${version} from peers
  where (${columns.replace(' sealed_user_passcode,', '')}) is not distinct from ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13)
    and ($14::boolean or sealed_user_passcode is not distinct from $12::bytea)`;

export function createPeerStore({ pool, sealing, log }: PeerStoreParts): PeerStore {
  /** Titles of which the log has said that their passcode cannot be opened. */
  const complained = new Set<string>();

  async function passcodeOf(row: PeerRow): Promise<string | undefined> {
    if (row.sealed_user_passcode === null) return row.user_passcode ?? undefined;
    try {
      const passcode = (
        await sealing.open(row.sealed_user_passcode, aboutPasscode(row.ae_title, row.user_name))
      ).toString();
      complained.delete(row.ae_title);
      return passcode;
    } catch (thrown) {
      // Whoever stores or queries is looked up among the peers: none of that fails for one passcode.
      if (!complained.has(row.ae_title)) {
        log.error('The passcode of a peer cannot be read, so that it is called without.', {
          peer: row.ae_title,
          error: thrown,
        });
      }
      complained.add(row.ae_title);
      return undefined;
    }
  }

  async function peerOf(row: PeerRow): Promise<StoredPeer> {
    return {
      aeTitle: row.ae_title,
      host: row.host,
      port: row.port ?? undefined,
      tls: row.tls_check_host_name === null ? undefined : { checkHostName: row.tls_check_host_name },
      callingAeTitle: row.calling_ae_title ?? undefined,
      user: row.user_name === null ? undefined : { name: row.user_name, passcode: await passcodeOf(row) },
      may: row.may,
      transferSyntaxUids: row.transfer_syntaxes,
      characterSets: row.character_sets,
      onDifferentContent: row.on_different_content ?? undefined,
      retrieveBy: row.retrieve_by,
      maxAssociations: row.max_associations,
      version: row.version,
      hasPasscode: row.sealed_user_passcode !== null || row.user_passcode !== null,
    };
  }

  async function sealedPasscode({ aeTitle, user }: KnownPeer): Promise<Buffer | undefined> {
    if (user?.passcode === undefined) return undefined;
    return sealing.seal(Buffer.from(user.passcode), aboutPasscode(aeTitle, user.name));
  }

  /** @param values as of `put` */
  async function writtenBefore(values: readonly unknown[]): Promise<{ readonly version: string } | undefined> {
    const { rows } = await pool.query<{ readonly version: string }>(written, [...values]);
    return rows[0];
  }

  return {
    async all() {
      const { rows } = await persistently(() =>
        pool.query<PeerRow>(`select ${columns}, user_passcode, ${version} from peers order by ae_title collate "C"`),
      );
      return Promise.all(rows.map(peerOf));
    },
    async add(peer, by) {
      const values = valuesOf(peer, await sealedPasscode(peer));
      const writing = `${inserted} on conflict (ae_title) do nothing returning 'added' as action, ${version}, ${hasPasscode}`;
      return again(async (isFirst) => {
        const { rows } = await pool.query<{ readonly version: string }>(writingDown(writing, 14), [
          ...values,
          by,
          writtenPeer(peer),
        ]);
        return rows[0] ?? (isFirst ? undefined : writtenBefore([...values, false]));
      });
    },
    async put(peer, by, { expected, keepsPasscode = false } = {}) {
      const sealed = await sealedPasscode(peer);
      const values = [...valuesOf(peer, sealed), keepsPasscode && sealed === undefined];
      // A row that was there has an older transaction behind it: xmax tells an insert from an update.
      const writing =
        expected === undefined
          ? `${inserted}
             on conflict (ae_title) do update ${replaced}
             returning case when xmax = 0 then 'added' else 'changed' end as action, ${version}, ${hasPasscode}`
          : `update peers as known ${replaced}
             where ae_title = $1 and (extract(epoch from updated_at) * 1000000)::bigint::text = $17
             returning 'changed' as action, ${version}, ${hasPasscode}`;
      return again(async (isFirst) => {
        const { rows } = await pool.query<{ readonly version: string; readonly action: PeerChange['action'] }>(
          writingDown(writing, 15),
          [...values, by, writtenPeer(peer), ...(expected === undefined ? [] : [expected])],
        );
        const [row] = rows;
        if (row !== undefined) return { version: row.version, isNew: row.action === 'added' };
        const before = isFirst ? undefined : await writtenBefore(values);
        return before && { ...before, isNew: false };
      });
    },
    async delete(aeTitle, by) {
      const { rowCount } = await persistently(() =>
        pool.query(
          `with gone as (delete from peers where ae_title = $1 returning ae_title)
           insert into peer_changes (by, action, ae_title) select $2, 'removed', ae_title from gone`,
          [aeTitle, by],
        ),
      );
      return rowCount === 1;
    },
    changes: (limit, offset) => readPeerChanges(pool, limit, offset),
  };
}

/** Persistently, the work being told whether it is done for the first time. */
function again<T>(work: (isFirst: boolean) => Promise<T>): Promise<T> {
  let isFirst = true;
  return persistently(() => {
    const first = isFirst;
    isFirst = false;
    return work(first);
  });
}

/** In the order of the columns. */
function valuesOf(peer: KnownPeer, sealedPasscode: Buffer | undefined): unknown[] {
  return [
    peer.aeTitle,
    peer.host,
    peer.port,
    peer.tls?.checkHostName,
    peer.callingAeTitle,
    peer.may,
    peer.transferSyntaxUids,
    peer.onDifferentContent,
    peer.retrieveBy,
    peer.maxAssociations,
    peer.user?.name,
    sealedPasscode,
    peer.characterSets,
  ];
}

/** A passcode that is put beside another peer or user in the database is refused. */
function aboutPasscode(aeTitle: string, userName: string | null): string {
  return `passcode of ${JSON.stringify([aeTitle, userName])}`;
}
