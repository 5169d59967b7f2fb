import type { ConfigurationStore, ConfigurationVersion, StoredConfiguration } from '../index/configuration-store.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Sealing } from '../kernel/sealing.ts';
import { type ConfigurationSurroundings, checkConfiguration } from './check-configuration.ts';
import { completeConfiguration } from './complete-configuration.ts';
import type { Configuration } from './configuration.ts';
import { refuseProblems } from './configuration-problem.ts';
import { formatSecrets, parseSecrets, type Secrets, withoutSecrets, withSecrets } from './configuration-secrets.ts';
import type { Authorship, ConfigurationDocument, Configurations } from './configurations.ts';

export interface ConfigurationParts {
  readonly store: ConfigurationStore;
  readonly sealing: Sealing;
  /** What configurations may refer to, as it is now. */
  readonly surroundings: () => Promise<ConfigurationSurroundings>;
  /** Told of every version that this node sees for the first time after its first. */
  readonly onChange?: (version: number) => void;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
}

/** For so long a node may not have seen what another has changed. */
const maxAgeMs = 1_000;
const sealedAs = 'configuration secrets';
/** Of two who write without saying what they replace, both are to have their version. */
const attempts = 5;

interface Known {
  readonly document: ConfigurationDocument;
  readonly secrets: () => Promise<Secrets>;
  /** Made at the first read; kept, as every task asks for it. */
  configuration?: Promise<Configuration>;
}

export function createCurrentConfiguration({
  store,
  sealing,
  surroundings,
  onChange = () => {},
  now = () => performance.now(),
}: ConfigurationParts): Configurations {
  let known: Known | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<Known> | undefined;

  async function current(): Promise<Known> {
    if (known !== undefined && now() - checkedAt < maxAgeMs) return known;
    checking ??= latest().finally(() => {
      checking = undefined;
    });
    return checking;
  }

  async function latest(): Promise<Known> {
    const askedAt = now();
    const version = await store.latestVersion();
    // What this node has written meanwhile is newer than the answer.
    if (known === undefined || known.document.version < version) {
      const before = known?.document.version;
      known = await load(version);
      if (before !== undefined) onChange(version);
    }
    checkedAt = askedAt;
    return known;
  }

  async function load(version: number): Promise<Known> {
    if (version === 0) return nothingYet;
    const stored = await store.read(version);
    if (stored === undefined) throw noSuchVersion(version);
    return { document: documentOf(stored), secrets: () => openSecrets(stored) };
  }

  async function openSecrets({ secrets }: StoredConfiguration): Promise<Secrets> {
    if (secrets.length === 0) return new Map();
    return parseSecrets((await sealing.open(secrets, sealedAs)).toString());
  }

  function revealed(one: Known): Promise<Configuration> {
    one.configuration ??= one.secrets().then(
      (secrets) => completeConfiguration(withSecrets(one.document.configuration, secrets).document),
      (thrown: unknown) => {
        // Another key may be there the next time.
        delete one.configuration;
        throw thrown;
      },
    );
    return one.configuration;
  }

  /** Nothing is decrypted where nothing is to be kept: a site that has lost its key can write its secrets anew. */
  async function resolved(document: unknown, base: Known, keep: 'required' | 'as-far-as-there') {
    const complete = completeConfiguration(document);
    const { secrets: given } = withoutSecrets(complete);
    const marks = JSON.stringify(complete).includes('{"set":true}');
    const { document: filled, problems } = withSecrets(complete, marks ? await base.secrets() : given);
    if (keep === 'required') refuseProblems(problems);
    const configuration = filled as Configuration;
    refuseProblems(checkConfiguration(configuration, await surroundings()));
    return { configuration, missing: problems.map(({ path }) => path) };
  }

  async function append(behind: number, configuration: Configuration, { by, comment }: Authorship) {
    const { document, secrets } = withoutSecrets(configuration);
    const sealed =
      secrets.size === 0 ? Buffer.alloc(0) : await sealing.seal(Buffer.from(formatSecrets(secrets)), sealedAs);
    const added = await store.append(behind, { by, comment, document, secrets: sealed });
    if (added === undefined) return undefined;
    known = { document: { ...added, configuration: document }, secrets: async () => secrets };
    checkedAt = now();
    onChange(added.version);
    return known.document;
  }

  /** @param make of what is there a new version */
  async function change<T extends { readonly configuration: Configuration }>(
    authorship: Authorship,
    make: (base: Known) => Promise<T>,
  ): Promise<T & { readonly document: ConfigurationDocument }> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const base = await latest();
      const { version } = base.document;
      if (authorship.expected !== undefined && authorship.expected !== version) throw changedMeanwhile(version);
      const made = await make(base);
      const document = await append(version, made.configuration, authorship);
      if (document !== undefined) return { ...made, document };
    }
    throw changedMeanwhile((await latest()).document.version);
  }

  const asRead = async (one: Known) => ({
    version: one.document.version,
    configuration: await revealed(one),
  });

  return {
    read: async () => asRead(await current()),
    latest: async () => asRead(await latest()),
    document: async () => (await latest()).document,
    async put(document, authorship) {
      return (await change(authorship, (base) => resolved(document, base, 'required'))).document;
    },
    async versions(limit, offset) {
      return store.list(limit, offset);
    },
    async version(version) {
      return (await load(version)).document;
    },
    async restore(version, authorship) {
      const old = await load(version);
      const comment = authorship.comment === '' ? `Restored from version ${version}` : authorship.comment;
      return (await change({ ...authorship, comment }, () => resolved(old.document.configuration, old, 'required')))
        .document;
    },
    async import(document, authorship) {
      const comment = authorship.comment === '' ? 'Imported' : authorship.comment;
      const made = await change({ ...authorship, comment }, (base) => resolved(document, base, 'as-far-as-there'));
      return { ...made.document, missingSecrets: made.missing };
    },
    async draft(document) {
      return (await resolved(document, await latest(), 'required')).configuration;
    },
  };
}

const nothingYet: Known = {
  document: {
    version: 0,
    at: new Date(0),
    by: '',
    comment: '',
    configuration: withoutSecrets(completeConfiguration({})).document,
  },
  secrets: async () => new Map(),
};

function documentOf({
  document,
  secrets: _,
  ...version
}: StoredConfiguration & ConfigurationVersion): ConfigurationDocument {
  return { ...version, configuration: document };
}

function noSuchVersion(version: number): CausewayError {
  return new CausewayError('not-found', `There is no version ${version} of the configuration.`);
}

function changedMeanwhile(version: number): CausewayError {
  return new CausewayError(
    'precondition-failed',
    `Somebody else has changed the configuration meanwhile: it has version ${version} now.`,
    { details: { parameter: 'If-Match' } },
  );
}
