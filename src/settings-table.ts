import { type ClientCertificate, clientCertificates } from './dimse/tls/tls-acceptor.ts';
import { type TlsProfile, tlsProfiles } from './dimse/tls/tls-profile.ts';
import { type DimseUser, parseDimseUser, type UserIdentityChecks, userIdentityChecks } from './dimse/user-identity.ts';
import { parseSourcePolicy, type SourcePolicy } from './ingest/source-policy.ts';
import { type LogLevel, logLevels } from './kernel/log.ts';
import type { KnownPeer } from './peers/peers.ts';
import { readKnownPeer } from './peers/read-known-peer.ts';
import { parseSecretKey } from './secret-key.ts';
import {
  bytes,
  flag,
  host,
  integer,
  isUrl,
  keeping,
  list,
  listOf,
  listOfValues,
  oneOf,
  optional,
  path,
  port,
  type SettingKind,
  text,
  webPath,
} from './setting-kinds.ts';

export interface Setting<T> {
  readonly kind: SettingKind<T>;
  readonly default: T;
  readonly about: string;
  /** Environment variable, where it is not `CAUSEWAY_` and the name in capitals. */
  readonly env?: string;
  /** Never shown. */
  readonly secret?: true;
}

/** Every setting: the configuration reference (docs/configuration.md) is generated from this table. */
export const settingsTable = {
  dataDir: { kind: path, default: './data' as string, about: 'Folder of the embedded database and the stored files.' },
  databaseUrl: {
    kind: optional(
      // With the folder of a Unix socket as its host it is no URL to WHATWG, but it is one to libpq.
      text('a URL that starts with postgres:// or postgresql://', (value) => /^postgres(ql)?:\/\/\S+$/.test(value)),
    ),
    default: undefined as string | undefined,
    env: 'DATABASE_URL',
    secret: true,
    about: 'A Postgres (13 or newer) of your own instead of the embedded one.',
  },
  databaseConnections: {
    kind: integer(2, 200),
    default: 10 as number,
    about: 'Connections to Postgres; it takes 4 at least, also where fewer are named.',
  },
  blobs: {
    kind: optional(text('a path, or s3://bucket/prefix', (value) => value.length > 0)),
    default: undefined as string | undefined,
    about: 'Where stored files lie, if not in `blobs` of the data folder. `s3://…` takes the usual AWS_* credentials.',
  },
  s3Endpoint: {
    kind: optional(text('an http or https URL', (value) => isUrl(value, 'http:', 'https:'))),
    default: undefined as string | undefined,
    about: 'Address of an S3-compatible store other than Amazon’s.',
  },
  diskReserveBytes: {
    kind: integer(0, Number.MAX_SAFE_INTEGER),
    default: 1_073_741_824 as number,
    about:
      'Nothing is stored while less than this is free where stored files lie, and no upload that has to be complete before it is read (a ZIP archive, bulk data) while it is not free in the data folder, so that the database on the same disk can go on, and make room; 0 where it has a disk of its own. Not asked of S3.',
  },
  secretKey: {
    kind: optional(
      text('64 hexadecimal digits, or 32 bytes as base64', (value) => parseSecretKey(value) !== undefined),
    ),
    default: undefined as string | undefined,
    secret: true,
    about:
      'Key by which secrets in the database are encrypted: passwords of destinations, and originals of pseudonyms. The same on all nodes; `secret.key` in the data folder unless given, which is made at the first start.',
  },
  secretKeyFile: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'File that holds the secret key.',
  },
  httpHost: {
    kind: host,
    default: '127.0.0.1' as string,
    about: 'Address to listen on for the web. There is no access control yet: open it to trusted networks only.',
  },
  httpPort: { kind: port, default: 8080 as number, about: 'Port for the web; 0 takes any free one.' },
  publicUrl: {
    kind: optional(text('an http or https URL', (value) => isUrl(value, 'http:', 'https:'))),
    default: undefined as string | undefined,
    about: 'How the world reaches this server; the URLs that Causeway returns start with it.',
  },
  webNames: {
    kind: list('host names, or *', (value) => value === '*' || /^[A-Za-z0-9._-]{1,253}$/.test(value)),
    default: [] as readonly string[],
    about:
      "Names by which browsers may reach the web, besides addresses, this machine's own name, that in `publicUrl`, names without a dot and those of private networks (`.local`, `.internal`, `.lan`, `.home.arpa`, `.test`). A page from elsewhere could make a name of its own lead here; `*` is any name. Not asked behind a trusted proxy.",
  },
  trustProxy: {
    kind: flag,
    default: false as boolean,
    about: 'Believe Forwarded and X-Forwarded-* headers, as a proxy in front sets them.',
  },
  basePath: {
    kind: webPath,
    default: '/dicom-web' as string,
    about: 'Where DICOMweb lives.',
  },
  wadoPath: {
    kind: webPath,
    default: '/wado' as string,
    about: 'Where WADO-URI lives.',
  },
  corsOrigins: {
    kind: list('origins, loopback, or *', (value) => /^(\*|loopback)$/.test(value) || isUrl(value, 'http:', 'https:')),
    default: ['loopback'] as readonly string[],
    about: 'Web pages of these origins may call the DICOMweb interface; `loopback` is any page served by this machine.',
  },
  viewer: {
    kind: flag,
    default: true as boolean,
    about: 'Serve the OHIF viewer at /viewer/; `npm start` fetches it from the npm registry where it is missing.',
  },
  viewerDir: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'Folder of the viewer as `npm run viewer` fills it, if not `viewer` in the folder of Causeway itself.',
  },
  page: { kind: flag, default: true as boolean, about: 'Serve the web page at /.' },
  pageDir: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'Folder of the web page as `npm run build` fills it, if not `dist/ui` in the folder of Causeway itself.',
  },
  dimseHost: { kind: host, default: '0.0.0.0' as string, about: 'Address to listen on for modalities.' },
  dimsePort: { kind: port, default: 5252 as number, about: 'Port for modalities; 0 takes any free one.' },
  dimseTlsPort: {
    kind: optional(port),
    default: undefined as number | undefined,
    about: 'A second port for modalities, with TLS; 2762 is usual, 0 takes any free one. Without it there is none.',
  },
  dimseTlsHost: {
    kind: optional(host),
    default: undefined as string | undefined,
    about:
      'Address to listen on for TLS, if not that of `dimseHost`: with `dimseHost` 127.0.0.1 others come by TLS only.',
  },
  dimseTlsKey: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'PEM file of our private key, for the TLS port and for peers that are called by TLS.',
  },
  dimseTlsCertificate: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'PEM file of our certificate, with those between it and its authority. Files that change are read again.',
  },
  dimseTlsCa: {
    kind: optional(path),
    default: undefined as string | undefined,
    about: 'PEM file of the authorities whose certificates are accepted, of callers and of peers that are called.',
  },
  dimseTlsClientCertificate: {
    kind: oneOf(clientCertificates),
    default: 'required' as ClientCertificate,
    about: 'Whether callers of the TLS port must show a certificate, may, or are not asked for one.',
  },
  dimseTlsProfile: {
    kind: oneOf(tlsProfiles),
    default: 'bcp195' as TlsProfile,
    about: 'Profile of PS3.15: B.12, or B.13 (modified: without 128-bit suites in TLS 1.2). Never below TLS 1.2.',
  },
  dimseUserIdentity: {
    kind: oneOf(userIdentityChecks),
    default: 'ignored' as UserIdentityChecks,
    about:
      'What the user identity of a caller is to us: nothing; checked where there is one; or required. Only user names and passcodes can be checked.',
  },
  dimseUsers: {
    kind: listOf('name=hash or name', parseDimseUser),
    default: [] as readonly DimseUser[],
    secret: true,
    about:
      'Users who may open associations: `causeway passcode NAME` makes `name=hash` of a passcode; a name alone needs none.',
  },
  aeTitle: {
    kind: text('1 to 16 printable ASCII characters without \\', (value) => /^(?=.*\S)[ -[\]-~]{1,16}$/.test(value)),
    default: 'CAUSEWAY' as string,
    about: 'Our application entity title.',
  },
  strictAeTitle: {
    kind: flag,
    default: false as boolean,
    about: 'Refuse associations that call another AE title than ours.',
  },
  peers: {
    kind: listOfValues(
      'AETITLE@host or AETITLE@host:port, /tls or /tls-any-host behind it; in the file also objects as `/api/peers` takes them',
      readKnownPeer,
    ),
    default: [] as readonly KnownPeer[],
    about:
      'Workstations and archives that are known; they may query and retrieve by DIMSE. `/tls` behind the port calls one by TLS, `/tls-any-host` whatever host its certificate is for.',
  },
  keepFetched: {
    kind: keeping,
    default: 'forever' as 'forever' | number,
    about:
      'How long what is fetched from a peer for DICOMweb under `/peers` stays after its study was last asked for there: forever, or seconds, after which it is erased here. What came by any other door as well stays. The same on all nodes.',
  },
  associationAccess: {
    kind: oneOf(['anyone', 'peers']),
    default: 'anyone' as 'anyone' | 'peers',
    about:
      'Who may open associations: anyone who reaches the port, or known peers only, calling from their address; others are rejected, and may not even echo.',
  },
  queryAccess: {
    kind: oneOf(['peers', 'anyone']),
    default: 'peers' as 'peers' | 'anyone',
    about:
      'Who may query and retrieve by DIMSE: known peers, calling from their address, or anyone who reaches the port.',
  },
  storeAccess: {
    kind: oneOf(['anyone', 'peers']),
    default: 'anyone' as 'anyone' | 'peers',
    about: 'Who may store by DIMSE: anyone who reaches the port, or known peers only.',
  },
  maxAssociations: {
    kind: integer(1, 10_000),
    default: 200 as number,
    about: 'Associations open at the same time; the next one is refused for the moment.',
  },
  maxPduBytes: { kind: integer(4096, 1_048_576), default: 131_072 as number, about: 'Longest PDU that we announce.' },
  associationIdleMs: {
    kind: integer(1000, 86_400_000),
    default: 600_000 as number,
    about: 'An association that lies idle between two messages for so long is aborted.',
  },
  storageSopClasses: {
    kind: list('UIDs', (value) => /^[0-9.]{1,64}$/.test(value)),
    default: [] as readonly string[],
    about: 'Private storage SOP classes to accept besides those of the Standard.',
  },
  acceptUnknownSopClasses: {
    kind: flag,
    default: false as boolean,
    about: 'Store instances of any SOP class by STOW-RS and import.',
  },
  onDifferentContent: {
    kind: oneOf(['reject', 'replace', 'keep']),
    default: 'reject' as 'reject' | 'replace' | 'keep',
    about: 'What to do with different content under a SOP Instance UID that is known.',
  },
  onDifferentContentOf: {
    kind: listOf('sources and policies', parseSourcePolicy),
    default: [] as readonly SourcePolicy[],
    about:
      'The same for single sources: `dimse:CT1=replace` for a calling AE title, `stow:10.0.0.5=keep` for the address of a client (behind a proxy: that of the proxy), `dimse=…`, `stow=…` and `import=…` for all others of that door. Whoever is named goes before its door.',
  },
  keepPreamble: {
    kind: flag,
    default: false as boolean,
    about: 'Keep the 128 bytes in front of a file instead of zeroing them (they can hide a second format).',
  },
  maxInstanceBytes: { kind: bytes, default: 68_719_476_736 as number, about: 'Largest instance.' },
  maxMetadataBytes: {
    kind: bytes,
    default: 67_108_864 as number,
    about: 'Most memory that the attributes of one instance may take while it arrives, pixel data aside.',
  },
  maxUploadBytes: { kind: bytes, default: 1_099_511_627_776 as number, about: 'Largest body of a STOW-RS request.' },
  maxUploads: { kind: integer(1, 1000), default: 32 as number, about: 'STOW-RS requests at the same time.' },
  maxMetadataUploadBytes: {
    kind: bytes,
    default: 17_179_869_184 as number,
    about:
      'Largest STOW-RS request of metadata with bulk data: it lies in `spool` of the data folder until it is complete, at most four at the same time.',
  },
  maxZipUploadBytes: {
    kind: bytes,
    default: 17_179_869_184 as number,
    about:
      'Largest ZIP archive of a STOW-RS request: it lies in `spool` of the data folder while it is read, at most four at the same time.',
  },
  imagingWorkers: {
    kind: integer(1, 64),
    default: 2 as number,
    about: 'Threads that decode and render. Each takes about 100 MB when it is used.',
  },
  imagingTimeoutMs: {
    kind: integer(100, 600_000),
    default: 30_000 as number,
    about: 'A frame that takes longer to decode or render is given up.',
  },
  imagingCacheBytes: {
    kind: integer(0, 68_719_476_736),
    default: 67_108_864 as number,
    about: 'Memory for rendered pictures and encoded frames.',
  },
  maxFrameBytes: { kind: bytes, default: 536_870_912 as number, about: 'Largest frame to decode, uncompressed.' },
  searchLimit: { kind: integer(1, 100_000), default: 1000 as number, about: 'Most matches in one answer to a search.' },
  maxFeedClients: {
    kind: integer(0, 10_000),
    default: 100 as number,
    about: 'Clients that follow the change feed as a stream at the same time.',
  },
  searchEmptyStatus: {
    kind: oneOf(['200', '204']),
    default: '200' as '200' | '204',
    about: 'Status of a search without matches; old clients want 204.',
  },
  logLevel: { kind: oneOf(logLevels), default: 'info' as LogLevel, about: 'Least important lines of the log.' },
} satisfies Record<string, Setting<never> | Setting<unknown>>;
