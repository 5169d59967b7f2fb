import type { Erase } from '../../erase/erase.ts';
import { type Operation, targetOf } from '../exchange.ts';

/** Deletes a study, a series or an instance. */
export function deleteInstances(erase: Erase): Operation {
  return async (exchange) => {
    const erased = await erase.erase(targetOf(exchange));
    exchange.log.info('deleted', { ...targetOf(exchange), instances: erased });
    exchange.response.status(204).end();
  };
}
