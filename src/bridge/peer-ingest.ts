import type { CalledPeer } from '../dimse/scu/called-peer.ts';
import type { Scu } from '../dimse/scu/create-scu.ts';
import type { Ingest, InstanceOutcome, InstanceUids } from '../ingest/ingest.ts';
import { asCausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';

export interface PeerIngestOptions {
  readonly scu: Pick<Scu, 'send'>;
  readonly peer: CalledPeer;
  readonly ingest: Ingest;
  readonly retrieve: Pick<Retrieve, 'instances'>;
  readonly transferSyntaxUids: readonly string[];
  /** Told when the peer was sent something of a study, which it may have now whatever it has answered. */
  readonly sent: (studyInstanceUid: string) => void;
  readonly log: Log;
}

/**
 * Stores at a peer: an instance is stored here, where it stays whatever happens, then sent by C-STORE. What the peer does
 * not take is answered as refused, with what it said.
 */
export function createPeerIngest({
  scu,
  peer,
  ingest,
  retrieve,
  transferSyntaxUids,
  sent,
  log,
}: PeerIngestOptions): Ingest {
  async function forwarded(outcome: InstanceOutcome): Promise<InstanceOutcome> {
    if (outcome.status === 'refused') return outcome;
    if (outcome.status === 'kept') return notSent(outcome);
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid, warnings } = outcome;
    const instances = () => retrieve.instances({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
    try {
      for await (const { outcome: told, reason } of scu.send(peer, instances, { transferSyntaxUids }, log)) {
        if (told === 'failed' && reason !== undefined) throw reason;
        if (told === 'warning' && reason !== undefined) {
          return { ...outcome, warnings: [...warnings, { reason: 0xb000, message: reason.message }] };
        }
      }
      return outcome;
    } catch (thrown) {
      const { code, message, details } = asCausewayError(thrown);
      const uids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid };
      return { status: 'refused', code, message: `${message} It is kept here.`, details, ...uids };
    } finally {
      sent(studyInstanceUid);
    }
  }

  return {
    receive(source) {
      const receiver = ingest.receive(source);
      return {
        write: (chunk) => receiver.write(chunk),
        finish: async () => forwarded(await receiver.finish()),
        abort: () => receiver.abort(),
      };
    },
  };
}

/** What would go to the peer is what was here before, not what came. */
function notSent(kept: InstanceUids): InstanceOutcome {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid } = kept;
  const message = 'Other content is kept here under this SOP Instance UID. Nothing was sent to the peer.';
  const uids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid };
  return { status: 'refused', code: 'duplicate-differs', message, details: {}, ...uids };
}
