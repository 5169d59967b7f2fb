import type { ProposedContext } from '../association/associate-request.ts';

/** Presentation contexts have odd ids from 1 to 255. PS3.8 §9.3.2.2. */
export const maxContexts = 128;

/** Gives contexts their ids; what there is no id for is left out. */
export function numberedContexts(contexts: readonly Omit<ProposedContext, 'id'>[]): ProposedContext[] {
  return contexts.slice(0, maxContexts).map((context, at) => ({ id: 2 * at + 1, ...context }));
}
