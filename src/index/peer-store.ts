import type pg from 'pg';
import type { DifferentContentPolicy } from './instance-index.ts';
import type { KnownPeer, PeerOperation } from './known-peer.ts';
import { persistently } from './postgres-errors.ts';

/** Peers that were made known while the house runs. */
export interface PeerStore {
  /** By AE title. */
  all(): Promise<readonly KnownPeer[]>;
  /** Adds or replaces. @returns whether it is new */
  put(peer: KnownPeer): Promise<boolean>;
  /** @returns false if there is no such peer */
  delete(aeTitle: string): Promise<boolean>;
}

interface PeerRow {
  readonly ae_title: string;
  readonly host: string;
  readonly port: number | null;
  readonly tls_check_host_name: boolean | null;
  readonly calling_ae_title: string | null;
  readonly user_name: string | null;
  readonly user_passcode: string | null;
  readonly may: PeerOperation[];
  readonly transfer_syntaxes: string[];
  readonly on_different_content: DifferentContentPolicy | null;
  readonly retrieve_by: KnownPeer['retrieveBy'];
  readonly max_associations: number;
}

const columns = `ae_title, host, port, tls_check_host_name, calling_ae_title, may, transfer_syntaxes, on_different_content, retrieve_by,
  max_associations, user_name, user_passcode`;

export function createPeerStore(pool: pg.Pool): PeerStore {
  return {
    async all() {
      const { rows } = await persistently(() =>
        pool.query<PeerRow>(`select ${columns} from peers order by ae_title collate "C"`),
      );
      return rows.map(peerOf);
    },
    async put(peer) {
      const { rows } = await persistently(() =>
        // A row that was there has an older transaction behind it: xmax tells an insert from an update.
        pool.query<{ readonly inserted: boolean }>(
          `insert into peers (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           on conflict (ae_title) do update set (host, port, tls_check_host_name, calling_ae_title, may, transfer_syntaxes,
             on_different_content, retrieve_by, max_associations, user_name, user_passcode, updated_at) =
             ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now())
           returning xmax = 0 as inserted`,
          [
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
            peer.user?.passcode,
          ],
        ),
      );
      return rows[0]?.inserted === true;
    },
    async delete(aeTitle) {
      const { rowCount } = await persistently(() => pool.query('delete from peers where ae_title = $1', [aeTitle]));
      return rowCount === 1;
    },
  };
}

function peerOf(row: PeerRow): KnownPeer {
  return {
    aeTitle: row.ae_title,
    host: row.host,
    port: row.port ?? undefined,
    tls: row.tls_check_host_name === null ? undefined : { checkHostName: row.tls_check_host_name },
    callingAeTitle: row.calling_ae_title ?? undefined,
    user: row.user_name === null ? undefined : { name: row.user_name, passcode: row.user_passcode ?? undefined },
    may: row.may,
    transferSyntaxUids: row.transfer_syntaxes,
    onDifferentContent: row.on_different_content ?? undefined,
    retrieveBy: row.retrieve_by,
    maxAssociations: row.max_associations,
  };
}
