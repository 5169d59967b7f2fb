import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';

/** Versions that are tried until it is given up. */
const mostVersions = 5;

/**
 * Does what reads a version of an instance, and does it again with the next one if that was replaced meanwhile: no answer
 * is made of two versions, and none fails because there is a newer one.
 * @param find the version that is there now
 */
export async function whileCurrent<T>(
  index: Pick<Index, 'instance'>,
  find: () => Promise<IndexedInstance>,
  work: (instance: IndexedInstance) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const instance = await find();
    try {
      return await work(instance);
    } catch (thrown) {
      const now = tried < mostVersions ? await index.instance(instance) : undefined;
      if (now === undefined || now.blobKey === instance.blobKey) throw thrown;
    }
  }
}

/** What is to be read is of a version that is not there any more. */
export function versionGone(): CausewayError {
  return new CausewayError('unavailable', 'The instance was replaced or deleted while it was read: ask again.');
}
