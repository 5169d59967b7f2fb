import { loadSettings, type Settings } from '../config.ts';
import { createCommitmentReports } from '../dimse/commitment-reports.ts';
import { sendingFiles } from '../dimse/file-instances.ts';
import { defaultDimseLimits } from '../dimse/limits.ts';
import { type CalledPeer, calledPeer } from '../dimse/scu/called-peer.ts';
import { createScu, type Scu } from '../dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../dimse/scu/open-association.ts';
import { createPeerAssociations } from '../dimse/scu/peer-associations.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createLog } from '../kernel/create-log.ts';
import type { Log } from '../kernel/log.ts';
import type { CommandContext } from './command.ts';
import { peerArgument } from './peer-argument.ts';

/** What commands that call peers have in common. */
export const callOptions = {
  aet: { type: 'string', short: 'a' },
  json: { type: 'boolean' },
} as const;

export const callOptionsUsage = `  -a, --aet TITLE   call as this AE title (that of the settings)
      --json        print JSON instead of a table`;

export interface Called {
  readonly scu: Scu;
  readonly peer: CalledPeer;
  readonly settings: Settings;
  readonly log: Log;
}

const noIngest: Ingest = {
  receive() {
    throw new Error('This command receives nothing.');
  },
};

/**
 * Runs a command that calls a peer, without the rest of the house.
 * @param name the peer as it stands on the command line
 * @param ingest takes what the peer sends over our association
 */
export async function withPeer<T>(
  name: string | undefined,
  { env, workingDir }: Pick<CommandContext, 'env' | 'workingDir'>,
  { aet, ingest = noIngest }: { readonly aet?: string | undefined; readonly ingest?: Ingest },
  use: (called: Called) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, workingDir);
  const known = peerArgument(name, settings);
  const aeTitle = aet ?? known.callingAeTitle ?? settings.aeTitle;
  const open = createOpenAssociation({ aeTitle, limits: { ...defaultDimseLimits, maxPduBytes: settings.maxPduBytes } });
  const associations = createPeerAssociations({ open });
  const scu = createScu({
    open,
    associations,
    ingest,
    retrieve: sendingFiles,
    reports: createCommitmentReports(),
    aeTitle,
    privateSopClassUids: settings.storageSopClasses,
  });
  try {
    return await use({
      scu,
      peer: calledPeer({ ...known, callingAeTitle: aeTitle }),
      settings,
      log: createLog('error'),
    });
  } finally {
    await associations.close();
  }
}
