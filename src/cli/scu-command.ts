import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadSettings, type Settings } from '../config.ts';
import { type CommitmentReports, createCommitmentReports } from '../dimse/commitment-reports.ts';
import { createDimseServer, type DimseServer } from '../dimse/create-dimse-server.ts';
import type { FileInstance } from '../dimse/file-instances.ts';
import { defaultDimseLimits } from '../dimse/limits.ts';
import { createEchoService } from '../dimse/scp/echo.ts';
import { createEventReportService } from '../dimse/scp/event-report.ts';
import { type CalledPeer, calledPeer } from '../dimse/scu/called-peer.ts';
import { createScu, type Scu } from '../dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../dimse/scu/open-association.ts';
import { createPeerAssociations } from '../dimse/scu/peer-associations.ts';
import { createTlsIdentity, type TlsFiles } from '../dimse/tls/tls-identity.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createLog } from '../kernel/create-log.ts';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { contentOf } from '../library/file-content.ts';
import { sendingParts } from '../library/sending-parts.ts';
import type { KnownPeer, PeerTls, PeerUser } from '../peers/peers.ts';
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
  user: { type: 'string' },
  'passcode-file': { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const callOptionsUsage = `  -a, --aet TITLE   call as this AE title (that of the settings)
      --tls         call by TLS, as a peer that is known for it is called anyway
      --tls-any-host    the same, whatever host the certificate of the peer is for
      --tls-ca FILE     PEM file of the authorities to believe (dimseTlsCa of the settings)
      --tls-cert FILE   PEM file of the certificate to show (dimseTlsCertificate), with its key:
      --tls-key FILE    PEM file of the key (dimseTlsKey)
      --user NAME   call as this user (user identity negotiation), as a peer that is known with one is called anyway
      --passcode-file FILE  its passcode, the first line of the file: in the clear unless by TLS
      --json        print JSON instead of a table`;

/** Values of `callOptions`. */
interface CallValues {
  readonly aet?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly 'tls-any-host'?: boolean | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly user?: string | undefined;
  readonly 'passcode-file'?: string | undefined;
}

export interface Called {
  readonly scu: Scu;
  readonly peer: CalledPeer;
  /** The only ones to send in, where the settings say so of the peer. */
  readonly transferSyntaxUids: readonly string[];
  readonly settings: Settings;
  readonly log: Log;
}

const noIngest: Ingest = {
  receive() {
    throw new Error('This command receives nothing.');
  },
};

export interface WithPeerOptions {
  /** Takes what the peer sends over our association. */
  readonly ingest?: Ingest;
  /** When it is interrupted: nothing is half done then. */
  readonly endsAtOnce?: boolean;
  /** Where reports of storage commitment are taken over associations that the peer opens. */
  readonly listenPort?: number | undefined;
}

/**
 * Runs a command that calls a peer, without the rest of the house.
 * @param name the peer as it stands on the command line
 * @throws UsageError, CausewayError `aborted` if it is interrupted, and what calling the peer throws
 */
export async function withPeer<T>(
  name: string | undefined,
  { env, workingDir, signal }: Pick<CommandContext, 'env' | 'workingDir' | 'signal'>,
  { ingest = noIngest, endsAtOnce = false, listenPort, ...values }: CallValues & WithPeerOptions,
  use: (called: Called) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env, workingDir);
  const known = await peerArgument(name, settings, () => addedPeers(settings));
  const aeTitle = aeTitleOption('aet', values.aet) ?? known.callingAeTitle ?? settings.aeTitle;
  const log = createLog('error');
  const user = (await userOption(values, workingDir)) ?? known.user;
  const tls = peerTls(values) ?? known.tls;
  if (tls === undefined && (values['tls-ca'] ?? values['tls-cert'] ?? values['tls-key']) !== undefined)
    throw new UsageError('--tls-ca, --tls-cert and --tls-key go with --tls: this call would be in the clear.');
  const open = createOpenAssociation({
    aeTitle,
    limits: { ...defaultDimseLimits, maxPduBytes: settings.maxPduBytes },
    tlsIdentity: tls && (await identityOf(values, settings, workingDir, log)),
  });
  const associations = createPeerAssociations({ open });
  const reports = createCommitmentReports();
  const listener =
    listenPort === undefined ? undefined : reportListener({ aeTitle, listenPort, reports, settings, log });
  const scu = createScu({
    open,
    associations,
    ingest,
    retrieve: sendingParts<FileInstance>({ contentOf: ({ blobKey }) => contentOf(blobKey), converter: undefined }),
    reports,
    aeTitle,
    privateSopClassUids: settings.storageSopClasses,
  });
  try {
    await listener?.listen();
    const used = use({
      scu,
      peer: calledPeer({ ...known, tls, callingAeTitle: aeTitle, user }),
      transferSyntaxUids: known.transferSyntaxUids,
      settings,
      log,
    });
    return await (endsAtOnce ? untilInterrupted(used, signal) : used);
  } finally {
    await associations.close();
    await listener?.close({ graceMs: listenerGraceMs });
  }
}

