import type { AcceptedInstance, PublishingInstances } from '../index/publishing-instances.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import type { Clock } from '../kernel/clock.ts';
import { backOffMs } from './back-off.ts';
import type { ConfirmOutcome } from './destination.ts';
import { distinct } from './distinct.ts';
import type { RunTask } from './run-task.ts';

export interface ConfirmTaskParts {
  readonly instances: PublishingInstances;
  readonly tasks: Pick<TaskStore, 'sendAgain'>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Receivers may take a while until they find what they have accepted: it is asked for so often before it is sent again. */
const askedBeforeSentAgain = 3;
/**
 * And for so long, as some archives index what has come by the minute: unless too few attempts would be left, or the
 * publisher is to be quicker than that in all that it does.
 */
const foundWithinMs = 120_000;
/** What is sent again is asked after as soon as it has left: one more is for who finds it only a while later. */
const leftAfterSentAgain = 2;

/**
 * Asks the receiver whether it has what it accepted. What it does not have is sent again, as often as the publisher's
 * retries say; then the task has failed: it said yes and meant no.
 */
export function createConfirmTask({ instances, tasks, clock, random }: ConfirmTaskParts): RunTask {
  return async ({ task, publisher, destination, sending }) => {
    if (destination.confirm === undefined) {
      return { status: 'success', note: 'This kind of destination cannot be asked.' };
    }
    const accepted = (await instances.accepted(task)).filter(({ confirmed }) => !confirmed);
    if (accepted.length === 0) return { status: 'success' };
    const outcomes = new Map<AcceptedInstance, ConfirmOutcome>();
    // Answers name an instance by its SOP Instance UID: one that another series has as well is asked about by itself.
    for (let left: readonly AcceptedInstance[] = accepted; left.length > 0; ) {
      const [byUid, later] = distinct(left, ({ sent }) => sent.sopInstanceUid);
      const round = Array.from(byUid.values(), ({ sent }) => sent);
      for (const outcome of await destination.confirm(round, sending)) {
        const one = byUid.get(outcome.sopInstanceUid);
        if (one !== undefined) outcomes.set(one, outcome);
      }
      left = later;
    }
    const missing: AcceptedInstance[] = [];
    const answers: string[] = [];
    let unknown = 0;
    const confirmations = accepted.map((one) => {
      const { status, answer } = outcomes.get(one) ?? {
        status: 'unknown',
        answer: 'The receiver said nothing about it.',
      };
      if (status === 'missing') missing.push(one);
      if (status === 'unknown') unknown += 1;
      if (status !== 'confirmed') answers.push(answer);
      return { ...keyOf(one), sourceSha256: one.sourceSha256, status, answer };
    });
    if (!(await instances.recordConfirmations(task, confirmations, clock.now()))) {
      return { status: 'written', outcome: 'waiting' };
    }
    if (missing.length + unknown === 0) return { status: 'success' };
    const failure =
      missing.length > 0
        ? `The receiver has accepted ${accepted.length} and does not have ${missing.length} of them: ${answers[0]}`
        : `The receiver cannot tell about ${unknown} of ${accepted.length}: ${answers[0]}`;
    const failed = task.attempts + 1;
    const left = publisher.retries.attempts - failed;
    const patienceMs = Math.min(foundWithinMs, 2000 * publisher.retries.maxDelaySeconds);
    const isEarly = clock.now().getTime() < task.readyAt.getTime() + patienceMs && left > leftAfterSentAgain;
    if (missing.length === 0 || failed < askedBeforeSentAgain || isEarly || left <= 0) {
      return { status: 'failed', failure };
    }
    const dueAt = new Date(clock.now().getTime() + backOffMs(failed, publisher.retries, random()));
    await tasks.sendAgain(task, missing.map(keyOf), { failure, dueAt }, clock.now());
    return { status: 'written', outcome: 'failed' };
  };
}

function keyOf({ studyKey, seriesKey, instanceKey }: AcceptedInstance) {
  return { studyKey, seriesKey, instanceKey };
}
