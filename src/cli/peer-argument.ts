import type { Settings } from '../config.ts';
import { nearestName } from '../kernel/nearest-name.ts';
import { parseKnownPeer } from '../peers/parse-known-peer.ts';
import type { KnownPeer } from '../peers/peers.ts';
import { UsageError } from './command.ts';

/**
 * Whom a command is to call: `AETITLE@host:port`, or the AE title of a peer that the configuration names, or that was made
 * known while the house ran.
 * @param added the latter, undefined if there is nothing to read them from; only asked for where they may be meant
 * @throws UsageError
 */
export async function peerArgument(
  text: string | undefined,
  settings: Pick<Settings, 'peers'>,
  added: () => Promise<readonly KnownPeer[] | undefined>,
): Promise<KnownPeer> {
  if (text === undefined) throw new UsageError('Name the peer: AETITLE@host:port, or the AE title of a known one.');
  const written = parseKnownPeer(text);
  if (written?.port !== undefined) return written;
  if (written !== undefined) throw new UsageError(`${text} names no port.`);
  const isIt = ({ aeTitle }: KnownPeer) => aeTitle === text;
  const isCalled = (peer: KnownPeer) => isIt(peer) && peer.port !== undefined;
  const configured = settings.peers.find(isCalled);
  if (configured !== undefined) return configured;
  const read = text.includes('@') ? [] : await added();
  const peers = [...settings.peers, ...(read ?? [])];
  const known = peers.filter(isIt);
  const found = known.find(isCalled);
  if (found !== undefined) return found;
  if (known.length > 0) throw new UsageError(`"${text}" is known without a port: give AETITLE@host:port.`);
  if (text.includes('@')) {
    const rule = 'the AE title has 1 to 16 characters, the port is a number from 1 to 65535';
    throw new UsageError(`"${text}" is no AETITLE@host:port: ${rule}.`);
  }
  const near = nearestName(
    text,
    peers.map(({ aeTitle }) => aeTitle),
  );
  const unread =
    'peers that were added while Causeway ran cannot be read: its database does not run, or is of another version.';
  const hint = near !== undefined ? `; is ${near} meant?` : read === undefined ? `; ${unread}` : '.';
  throw new UsageError(`"${text}" is neither AETITLE@host:port nor a peer that is known${hint}`);
}
