import { CausewayError } from '../../kernel/errors.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';

/** An instance as `Retrieve` knows it. */
export type IndexedInstance = Parameters<Retrieve['file']>[0];

/** @throws CausewayError `not-found`, `gone` */
export async function theInstance(retrieve: Retrieve, target: Required<Target>): Promise<IndexedInstance> {
  for await (const instance of retrieve.instances(target)) return instance;
  throw new CausewayError('not-found', 'There is no such instance.');
}