/** For the answer to a report that is just being taken. */
const listenerGraceMs = 1_000;

/** @throws CausewayError `unavailable`, when it is to listen, if the port is taken */
function reportListener({
  aeTitle,
  listenPort,
  reports,
  settings,
  log,
}: Pick<Called, 'settings' | 'log'> & {
  readonly aeTitle: string;
  readonly listenPort: number;
  readonly reports: CommitmentReports;
}): DimseServer {
  return createDimseServer({
    host: settings.dimseHost,
    port: listenPort,
    aeTitle,
    strictAeTitle: false,
    services: [createEchoService(), createEventReportService(reports)],
    log,
  });
}

/** Peers that were made known by `/api/peers`, as far as they can be read without making or starting anything. */
async function addedPeers(settings: Settings): Promise<readonly KnownPeer[] | undefined> {
  // Only now, as most commands do without.
  const { readAddedPeers } = await import('../added-peers.ts');
  return readAddedPeers(settings, createLog('error'));
}

/** As whom the command line says that the peer is called. @throws UsageError if the passcode cannot be read */
async function userOption(values: CallValues, workingDir: string): Promise<PeerUser | undefined> {
  const { user: name, 'passcode-file': file } = values;
  if (name === undefined) {
    if (file === undefined) return undefined;
    throw new UsageError('--passcode-file goes with --user.');
  }
  if (file === undefined) return { name, passcode: undefined };
  try {
    const [passcode = ''] = (await readFile(resolve(workingDir, file), 'utf8')).split(/\r?\n/);
    return { name, passcode };
  } catch (thrown) {
    throw new UsageError(`--passcode-file: the file ${file} cannot be read (${errnoOf(thrown)}).`);
  }
}

/** The one peer that a command calls. @throws UsageError if there is more on the command line */
export function thePeer([name, extra]: readonly string[]): string | undefined {
  if (extra === undefined) return name;
  const hint = extra.includes('=') ? `: keys go behind -k, as in -k ${extra}` : ': one peer is called at a time';
  throw new UsageError(`"${extra}" is one too many${hint}.`);
}

/** @throws UsageError for what is no AE title */
export function aeTitleOption(option: string, value: string | undefined): string | undefined {
  if (value === undefined || /^(?! )[ -[\]-~]{1,16}(?<! )$/.test(value)) return value;
  throw new UsageError(`--${option}: an AE title has 1 to 16 characters of ASCII, without a backslash.`);
}

/** What is waited for, unless the command is interrupted before. @throws CausewayError `aborted` */
export function untilInterrupted<T>(used: Promise<T>, signal: AbortSignal): Promise<T> {
  used.catch(() => {}); // told below, if anybody still wants to know
  return new Promise((resolve, reject) => {
    const interrupted = (): void => reject(new CausewayError('aborted', 'Interrupted before the peer has answered.'));
    if (signal.aborted) interrupted();
    signal.addEventListener('abort', interrupted, { once: true });
    used.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupted));
  });
}

/** Files that cannot be used are named by the option where one has named them. */
async function identityOf(values: CallValues, settings: Settings, workingDir: string, log: Log) {
  try {
    return await createTlsIdentity(tlsFiles(values, settings, workingDir), settings.dimseTlsProfile, log);
  } catch (thrown) {
    if (!(thrown instanceof CausewayError)) throw thrown;
    const options = [
      ['dimseTlsKey', 'tls-key'],
      ['dimseTlsCertificate', 'tls-cert'],
      ['dimseTlsCa', 'tls-ca'],
    ] as const;
    let { message } = thrown;
    for (const [setting, option] of options)
      if (values[option] !== undefined) message = message.replaceAll(setting, `--${option}`);
    throw new CausewayError(thrown.code, message, { cause: thrown });
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
