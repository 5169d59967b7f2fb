import { CausewayError } from '../../kernel/errors.ts';
import type { Operation } from '../exchange.ts';

export function publishingOperations() {
  const notYet: Operation = async () => {
    throw new CausewayError('unavailable', 'There is no publishing yet.');
  };
  return {
    listGraphs: notYet,
    getGraph: notYet,
    retryGraph: notYet,
    startReplay: notYet,
    getReplay: notYet,
    listTasks: notYet,
    getTask: notYet,
    retryTask: notYet,
    sendNow: notYet,
    listDeliveries: notYet,
    whyNotSent: notYet,
  };
}
