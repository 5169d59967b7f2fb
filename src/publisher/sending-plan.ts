import type { SendingPlan, TaskType } from '../index/publishing-graphs.ts';
import type { Configuration, Deidentify, Publisher, PublisherDeidentify, Upload } from './configuration.ts';
import type { Destination } from './destination.ts';

/** How things go out to a publisher: what it says itself, else what holds for all. */
export function uploadOf(publisher: Pick<Publisher, 'upload'>, configuration: Pick<Configuration, 'upload'>): Upload {
  const { deidentify, ...own } = publisher.upload;
  const ofSite = configuration.upload;
  return {
    ...ofSite,
    ...own,
    deidentify: deidentify === undefined ? ofSite.deidentify : completed(deidentify, ofSite.deidentify),
  };
}

/** With a profile, nothing that the site removes goes out because a list of the publisher leaves it out, or is empty. */
function completed({ profile, alsoRemove = [], keep = [] }: PublisherDeidentify, ofSite: Deidentify): Deidentify {
  const ofAll = profile === 'none' ? [] : ofSite.alsoRemove;
  return { profile, alsoRemove: [...new Set([...alsoRemove, ...ofAll])], keep };
}

/** Whether something is taken out of what goes there. */
export function isDeidentified({ deidentify }: Upload): boolean {
  return deidentify.profile !== 'none' || deidentify.alsoRemove.length > 0;
}

/** Expressions that an instance has to fulfil to go there, each with whose it is. */
export function filtersOf(
  publisher: Publisher,
  configuration: Configuration,
  instead?: string,
): { readonly of: 'site' | 'publisher' | 'replay'; readonly expression: string }[] {
  const filters =
    instead === undefined
      ? ([
          { of: 'site', expression: configuration.filter.expression },
          { of: 'publisher', expression: publisher.expression },
        ] as const)
      : ([{ of: 'replay', expression: instead }] as const);
  return filters.filter(({ expression }) => expression.trim() !== '');
}

/** Instances of a unit that is told in one message, at most. */
const maxWholeUnit = 100_000;

/** The tasks of what goes to a publisher, as it is configured and as far as its kind of destination can tell. */
export function sendingPlan(
  publisher: Publisher,
  configuration: Configuration,
  destination: Pick<Destination, 'confirm' | 'results' | 'wholeUnits'>,
): SendingPlan {
  const upload = uploadOf(publisher, configuration);
  const hasResults = publisher.results !== undefined && destination.results !== undefined;
  const ofBatch: readonly (TaskType | false)[] = [
    upload.transferSyntaxUid !== undefined && 'compress',
    isDeidentified(upload) && 'anonymise',
    'upload',
    publisher.confirm && destination.confirm !== undefined && 'confirm',
  ];
  const afterwards: readonly (TaskType | false)[] = [
    hasResults && 'results',
    hasResults && (publisher.results?.publishBackTo.length ?? 0) > 0 && 'publish-back',
  ];
  return {
    batchSize: destination.wholeUnits === true ? maxWholeUnit : upload.batchSize,
    ofBatch: ofBatch.filter((type) => type !== false),
    afterwards: afterwards.filter((type) => type !== false),
  };
}
