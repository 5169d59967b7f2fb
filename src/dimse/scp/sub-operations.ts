import type { RetrieveQuery } from '../../dicom/retrieve-query.ts';
import { asCausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { Retrieve, Target } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import type { CommandSet } from '../command/command-set.ts';
import { isWarning, statusText } from '../command/status.ts';
import { preparedAhead } from '../prepared-ahead.ts';

type IndexedInstance = Parameters<Retrieve['file']>[0];

/** How far a retrieval has come. */
export interface SubOperationCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

export interface SubOperationsOptions {
  readonly search: Pick<Search, 'findAll' | 'count'>;
  readonly retrieve: Pick<Retrieve, 'instances'>;
  readonly query: RetrieveQuery;
  /** @returns what performs the C-STORE and returns its response @throws CausewayError if it cannot be sent */
  prepare(instance: IndexedInstance): Promise<() => Promise<CommandSet>>;
  /** Called after each but the last. */
  report(counts: SubOperationCounts): Promise<void>;
  /** Ends it before the next instance. */
  readonly stop: AbortSignal;
  readonly log: Log;
}

export interface SubOperationsResult extends SubOperationCounts {
  /** At most as many as fit into one attribute. */
  readonly failedSopInstanceUids: readonly string[];
}

/** UIDs of 64 characters and a backslash in a value of 65,534 bytes. */
const maxFailedUids = 1_000;

/**
 * One C-STORE after the other for everything that a C-MOVE or C-GET asks for (PS3.4 §C.4.2.3.1). An instance that cannot
 * be sent is counted, and the next one is tried.
 * @throws CausewayError `aborted` if the association has ended, and what searching throws
 */
export async function runSubOperations(options: SubOperationsOptions): Promise<SubOperationsResult> {
  const { search, query, stop } = options;
  const total = (await search.count({ level: 'instance', conditions: query.conditions })).count;
  const done = { completed: 0, failed: 0, warning: 0 };
  const failedSopInstanceUids: string[] = [];
  const counts = (): SubOperationCounts => ({
    ...done,
    // Instances may come while others are sent.
    remaining: Math.max(0, total - done.completed - done.failed - done.warning),
  });

  /** The caller hears of one instance while the next is sent. */
  let reported: Promise<void> = Promise.resolve();
  for await (const { instance, send } of preparedAhead(instancesOf(options), (instance) => options.prepare(instance))) {
    if (stop.aborted) break;
    const outcome = await outcomeOf(instance, send, options.log);
    done[outcome] += 1;
    if (outcome === 'failed' && failedSopInstanceUids.length < maxFailedUids) {
      failedSopInstanceUids.push(instance.sopInstanceUid);
    }
    // A caller that takes no responses holds the retrieval up.
    await reported;
    if (counts().remaining > 0) reported = options.report(counts());
    reported.catch(() => {}); // told when it is waited for
  }
  await reported;
  return { ...counts(), failedSopInstanceUids };
}

/** Everything that a request asks for. */
export async function* instancesOf({
  search,
  retrieve,
  query,
}: Pick<SubOperationsOptions, 'search' | 'retrieve' | 'query'>): AsyncGenerator<IndexedInstance, void, void> {
  const level = query.level === 'patient' ? 'study' : query.level;
  for await (const { matches } of search.findAll({ level, conditions: query.conditions, include: [] })) {
    for (const match of matches) {
      const uid = (tag: string) => String(match[tag]?.Value?.[0] ?? '');
      const target: Target = {
        studyInstanceUid: uid('0020000D'),
        ...(level === 'study' ? {} : { seriesInstanceUid: uid('0020000E') }),
        ...(level === 'instance' ? { sopInstanceUid: uid('00080018') } : {}),
      };
      yield* retrieve.instances(target);
    }
  }
}

async function outcomeOf(
  instance: IndexedInstance,
  send: () => Promise<CommandSet>,
  log: Log,
): Promise<'completed' | 'failed' | 'warning'> {
  const { sopInstanceUid } = instance;
  try {
    const { status = 0x0110, errorComment } = await send();
    if (status === 0) return 'completed';
    const facts = { sopInstanceUid, status: statusText(status), reason: errorComment };
    log.warn(
      isWarning(status) ? 'The peer stored an instance with a warning.' : 'The peer refused an instance.',
      facts,
    );
    return isWarning(status) ? 'warning' : 'failed';
  } catch (thrown) {
    const error = asCausewayError(thrown);
    if (error.code === 'aborted') throw error;
    const facts = { sopInstanceUid, reason: error.message };
    const isOurs = error.code === 'stored-file-damaged' || error.code === 'internal';
    if (isOurs) log.error('An instance could not be sent.', { ...facts, error });
    else log.warn('An instance could not be sent.', facts);
    return 'failed';
  }
}
