import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Retrieve, Target } from './retrieve.ts';

/** What is here of a target, be it nothing. */
export async function* presentInstances(
  retrieve: Pick<Retrieve, 'instances'>,
  target: Target,
): AsyncGenerator<IndexedInstance, void, void> {
  try {
    yield* retrieve.instances(target);
  } catch (thrown) {
    if (!(thrown instanceof CausewayError) || (thrown.code !== 'not-found' && thrown.code !== 'gone')) throw thrown;
  }
}
