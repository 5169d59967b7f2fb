import type { BulkUpdate } from '../../ingest/bulk-update.ts';
import type { ExtendedQueryTags } from '../../search/extended-query-tags.ts';
import { type Exchange, type Operation, urlOf } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';

type OperationReference = components['schemas']['OperationReference'];
type OperationState = components['schemas']['Operation'];

export function operationReference(id: string, baseUrl: string): OperationReference {
  return { id, href: `${baseUrl}/operations/${id}` };
}

/** Answers that it was begun, and where its progress is. */
export function sendOperationReference({ response, baseUrl }: Exchange, id: string): void {
  const reference = operationReference(id, baseUrl);
  response.setHeader('Location', reference.href);
  response.status(202).json(reference);
}

/** 202 while it runs, 200 when it is at its end. */
export function getOperation(tags: ExtendedQueryTags, updates: BulkUpdate): Operation {
  return async ({ response, baseUrl, pathParameters }) => {
    const id = pathParameters['operation'] ?? '';
    const body = (await updateState(updates, id, baseUrl)) ?? (await reindexState(tags, id, baseUrl));
    response.status(body.status === 'completed' || body.status === 'failed' ? 200 : 202).json(body);
  };
}

async function updateState(updates: BulkUpdate, id: string, baseUrl: string): Promise<OperationState | undefined> {
  const found = await updates.operation(id);
  if (found === undefined) return undefined;
  return {
    operationId: found.id,
    type: 'update',
    status: found.status,
    percentComplete: found.percentComplete,
    createdTime: found.createdAt.toISOString(),
    lastUpdatedTime: found.updatedAt.toISOString(),
    resources: found.studyInstanceUids.map((studyInstanceUid) => urlOf(baseUrl, { studyInstanceUid })),
    results: {
      studyUpdated: found.studiesUpdated,
      studyFailed: found.studiesFailed,
      instanceUpdated: found.instancesUpdated,
      ...(found.errors.length > 0 && { errors: [...found.errors] }),
    },
  };
}

async function reindexState(tags: ExtendedQueryTags, id: string, baseUrl: string): Promise<OperationState> {
  const found = await tags.operation(id);
  return {
    operationId: found.id,
    type: 'reindex',
    status: found.status,
    percentComplete: found.percentComplete,
    createdTime: found.createdAt.toISOString(),
    lastUpdatedTime: found.updatedAt.toISOString(),
    resources: found.paths.map((path) => `${baseUrl}/extendedquerytags/${path}`),
  };
}
