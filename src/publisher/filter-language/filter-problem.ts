import { CausewayError } from '../../kernel/errors.ts';
import type { Place } from './expression.ts';

/** What is wrong with an expression, and where. */
export interface FilterProblem extends Place {
  /** A sentence. */
  readonly message: string;
  /** What could stand at the place instead. */
  readonly suggestion?: string;
}

/** As an error whose details are the problem. @param parameter which one it is about */
export function filterError(problem: FilterProblem, parameter = 'expression'): CausewayError {
  const { message, from, till, suggestion } = problem;
  const errors = [{ path: `/${parameter}`, message, from, till }];
  return new CausewayError('bad-request', message, {
    details: { parameter, from, till, errors, ...(suggestion !== undefined && { suggestion }) },
  });
}

/** @returns undefined for an error that is about something else */
export function filterProblemOf(thrown: unknown): FilterProblem | undefined {
  if (!(thrown instanceof CausewayError)) return undefined;
  const { from, till, suggestion } = thrown.details;
  if (typeof from !== 'number' || typeof till !== 'number') return undefined;
  return { message: thrown.message, from, till, ...(typeof suggestion === 'string' && { suggestion }) };
}
