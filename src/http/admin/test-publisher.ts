import { CausewayError } from '../../kernel/errors.ts';
import type { Operation } from '../exchange.ts';

export function testPublisher(): Operation {
  return async () => {
    throw new CausewayError('unavailable', 'There is no configuration yet.');
  };
}
