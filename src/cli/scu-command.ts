import { resolve } from 'node:path';
import { loadSettings, type Settings } from '../config.ts';
import { createCommitmentReports } from '../dimse/commitment-reports.ts';
import { sendingFiles } from '../dimse/file-instances.ts';
import { defaultDimseLimits } from '../dimse/limits.ts';
import { type CalledPeer, calledPeer } from '../dimse/scu/called-peer.ts';
import { createScu, type Scu } from '../dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../dimse/scu/open-association.ts';
import { createPeerAssociations } from '../dimse/scu/peer-associations.ts';
import { createTlsIdentity, type TlsFiles } from '../dimse/tls/tls-identity.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createLog } from '../kernel/create-log.ts';
import type { Log } from '../kernel/log.ts';
import type { PeerTls } from '../peers/peers.ts';
import { type CommandContext, UsageError } from './command.ts';
import { peerArgument } from './peer-argument.ts';

/** What commands that call peers have in common. */
export const callOptions = {
  aet: { type: 'string', short: 'a' },
  tls: { type: 'boolean' },
  'tls-any-host': { type: 'boolean' },
  'tls-ca': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const callOptionsUsage = `  -a, --aet TITLE   call as this AE title (that of the settings)
      --tls         call by TLS, as a peer that is known for it is called anyway
      --tls-any-host    the same, whatever host the certificate of the peer is for
      --tls-ca FILE     PEM file of the authorities to believe (dimseTlsCa of the settings)
      --tls-cert FILE   PEM file of the certificate to show (dimseTlsCertificate), with its key:
      --tls-key FILE    PEM file of the key (dimseTlsKey)
      --json        print JSON instead of a table`;

/** Values of `callOptions`. */
interface CallValues {
  readonly aet?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly 'tls-any-host'?: boolean | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
}

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
  { ingest = noIngest, ...values }: CallValues & { readonly ingest?: Ingest },
  use: (called: Called) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, workingDir);
  const known = peerArgument(name, settings);
  const aeTitle = values.aet ?? known.callingAeTitle ?? settings.aeTitle;
  const log = createLog('error');
  const tls = peerTls(values) ?? known.tls;
  if (tls === undefined && (values['tls-ca'] ?? values['tls-cert'] ?? values['tls-key']) !== undefined)
    throw new UsageError('--tls-ca, --tls-cert and --tls-key go with --tls: this call would be in the clear.');
  const open = createOpenAssociation({
    aeTitle,
    limits: { ...defaultDimseLimits, maxPduBytes: settings.maxPduBytes },
    tlsIdentity:
      tls && (await createTlsIdentity(tlsFiles(values, settings, workingDir), settings.dimseTlsProfile, log)),
  });
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
      peer: calledPeer({ ...known, tls, callingAeTitle: aeTitle }),
      settings,
      log,
    });
  } finally {
    await associations.close();
  }
}

/** As the command line asks for it. */
function peerTls(values: CallValues): PeerTls | undefined {
  if (values['tls-any-host']) return { checkHostName: false };
  if (values.tls) return { checkHostName: true };
  return undefined;
}

/** A key and its certificate come from the same place: the one of the settings does not go with another. */
function tlsFiles(values: CallValues, settings: Settings, workingDir: string): TlsFiles {
  const { 'tls-key': key, 'tls-cert': certificate, 'tls-ca': ca } = values;
  if ((key === undefined) !== (certificate === undefined))
    throw new UsageError('--tls-key and --tls-cert go together.');
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(workingDir, name));
  return {
    key: path(key) ?? settings.dimseTlsKey,
    certificate: path(certificate) ?? settings.dimseTlsCertificate,
    ca: path(ca) ?? settings.dimseTlsCa,
  };
}
