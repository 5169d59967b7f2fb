import type { PublishingInstances } from '../index/publishing-instances.ts';
import type { ResultStore } from '../index/publishing-results.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Result, ResultsTrouble } from './destination.ts';
import type { PublishBack } from './publish-back.ts';
import { type ResultParts, receiveResult } from './receive-result.ts';
import { resultsDeadline } from './results-deadline.ts';
import type { RunningTask, RunTask, TaskEnd } from './run-task.ts';
import { type SentStudy, sentStudies } from './sent-study.ts';

export interface ResultsTaskParts extends ResultParts {
  readonly instances: Pick<PublishingInstances, 'sent'>;
  readonly results: ResultStore;
  readonly publishBack: PublishBack;
  readonly clock: Clock;
}

/** What was asked this time. */
interface Asked {
  /** Nothing more is to come, as far as all is had that was named. */
  complete: boolean;
  /** Something was told. */
  isAnswered: boolean;
  readonly troubles: ResultsTrouble[];
  /** Results that could not be had, with the reason of the first. */
  missing: number;
  reason: string | undefined;
}

/** What has not come for long is asked for less often. */
const longestPauseMs = 300_000;
/** A receiver that does not know what it has accepted is believed after so long. */
const lateMs = 600_000;
/** Where nobody answers so often, one after the other, the rest waits for the next time. */
const mostUnreachable = 5;

/**
 * Asks the receiver what it has made of what it was sent, until it has said all or is asked no more. What is new is stored
 * with the identity that its subject has here, through the door that everything comes in by, and goes on at once to those
 * that are to have it. One that cannot be had keeps no other from being stored.
 */
export function createResultsTask(parts: ResultsTaskParts): RunTask {
  const { results, instances, clock } = parts;

  return async (running) => {
    const { task, publisher, destination, sending } = running;
    if (destination.results === undefined || publisher.results === undefined) {
      return { status: 'success', note: 'Nothing is made of it there.' };
    }
    const asked: Asked = { complete: true, isAnswered: false, troubles: [], missing: 0, reason: undefined };
    let failure: { readonly thrown: unknown } | undefined;
    for (const study of await sentStudies(instances.sent(task.graphId))) {
      try {
        await ask(parts, running, study, asked);
      } catch (thrown) {
        sending.signal.throwIfAborted();
        failure ??= { thrown };
      }
    }
    // With every question, as what a crash has kept from going on is here as well.
    await parts.publishBack(publisher, task.graphId);
    if (failure !== undefined) throw failure.thrown;
    return endOf(running, asked, await results.tally(task.graphId, task.wave), clock.now().getTime());
  };
}

async function ask(parts: ResultsTaskParts, running: RunningTask, study: SentStudy, asked: Asked): Promise<void> {
  const { results } = parts;
  const { publisher, destination, sending } = running;
  const { name } = publisher;
  const unit = {
    studyInstanceUid: study.studyInstanceUid,
    seriesInstanceUids: study.seriesInstanceUids,
    sopInstanceUids: study.sopInstanceUids,
    known: async (resultIds: readonly string[]) => {
      const known = [...(await results.known(name, resultIds))];
      return new Set(known.flatMap(([id, status]) => (status === 'missing' ? [] : [id])));
    },
    everSent: () => results.everSent(name, study.original.studyInstanceUid),
  };
  const answer = await destination.results!(unit, sending);
  running.alive();
  asked.complete &&= answer.complete;
  asked.isAnswered ||= answer.isAnswered !== false;
  asked.troubles.push(...(answer.troubles ?? []));
  const known = await results.known(
    name,
    answer.results.map(({ id }) => id),
  );
  // What could not be had before comes last: it keeps nothing that is new from being fetched.
  const fresh = answer.results.filter(({ id }) => !known.has(id));
  const missed = answer.results.filter(({ id }) => known.get(id) === 'missing');
  await fetchAll(parts, running, study, { fresh, missed }, asked);
}

async function fetchAll(
  parts: ResultsTaskParts,
  running: RunningTask,
  study: SentStudy,
  { fresh, missed }: { readonly fresh: readonly Result[]; readonly missed: readonly Result[] },
  asked: Asked,
): Promise<void> {
  const { results, clock } = parts;
  const { task, publisher } = running;
  const wanted = [...fresh, ...missed];
  let unreachable = 0;
  for (const [at, result] of wanted.entries()) {
    if (unreachable === mostUnreachable) {
      asked.missing += wanted.length - at;
      return;
    }
    const {
      isUnreachable = false,
      isRepeated = false,
      ...received
    } = await receiveResult(parts, running, study, result);
    unreachable = isUnreachable ? unreachable + 1 : 0;
    if (received.status === 'missing') {
      asked.missing += 1;
      asked.reason ??= received.answer;
    }
    running.alive();
    // Its name may be another each time that it is asked for: only what was missing by that name is not any more.
    if (isRepeated && at < fresh.length) continue;
    const { graphId, wave } = task;
    const { id: resultId } = result;
    await results.record({ publisher: publisher.name, resultId, graphId, wave, ...received, at: clock.now() });
  }
}

function endOf(
  { task, publisher }: RunningTask,
  asked: Asked,
  tally: Awaited<ReturnType<ResultStore['tally']>>,
  now: number,
): TaskEnd {
  const { waitSeconds, pollSeconds } = publisher.results!;
  const { complete, isAnswered, missing, troubles } = asked;
  const readyAt = task.readyAt.getTime();
  const deadline = resultsDeadline(task, publisher)!;
  const { stored } = tally;
  const failures = failuresOf(asked, tally);
  const isLate = now >= Math.min(deadline, readyAt + lateMs);
  const isOpen = !complete || missing > 0 || (!isLate && troubles.some(({ mayPass }) => mayPass));
  if (isOpen && now < deadline) {
    const note = [`${stored} results so far.`, ...failures].join(' ');
    const pauseMs = Math.max(pollSeconds * 1000, Math.min((now - readyAt) / 10, longestPauseMs));
    return { status: 'waiting', dueAt: new Date(Math.min(now + pauseMs, deadline)), note, isAnswered };
  }
  if (failures.length > 0) {
    return { status: 'failed', failure: [...failures, `${stored} results were stored.`].join(' '), forGood: true };
  }
  const others = tally.leftOut === 0 ? '' : ` ${tally.leftOut} others are nothing that is kept.`;
  if (complete) return { status: 'success', note: `${stored} results were stored.${others}` };
  // DICOMweb never says that this was all; who does and has not is late.
  if (stored > 0 || publisher.destination.kind === 'stow') {
    const note = `${stored} results were stored; there may be more after ${waitSeconds} s.${others}`;
    return { status: 'success', note };
  }
  return { status: 'failed', failure: `There are no results within ${waitSeconds} s.`, forGood: true };
}

/** What somebody has to see to, in sentences. */
function failuresOf(
  { missing, reason, troubles }: Asked,
  { stored, refused, refusal }: Awaited<ReturnType<ResultStore['tally']>>,
): string[] {
  const all = stored + refused + missing;
  const were = (count: number) => `${count} of ${all} results ${count === 1 ? 'was' : 'were'}`;
  const [first, ...others] = troubles;
  return [
    ...(refused > 0 ? [`${were(refused)} not kept: ${refusal ?? ''}`] : []),
    ...(missing > 0 ? [`${were(missing)} not to be had: ${reason ?? 'nobody answers.'}`] : []),
    ...(first === undefined ? [] : [first.words]),
    ...(others.length === 0 ? [] : [`The same, or the like, of ${others.length} others.`]),
  ];
}
