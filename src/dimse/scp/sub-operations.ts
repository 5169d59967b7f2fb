import { asCausewayError, type CausewayError, type ErrorCode } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { CommandSet } from '../command/command-set.ts';
import { status, statusText } from '../command/status.ts';
import { isStored } from '../command/store-answer.ts';
import { preparedAhead } from '../prepared-ahead.ts';
import type { SendableInstance } from '../send-instance.ts';

/** How far a retrieval has come. */
export interface SubOperationCounts {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

/** Of an instance that could not be read: deleted as if it had never been asked for, or another in its place. */
export type LookedAgain<I> = 'unchanged' | 'deleted' | I;

type NamedInstance = Pick<SendableInstance, 'sopInstanceUid'>;

export interface SubOperationsOptions<I extends NamedInstance> {
  /** How many there are. */
  readonly total: number;
  readonly instances: AsyncIterable<I>;
  /** @returns what performs the C-STORE and returns its response @throws CausewayError if it cannot be sent */
  prepare(instance: I): Promise<() => Promise<CommandSet>>;
  /** Whether it is who receives it that has failed, whatever the instance. @param thrown by preparing or sending one */
  isReceiver(thrown: object): boolean;
  /** What has become of one that could not be read; undefined where that cannot be told. */
  lookAgain: ((instance: I) => Promise<LookedAgain<I>>) | undefined;
  /** Called after each but the last. */
  report(counts: SubOperationCounts): Promise<void>;
  /** Ends it before the next instance. */
  readonly stop: AbortSignal;
  /** The association is gone, and with it whoever would hear of anything. */
  readonly gone: AbortSignal;
  readonly log: Log;
}

export interface SubOperationsResult extends SubOperationCounts {
  /** At most as many as fit into one attribute. */
  readonly failedSopInstanceUids: readonly string[];
}

/** How what is read fails when it is deleted or replaced meanwhile. */
const ofDeleted: ReadonlySet<ErrorCode> = new Set(['not-found', 'gone', 'unavailable']);

/** UIDs of 64 characters and a backslash in a value of 65,534 bytes. */
const maxFailedUids = 1_000;

/**
 * One C-STORE after the other for everything that a C-MOVE or C-GET asks for (PS3.4 §C.4.2.3.1). An instance that cannot
 * be sent is counted, and the next one is tried.
 * @throws CausewayError `aborted` if the association has ended, and what searching throws
 */
export async function runSubOperations<I extends NamedInstance>(
  options: SubOperationsOptions<I>,
): Promise<SubOperationsResult> {
  const { total, stop } = options;
  const done = { completed: 0, failed: 0, warning: 0 };
  const failedSopInstanceUids: string[] = [];
  const counts = (): SubOperationCounts => ({
    ...done,
    // Instances may come while others are sent.
    remaining: Math.max(0, total - done.completed - done.failed - done.warning),
  });

  /** The caller hears of one instance while the next is sent. */
  let reported: Promise<void> = Promise.resolve();
  for await (const { instance, send } of preparedAhead(options.instances, (instance) => options.prepare(instance))) {
    if (stop.aborted) break;
    const outcome = await outcomeOf(instance, send, options);
    if (outcome === 'deleted') continue;
    done[outcome] += 1;
    // What cannot be read has no name.
    if (outcome === 'failed' && instance.sopInstanceUid !== '' && failedSopInstanceUids.length < maxFailedUids) {
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

async function outcomeOf<I extends NamedInstance>(
  instance: I,
  send: () => Promise<CommandSet>,
  options: Pick<SubOperationsOptions<I>, 'prepare' | 'isReceiver' | 'lookAgain' | 'gone' | 'log'>,
): Promise<'completed' | 'failed' | 'warning' | 'deleted'> {
  const { gone, log } = options;
  const { sopInstanceUid } = instance;
  try {
    const response = await send();
    const { status: code = status.processingFailure, errorComment } = response;
    if (code === status.success) return 'completed';
    const facts = { sopInstanceUid, status: statusText(code), reason: errorComment };
    const isWarning = isStored(response);
    log.warn(isWarning ? 'The peer stored an instance with a warning.' : 'The peer refused an instance.', facts);
    return isWarning ? 'warning' : 'failed';
  } catch (thrown) {
    const error = asCausewayError(thrown);
    // Whoever asks may be there although somebody else, from whom an instance was to come, has gone.
    if (error.code === 'aborted' && gone.aborted) throw error;
    const facts = { sopInstanceUid, reason: error.message };
    const now = await lookAgain(instance, error, options);
    if (now === 'deleted') return 'deleted';
    if (now !== 'unchanged') return outcomeOf(now, async () => (await options.prepare(now))(), options);
    const isOurs = error.code === 'stored-file-damaged' || error.code === 'internal';
    if (isOurs) log.error('An instance could not be sent.', { ...facts, error });
    else log.warn('An instance could not be sent.', facts);
    return 'failed';
  }
}

/** Not for each of thousands of instances where the receiver does not answer: nothing was wrong with them. */
async function lookAgain<I extends NamedInstance>(
  instance: I,
  error: CausewayError,
  options: Pick<SubOperationsOptions<I>, 'isReceiver' | 'lookAgain'>,
): Promise<LookedAgain<I>> {
  if (!ofDeleted.has(error.code) || options.isReceiver(error)) return 'unchanged';
  // Where that cannot be told, it is not known to be deleted.
  return (await options.lookAgain?.(instance).catch(() => undefined)) ?? 'unchanged';
}
