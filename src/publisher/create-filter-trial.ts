import { namesOf } from '../dicom/match-name.ts';
import { textValues } from '../dicom/match-values.ts';
import { formatPersonName } from '../dicom/person-name.ts';
import type { FilterTrialSource, TrialBookmark, TrialInstance, TrialStudy } from '../index/filter-trial-source.ts';
import type { TimeSpan } from '../index/instance-index.ts';
import { attributesOfMetadata } from '../index/stored-metadata.ts';
import type { Filter, Refusal } from './filter.ts';
import { compileFilter } from './filter-language/compile-filter.ts';
import { filterError, filterProblemOf } from './filter-language/filter-problem.ts';

export interface TrialRequest extends TimeSpan {
  readonly expression: string;
  /** Asked first: that of the site, where it is to be narrowed. */
  readonly siteExpression?: string;
  /** Studies. */
  readonly limit: number;
}

/** A clause that said no, and to how many. */
interface CountedRefusal extends Refusal {
  /** In which expression it stands. */
  readonly expression: 'filter' | 'publisher';
  readonly instances: number;
}

interface TriedStudy {
  readonly studyInstanceUid: string;
  readonly studyDescription: string;
  readonly studyDate: string;
  readonly patientName: string;
  readonly patientId: string;
  readonly modalities: readonly string[];
  /** That were looked at. */
  readonly instances: number;
  readonly selectedInstances: number;
  /** That which said it to most first; `because` is of the first instance. */
  readonly refusals: readonly CountedRefusal[];
}

export interface Trial {
  readonly items: readonly TriedStudy[];
  readonly examined: { readonly studies: number; readonly instances: number };
  readonly selected: { readonly studies: number; readonly instances: number };
  /** Why not all that is stored was looked at; undefined if it was. */
  readonly partial: string | undefined;
}

/**
 * Asks a filter about what is stored, the newest studies first, page by page.
 * @throws CausewayError `bad-request` for what is no expression
 */
export type TryFilter = (request: TrialRequest) => Promise<Trial>;

export interface TrialLimits {
  readonly maxMs: number;
  readonly maxInstances: number;
  readonly pageInstances: number;
}

const defaultLimits: TrialLimits = { maxMs: 10_000, maxInstances: 50_000, pageInstances: 200 };
const maxRefusals = 10;

export function createFilterTrial({
  source,
  limits = {},
  now = () => performance.now(),
}: {
  readonly source: FilterTrialSource;
  readonly limits?: Partial<TrialLimits>;
  /** Monotonic, milliseconds. */
  readonly now?: () => number;
}): TryFilter {
  const { maxMs, maxInstances, pageInstances } = { ...defaultLimits, ...limits };

  return async ({ expression, siteExpression, limit, ...span }) => {
    const filters = [
      ...(siteExpression === undefined ? [] : [{ name: 'filter' as const, filter: compiledSite(siteExpression) }]),
      { name: 'publisher' as const, filter: compileFilter(expression) },
    ];
    const endsAt = now() + maxMs;
    const { studies, all } = await source.studies(span, { studies: limit, instances: maxInstances });
    const items: TriedStudy[] = [];
    let examined = 0;
    const whyEnd = () => {
      if (now() > endsAt) return `After ${maxMs / 1000} s the search was ended.`;
      return examined >= maxInstances ? `After ${maxInstances} instances the search was ended.` : undefined;
    };
    let ended: string | undefined;
    for (const study of studies) {
      const tally = createTally(filters);
      let after: TrialBookmark | undefined;
      for (let more = true; more; ) {
        ended = whyEnd();
        if (ended !== undefined) break;
        const asked = Math.min(pageInstances, maxInstances - examined);
        const page = await source.instances(study.studyId, span, after, asked);
        for (const instance of page) await tally.add(instance);
        examined += page.length;
        after = page.at(-1)?.bookmark;
        more = page.length === asked;
      }
      if (tally.instances > 0) items.push({ ...(await describedStudy(study)), ...tally.result() });
      if (ended !== undefined) break;
    }
    const partial = ended ?? (all ? undefined : `Only the ${studies.length} newest studies were looked at.`);
    const selected = items.filter(({ selectedInstances }) => selectedInstances > 0);
    return {
      items,
      examined: { studies: items.length, instances: examined },
      selected: {
        studies: selected.length,
        instances: selected.reduce((sum, { selectedInstances }) => sum + selectedInstances, 0),
      },
      partial,
    };
  };
}

function createTally(filters: readonly { readonly name: 'filter' | 'publisher'; readonly filter: Filter }[]) {
  const refusals = new Map<string, CountedRefusal>();
  let instances = 0;
  let selectedInstances = 0;
  return {
    get instances() {
      return instances;
    },
    async add({ metadata, callingAeTitle, receivedAt }: TrialInstance): Promise<void> {
      const attributes = await attributesOfMetadata(metadata);
      instances += 1;
      for (const { name, filter } of filters) {
        const refusal = filter.whyNot({ attributes, callingAeTitle, receivedAt });
        if (refusal === undefined) continue;
        const key = `${name} ${refusal.from} ${refusal.till}`;
        const before = refusals.get(key);
        refusals.set(key, { ...(before ?? { ...refusal, expression: name }), instances: (before?.instances ?? 0) + 1 });
        return;
      }
      selectedInstances += 1;
    },
    result: () => ({
      instances,
      selectedInstances,
      refusals: [...refusals.values()].sort((a, b) => b.instances - a.instances).slice(0, maxRefusals),
    }),
  };
}

async function describedStudy({ studyInstanceUid, attributes, modalities }: TrialStudy) {
  const study = await attributesOfMetadata(attributes);
  const text = (tag: string) => textValues(study[tag])[0] ?? '';
  const [name] = namesOf(study['00100010']);
  return {
    studyInstanceUid,
    studyDescription: text('00081030'),
    studyDate: text('00080020'),
    patientName: name === undefined ? '' : formatPersonName(name),
    patientId: text('00100020'),
    modalities,
  };
}

/** One that is drafted may be none yet. */
function compiledSite(text: string): Filter {
  try {
    return compileFilter(text);
  } catch (thrown) {
    const problem = filterProblemOf(thrown);
    throw problem === undefined ? thrown : filterError(problem, 'siteExpression');
  }
}
