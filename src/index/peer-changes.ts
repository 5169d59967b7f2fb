import type pg from 'pg';
import type { KnownPeer } from './known-peer.ts';
import type { PeerChange, WrittenPeer } from './peer-change.ts';
import { persistently } from './postgres-errors.ts';

/**
 * SQL that writes down what a statement does to a peer, in that statement.
 * @param written of the statement itself; returns `action`, `version` and `has_passcode`
 * @param first number of the first of two parameters: who does it, and the text of `writtenPeer`
 */
export function writingDown(written: string, first: number): string {
  return `with written as (${written}), noted as (
      insert into peer_changes (by, action, ae_title, peer)
      select $${first}, action, $1, $${first + 1}::jsonb || jsonb_build_object('hasPasscode', has_passcode) from written)
    select action, version from written`;
}

export function writtenPeer({ user, ...peer }: KnownPeer): string {
  return JSON.stringify({ ...peer, user: user && { name: user.name } });
}

interface PeerChangeRow {
  readonly at: Date;
  readonly by: string;
  readonly action: PeerChange['action'];
  readonly ae_title: string;
  readonly peer: WrittenPeer | null;
}

/** The newest first. */
export async function readPeerChanges(
  pool: pg.Pool,
  limit: number,
  offset: number,
): Promise<{ readonly items: readonly PeerChange[]; readonly total: number }> {
  const [{ rows }, total] = await Promise.all([
    persistently(() =>
      pool.query<PeerChangeRow>(
        'select at, by, action, ae_title, peer from peer_changes order by change_id desc limit $1 offset $2',
        [limit, offset],
      ),
    ),
    persistently(() => pool.query<{ count: number }>('select count(*)::int as count from peer_changes')),
  ]);
  const items = rows.map(({ ae_title: aeTitle, peer, ...row }) => ({ ...row, aeTitle, peer: peer ?? undefined }));
  return { items, total: total.rows[0]!.count };
}
