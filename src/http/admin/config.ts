import { CausewayError } from '../../kernel/errors.ts';
import type { Operation } from '../exchange.ts';

export function configurationOperations() {
  const notYet: Operation = async () => {
    throw new CausewayError('unavailable', 'There is no configuration yet.');
  };
  return {
    getConfiguration: notYet,
    putConfiguration: notYet,
    listConfigurationVersions: notYet,
    getConfigurationVersion: notYet,
    restoreConfigurationVersion: notYet,
    exportConfiguration: notYet,
    importConfiguration: notYet,
    checkFilter: notYet,
    tryFilter: notYet,
    listFilterAttributes: notYet,
  };
}
