import { validateDicomJson } from '../../dicom/json-validation.ts';
import { type WorklistItem, worklistItem } from '../../dicom/worklist-item.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { decidedStepStatus } from '../../worklist/step-status.ts';
import type { StoredWorklistItem, Worklist } from '../../worklist/worklist.ts';
import type { Exchange, Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { sendCreated } from './send-created.ts';

type Described = components['schemas']['WorklistItem'];

const defaultLimit = 100;

/** What modalities are to do, as a system that plans it says. Bodies are as the OpenAPI document has them. */
export function worklistOperations(worklist: Worklist) {
  const list: Operation = async ({ response, query }) => {
    const items = await worklist.list(query.get('after') ?? undefined, Number(query.get('limit') ?? defaultLimit));
    response.json(items.map(described));
  };
  const get: Operation = async ({ response, pathParameters }) => {
    response.json(described(await worklist.get(pathParameters['item'] ?? '')));
  };
  const add: Operation = async (exchange) => {
    created(exchange, await worklist.add(itemIn(exchange)));
  };
  const put: Operation = async (exchange) => {
    const { item, isNew } = await worklist.put(exchange.pathParameters['item'] ?? '', itemIn(exchange));
    if (isNew) return created(exchange, item);
    exchange.log.info('worklist item changed', { item: item.id });
    exchange.response.json(described(item));
  };
  const remove: Operation = async ({ response, pathParameters, log }) => {
    const id = pathParameters['item'] ?? '';
    await worklist.remove(id);
    log.info('worklist item removed', { item: id });
    response.status(204).end();
  };
  return {
    listWorklist: list,
    getWorklistItem: get,
    addWorklistItem: add,
    putWorklistItem: put,
    deleteWorklistItem: remove,
  };
}

/** @throws CausewayError `bad-request` */
function itemIn({ request }: Exchange): WorklistItem {
  try {
    return worklistItem(validateDicomJson(request.body));
  } catch (thrown) {
    const { code, message, details } = asCausewayError(thrown);
    if (code !== 'malformed') throw thrown;
    throw new CausewayError('bad-request', message, { cause: thrown, details });
  }
}

function created(exchange: Exchange, item: StoredWorklistItem): void {
  exchange.log.info('worklist item added', { item: item.id });
  sendCreated(exchange, item.id, described(item));
}

function described({ id, dataSet, updatedAt, performed }: StoredWorklistItem): Described {
  const status = decidedStepStatus(performed);
  return {
    id,
    updatedAt: updatedAt.toISOString(),
    dataSet: dataSet as Described['dataSet'],
    ...(status === undefined ? {} : { status }),
    performed: performed.map(({ wrongEntry, series, endDate, endTime, ...step }) => ({
      ...step,
      ...(endDate === undefined ? {} : { endDate }),
      ...(endTime === undefined ? {} : { endTime }),
      ...(wrongEntry ? { wrongEntry } : {}),
      series: series.map(({ description, ...one }) => ({
        ...one,
        ...(description === undefined ? {} : { description }),
      })),
    })),
  };
}
