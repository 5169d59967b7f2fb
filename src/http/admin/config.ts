import { CausewayError } from '../../kernel/errors.ts';
import { bringPeers } from '../../peers/bring-peers.ts';
import type { Peers } from '../../peers/peers.ts';
import type { Authorship, ConfigurationDocument, Configurations } from '../../publisher/configurations.ts';
import type { Exchange, Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { whoOf } from '../who.ts';
import { pageOf, pageOfItems } from './page-of-items.ts';
import { describedPeer, peerOf } from './peer-body.ts';

type Document = components['schemas']['Configuration'];
type Version = components['schemas']['ConfigurationVersion'];
type File = components['schemas']['ConfigurationFile'];

/** The configuration of publishers and its versions. Bodies are as the OpenAPI document has them. */
export function configurationOperations(configurations: Configurations, peers: Peers, trustProxy: boolean) {
  const authorship = (exchange: Exchange): Authorship => {
    const expected = expectedVersion(exchange.request.headers['if-match']);
    return {
      by: whoOf(exchange.request, trustProxy),
      comment: (exchange.query.get('comment') ?? '').trim(),
      ...(typeof expected === 'number' && { expected }),
    };
  };
  const changed = (exchange: Exchange, document: ConfigurationDocument) => {
    exchange.log.info('configuration changed', { version: document.version, by: document.by });
    exchange.response.setHeader('ETag', etagOf(document));
  };

  const get: Operation = async ({ response }) => {
    const document = await configurations.document();
    response.setHeader('ETag', etagOf(document));
    response.json(document.configuration as Document);
  };
  const put: Operation = async (exchange) => {
    if (expectedVersion(exchange.request.headers['if-match']) === undefined) {
      const message =
        'If-Match must be the ETag of the configuration that is replaced, lest the change of another is lost.';
      throw new CausewayError('precondition-required', message, { details: { parameter: 'If-Match' } });
    }
    const document = await configurations.put(exchange.request.body, authorship(exchange));
    changed(exchange, document);
    exchange.response.json(document.configuration as Document);
  };
  const versions: Operation = async ({ response, query }) => {
    const { limit, offset } = pageOf(query);
    const { items, total } = await configurations.versions(limit, offset);
    response.json(pageOfItems(items.map(described), total, offset));
  };
  const version: Operation = async (exchange) => {
    const document = await configurations.version(versionOf(exchange));
    exchange.response.json({ ...described(document), configuration: document.configuration as Document });
  };
  const restore: Operation = async (exchange) => {
    const document = await configurations.restore(versionOf(exchange), authorship(exchange));
    changed(exchange, document);
    exchange.response.json(document.configuration as Document);
  };
  const exported: Operation = async ({ response }) => {
    const { version, configuration } = await configurations.document();
    const named = new Set(peersOf(configuration as Document));
    const called = (await peers.all()).filter(({ aeTitle, port }) => port !== undefined && named.has(aeTitle));
    response.setHeader('Content-Disposition', 'attachment; filename="causeway-configuration.json"');
    const file = {
      format: 'causeway-configuration-1',
      exportedAt: new Date().toISOString(),
      version,
      configuration: configuration as Document,
      peers: called.map(describedPeer),
    } as const satisfies File;
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(`${JSON.stringify(file, undefined, 2)}\n`);
  };
  const imported: Operation = async (exchange) => {
    const { configuration, peers: told = [] } = exchange.request.body as File;
    const who = authorship(exchange);
    const replaces = exchange.query.get('peers') === 'replace';
    const brought = await bringPeers(
      peers,
      told.map(({ aeTitle, ...properties }) => peerOf(aeTitle, properties)),
      { by: who.by, replaces, log: exchange.log },
    );
    const { missingSecrets, ...document } = await configurations.import(configuration, who).catch(async (thrown) => {
      await brought.undo();
      throw thrown;
    });
    const unchanged = await brought.keep();
    const passcodes = told.flatMap(({ aeTitle, userIdentity }, at) =>
      brought.fresh.has(aeTitle) && !unchanged.has(aeTitle) && userIdentity?.passcodeIsSet
        ? [`/peers/${at}/userIdentity/passcode`]
        : [],
    );
    changed(exchange, document);
    exchange.response.json({
      configuration: document.configuration as Document,
      missingSecrets: [...missingSecrets, ...passcodes],
      ...(unchanged.size > 0 && {
        unchangedPeers: [...unchanged].map(([aeTitle, message]) => ({ aeTitle, message })),
      }),
    });
  };
  return {
    getConfiguration: get,
    putConfiguration: put,
    listConfigurationVersions: versions,
    getConfigurationVersion: version,
    restoreConfigurationVersion: restore,
    exportConfiguration: exported,
    importConfiguration: imported,
  };
}

/** Titles of those that publishers send to. */
function peersOf({ publishers = [] }: Document): string[] {
  return publishers.flatMap(({ destination }) => (destination.kind === 'dimse' ? [destination.peer] : []));
}

function described({
  version,
  at,
  by,
  comment,
}: ConfigurationDocument | Omit<ConfigurationDocument, 'configuration'>): Version {
  return { version, at: at.toISOString(), by, comment };
}

function versionOf({ pathParameters }: Exchange): number {
  return Number(pathParameters['version']);
}

function etagOf({ version }: ConfigurationDocument): string {
  return `"${version}"`;
}

/** RFC 9110 §13.1.1. @returns undefined without the header */
function expectedVersion(header: string | undefined): number | 'any' | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return 'any';
  const [, version] = /^(?:W\/)?"?(\d{1,10})"?$/.exec(header.trim()) ?? [];
  // What is no version of ours is none that could be there.
  return version === undefined ? -1 : Number(version);
}
