import type { IdentifierGatherer } from '../gather-identifier.ts';
import type { DimseOperation } from '../service.ts';

/**
 * An operation whose data set is held for whoever may make the request, until it is answered or cannot be any more; that of
 * anybody else is passed over.
 * @param refusal why it may not be made; whoever answers the request awaits it, too
 */
export function gathering(
  gatherer: Pick<IdentifierGatherer, 'write' | 'drop'>,
  refusal: Promise<string | undefined>,
  operation: Omit<DimseOperation, 'write'>,
): DimseOperation {
  let allowed: boolean | undefined;
  let complete = false;
  const decided = refusal.then(
    (why) => {
      allowed = why === undefined;
    },
    () => {
      allowed = false; // told by who answers
    },
  );
  return {
    ...operation,
    write(bytes) {
      if (allowed === true) return gatherer.write(bytes);
      if (allowed === false) return undefined;
      const copy = Buffer.from(bytes);
      return decided.then(() => {
        if (allowed) gatherer.write(copy);
      });
    },
    finish() {
      complete = true;
      return operation.finish().finally(gatherer.drop);
    },
    async abort() {
      await operation.abort?.();
      if (!complete) gatherer.drop();
    },
  };
}
