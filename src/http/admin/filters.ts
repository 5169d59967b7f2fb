import { compileFilter } from '../../publisher/filter-language/compile-filter.ts';
import { filterNames } from '../../publisher/filter-language/filter-names.ts';
import { type FilterProblem, filterProblemOf } from '../../publisher/filter-language/filter-problem.ts';
import type { Operation } from '../exchange.ts';
import type { components } from '../openapi.gen.ts';
import { pageOf, pageOfItems } from './page-of-items.ts';

type Check = components['schemas']['FilterCheck'];
type Attribute = components['schemas']['FilterAttribute'];

/** Help with the filter language. Bodies are as the OpenAPI document has them. */
export function filterOperations() {
  const check: Operation = async ({ request, response }) => {
    const { expression } = request.body as { readonly expression: string };
    const error = problemOf(expression);
    response.json((error === undefined ? { ok: true } : { ok: false, error }) satisfies Check);
  };
  const attributes: Operation = async ({ response, query }) => {
    const { limit, offset } = pageOf(query);
    const found = filterNames(query.get('text') ?? '');
    const items = found.slice(offset, offset + limit).map(
      ({ keyword, tag, vr, name, type }): Attribute => ({
        keyword,
        ...(tag !== undefined && { tag }),
        ...(vr !== undefined && { vr }),
        name,
        type,
      }),
    );
    response.json(pageOfItems(items, found.length, offset));
  };
  return { checkFilter: check, listFilterAttributes: attributes };
}

/** That an expression is none is an answer: whoever asks wants to know why. */
function problemOf(expression: string): FilterProblem | undefined {
  try {
    compileFilter(expression);
    return undefined;
  } catch (thrown) {
    const problem = filterProblemOf(thrown);
    if (problem === undefined) throw thrown;
    return problem;
  }
}
