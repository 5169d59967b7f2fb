import type { Configuration } from '../../publisher/configuration.ts';
import type { Configurations } from '../../publisher/configurations.ts';
import type { TryFilter } from '../../publisher/create-filter-trial.ts';
import { compileFilter } from '../../publisher/filter-language/compile-filter.ts';
import { filterNames } from '../../publisher/filter-language/filter-names.ts';
import { type FilterProblem, filterProblemOf } from '../../publisher/filter-language/filter-problem.ts';
import type { Operation } from '../exchange.ts';
import type { components, operations } from '../openapi.gen.ts';
import { pageOf, pageOfItems } from './page-of-items.ts';

type Check = components['schemas']['FilterCheck'];
type Attribute = components['schemas']['FilterAttribute'];
type Trial = components['schemas']['FilterTrial'];
type TrialBody = operations['tryFilter']['requestBody']['content']['application/json'];

export interface FilterParts {
  readonly tryFilter: TryFilter;
  readonly configurations: Pick<Configurations, 'document'>;
}

/** Help with the filter language. Bodies are as the OpenAPI document has them. */
export function filterOperations({ tryFilter, configurations }: FilterParts) {
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
  const trial: Operation = async ({ request, response }) => {
    const { expression, alsoSiteFilter, siteExpression, from, till, limit = 100 } = request.body as TrialBody;
    const site = siteExpression ?? (alsoSiteFilter === true ? await savedSiteExpression(configurations) : undefined);
    const { partial, items, ...counts } = await tryFilter({
      expression,
      ...(site !== undefined && { siteExpression: site }),
      from: from === undefined ? undefined : new Date(from),
      before: till === undefined ? undefined : new Date(till),
      limit,
    });
    const body: Trial = {
      items: items.map(({ refusals, modalities, ...study }) => ({
        ...study,
        modalities: [...modalities],
        ...(refusals.length > 0 && { refusals: refusals.map((refusal) => ({ ...refusal })) }),
      })),
      ...counts,
      complete: partial === undefined,
      ...(partial !== undefined && { because: partial }),
    };
    response.json(body);
  };
  return { checkFilter: check, listFilterAttributes: attributes, tryFilter: trial };
}

async function savedSiteExpression(configurations: Pick<Configurations, 'document'>): Promise<string> {
  const { configuration } = await configurations.document();
  return (configuration as Configuration).filter.expression;
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
