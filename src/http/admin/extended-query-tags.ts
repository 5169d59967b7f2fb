import { CausewayError } from '../../kernel/errors.ts';
import type { AskedTag, ExtendedQueryTags, ExtendedTag, ExtendedTagError } from '../../search/extended-query-tags.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { operationReference, sendOperationReference } from './operations.ts';
import { readJson } from './read-json.ts';

type Tag = components['schemas']['ExtendedQueryTag'];
type TagError = components['schemas']['ExtendedQueryTagError'];

/** Attributes that are made searchable while the house runs, in the interface of the Azure dicom-server. */
export function extendedQueryTagOperations(tags: ExtendedQueryTags) {
  async function describe(found: readonly ExtendedTag[], baseUrl: string): Promise<Tag[]> {
    const counts = await tags.errorCounts(found);
    return found.map((tag) => described(tag, counts.get(tag.id) ?? 0, baseUrl));
  }
  const list: Operation = async ({ response, baseUrl }) => {
    response.json(await describe(await tags.all(), baseUrl));
  };
  const get: Operation = async ({ response, baseUrl, pathParameters }) => {
    const [tag] = await describe([await tags.get(pathParameters['tagPath'] ?? '')], baseUrl);
    response.json(tag);
  };
  const listErrors: Operation = async ({ response, pathParameters, query }) => {
    const page = { limit: Number(query.get('limit') ?? errorsAPage), offset: Number(query.get('offset') ?? 0) };
    const errors = await tags.errors(pathParameters['tagPath'] ?? '', page);
    response.json(errors.map(describedError));
  };
  const add: Operation = async (exchange) => {
    const { request, log } = exchange;
    const asked = askedTags(await readJson(request));
    const id = await tags.add(asked);
    log.info('extended query tags added', { operation: id, tags: asked.map(({ path }) => path) });
    sendOperationReference(exchange, id);
  };
  const update: Operation = async ({ request, response, baseUrl, pathParameters, log }) => {
    const tag = await tags.setQueryStatus(pathParameters['tagPath'] ?? '', askedQueryStatus(await readJson(request)));
    log.info('extended query tag updated', { tag: tag.path, queriesEnabled: tag.queriesEnabled });
    response.json((await describe([tag], baseUrl))[0]);
  };
  const remove: Operation = async ({ response, pathParameters, log }) => {
    const path = pathParameters['tagPath'] ?? '';
    await tags.delete(path);
    log.info('extended query tag deleted', { tag: path });
    response.status(204).end();
  };
  return {
    listExtendedQueryTags: list,
    getExtendedQueryTag: get,
    listExtendedQueryTagErrors: listErrors,
    addExtendedQueryTags: add,
    updateExtendedQueryTag: update,
    deleteExtendedQueryTag: remove,
  };
}

const levels = { study: 'Study', series: 'Series', instance: 'Instance' } as const;

/** As the Azure dicom-server. */
const errorsAPage = 100;

function describedError({ createdAt, message, ...uids }: ExtendedTagError): TagError {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = uids;
  const createdTime = createdAt.toISOString();
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid, createdTime, errorMessage: message };
}

function described(tag: ExtendedTag, errors: number, baseUrl: string): Tag {
  const isReady = tag.percentComplete === 100;
  return {
    path: tag.path,
    vr: tag.vr,
    level: levels[tag.level],
    ...(tag.privateCreator !== undefined && { privateCreator: tag.privateCreator }),
    status: isReady ? 'Ready' : 'Adding',
    queryStatus: tag.queriesEnabled ? 'Enabled' : 'Disabled',
    ...(errors > 0 && { errors: { count: errors, href: `${baseUrl}/extendedquerytags/${tag.path}/errors` } }),
    ...(!isReady && { operation: operationReference(tag.operationId, baseUrl) }),
  };
}

function askedQueryStatus(body: unknown): string {
  const members = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const [, status] = members.find(([name]) => name.toLowerCase() === 'querystatus') ?? [];
  if (typeof status !== 'string') throw refused('The body has no QueryStatus.', 'QueryStatus');
  return status;
}

/** Names of members in any case: clients spell them `Path` or `path`. */
function askedTags(body: unknown): AskedTag[] {
  if (!Array.isArray(body)) throw refused('The body is no list of extended query tags.');
  return body.map((one: unknown, at) => {
    if (typeof one !== 'object' || one === null) throw refused(`Item ${at + 1} of the list is no extended query tag.`);
    const members = new Map(Object.entries(one).map(([name, value]) => [name.toLowerCase(), value as unknown]));
    const text = (name: string): string | undefined => {
      const value = members.get(name.toLowerCase()) ?? undefined;
      if (value !== undefined && typeof value !== 'string')
        throw refused(`${name} of item ${at + 1} is no text.`, name);
      return value;
    };
    const [path, level] = [text('Path'), text('Level')];
    if (path === undefined) throw refused(`Item ${at + 1} of the list has no Path.`, 'Path');
    if (level === undefined) throw refused(`Item ${at + 1} of the list has no Level.`, 'Level');
    return { path, level, vr: text('VR'), privateCreator: text('PrivateCreator') };
  });
}

function refused(message: string, parameter?: string): CausewayError {
  return new CausewayError('bad-request', message, { details: parameter === undefined ? {} : { parameter } });
}
