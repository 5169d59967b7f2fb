import { type BodyError, CausewayError } from '../kernel/errors.ts';

const maxProblems = 50;

/** @throws CausewayError `bad-request` with `errors` in its details, if there are any */
export function refuseProblems(problems: readonly BodyError[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new CausewayError('bad-request', `${first.path}: ${first.message}${more}`, {
    details: { parameter: first.path, errors: problems.slice(0, maxProblems) },
  });
}

/** A step of a JSON Pointer. */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
