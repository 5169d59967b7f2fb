import type { DeliveryLedger } from '../index/deliveries.ts';
import type { Index } from '../index/instance-index.ts';
import type { ArrivalStore } from '../index/publishing-arrivals.ts';
import type { PublishingLists, Task } from '../index/publishing-lists.ts';
import { attributesOfMetadata } from '../index/stored-metadata.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Configuration, Publisher } from './configuration.ts';
import { type DeliveryState, deliveryState } from './delivery-state.ts';
import type { DestinationsInUse } from './destinations-in-use.ts';
import type { Filter } from './filter.ts';
import type { WhyNot } from './publishing.ts';
import { opensAt } from './schedule.ts';
import { filtersOf, uploadOf } from './sending-plan.ts';

export interface WhyNotParts {
  readonly ledger: Pick<DeliveryLedger, 'summaries' | 'excluded'>;
  readonly lists: Pick<PublishingLists, 'tasks'>;
  readonly arrivals: Pick<ArrivalStore, 'waitingSince'>;
  readonly index: Pick<Index, 'known'>;
  readonly destinations: DestinationsInUse;
  readonly compileFilter: (expression: string) => Filter;
  readonly clock: Clock;
}

/** Tasks of each kind that are told. */
const mostTasks = 50;
/** Instances about which filters are asked again. */
const mostExcluded = 500;

/** Where a study is on its way to a publisher, and what keeps it from getting there. */
export async function whyNot(
  parts: WhyNotParts,
  studyInstanceUid: string,
  publisher: Publisher,
  configuration: Configuration,
): Promise<WhyNot> {
  const { ledger, lists, arrivals, index, destinations, clock } = parts;
  const { name } = publisher;
  const page = { order: 'oldest', limit: mostTasks, offset: 0 } as const;
  const [summaries, failed, open, since, knowledge] = await Promise.all([
    ledger.summaries(studyInstanceUid, [name]),
    lists.tasks({ publisher: name, studyInstanceUid, status: 'FAILED' }, page, clock.now()),
    lists.tasks({ publisher: name, studyInstanceUid, status: 'INITIAL' }, page, clock.now()),
    arrivals.waitingSince(name, studyInstanceUid),
    index.known({ studyInstanceUid }),
  ]);
  const state = await deliveryState(destinations, configuration, summaries.find((one) => one.publisher === name)!);
  const refusals = state.excluded > 0 ? await refusalsOf(parts, studyInstanceUid, publisher, configuration) : [];
  const reasons = [
    ...(knowledge.state === 'stored'
      ? []
      : [`The study is ${knowledge.state === 'erased' ? 'deleted' : 'not stored'} here.`]),
    ...(publisher.enabled
      ? []
      : [`The publisher ${name} is disabled: what arrives meanwhile and what is under way waits.`]),
    ...failed.items.map(({ type, failure }) => `${type} has failed: ${failure ?? 'for no reason that is known.'}`),
    ...receiptReasons(state),
    ...waitingReasons(open.items, publisher, configuration, clock.now()),
    ...(since === undefined ? [] : [restReason(since, publisher, configuration)]),
    ...refusals.map(({ of, because, instances }) => `The filter of the ${of} says no to ${instances}: ${because}`),
  ];
  const verdict = verdictOf(state, { failed: failed.total, open: open.total, isArriving: since !== undefined });
  if (verdict === 'not-planned' && reasons.length === 0) {
    reasons.push(`Nothing of the study was to go to ${name} when it arrived: a replay sends it, or sending it now.`);
  }
  if (verdict === 'delivered') reasons.push(`All ${state.selected} instances are there.`);
  return { verdict, reasons, refusals, tasks: [...failed.items, ...open.items] };
}

function verdictOf(
  { selected, accepted, excluded, unplanned, denied, missing }: DeliveryState,
  { failed, open, isArriving }: { failed: number; open: number; isArriving: boolean },
): WhyNot['verdict'] {
  if (open > 0 || isArriving) return 'waiting';
  if (failed > 0) return 'failed';
  if (denied > 0) return 'failed';
  if (selected > 0 && missing === 0 && excluded + unplanned === 0) return 'delivered';
  if (excluded > 0 && accepted > 0) return 'partly';
  if (excluded > 0) return 'not-selected';
  return selected > accepted ? 'waiting' : accepted > 0 ? 'partly' : 'not-planned';
}

/** What the receiver says of what it has taken. */
function receiptReasons({ accepted, confirmed, denied, inDoubt, selected, missing }: DeliveryState): string[] {
  const unconfirmed = missing - (selected - accepted) - denied - inDoubt;
  return [
    ...(denied > 0 ? [`The receiver has accepted ${accepted}, and says that it does not have ${denied} of them.`] : []),
    ...(unconfirmed > 0 ? [`The receiver has accepted ${accepted}, and confirmed ${confirmed} of them.`] : []),
    ...(inDoubt > 0
      ? [
          `Of ${inDoubt}, the receiver had something already when they came, or does not say that it has stored them: it may have another content of them.`,
        ]
      : []),
  ];
}

function restReason(since: Date, publisher: Publisher, configuration: Configuration): string {
  const { quietSeconds } = uploadOf(publisher, configuration);
  return `Something came at ${since.toISOString()}: the ${publisher.unit} counts as complete when nothing has come for ${quietSeconds} s.`;
}

function waitingReasons(
  open: readonly Task[],
  publisher: Publisher,
  configuration: Configuration,
  now: Date,
): string[] {
  const opens = opensAt(uploadOf(publisher, configuration).schedule, now);
  const reasons = new Set<string>();
  for (const { type, failure, attempts, dueAt, runningOn, done, total } of open) {
    if (runningOn !== undefined) reasons.add(`${type} is under way: ${done} of ${total}.`);
    else if (failure !== undefined) {
      reasons.add(`${type} has failed ${attempts} times and is tried again at ${dueAt?.toISOString()}: ${failure}`);
    } else if (type === 'upload' && opens > now) {
      reasons.add(`Things leave by a schedule, the next time at ${opens.toISOString()}.`);
    } else if (dueAt !== undefined && dueAt > now) reasons.add(`${type} is done at ${dueAt.toISOString()}.`);
    else reasons.add(`${type} waits for its turn.`);
  }
  return [...reasons];
}

/** The filters as they are now, about what they did not select then. */
async function refusalsOf(
  { ledger, compileFilter }: WhyNotParts,
  studyInstanceUid: string,
  publisher: Publisher,
  configuration: Configuration,
): Promise<WhyNot['refusals']> {
  const found = new Map<string, WhyNot['refusals'][number]>();
  const compiled = new Map<string, Filter>();
  const filterFor = (expression: string): Filter => {
    const known = compiled.get(expression) ?? compileFilter(expression);
    compiled.set(expression, known);
    return known;
  };
  const excluded = await ledger.excluded(studyInstanceUid, publisher.name, mostExcluded);
  for (const { metadata, callingAeTitle, receivedAt, expression: own } of excluded) {
    const subject = { attributes: await attributesOfMetadata(metadata), callingAeTitle, receivedAt };
    for (const { of, expression } of filtersOf(publisher, configuration, own)) {
      const refusal = filterFor(expression).whyNot(subject);
      if (refusal === undefined) continue;
      const key = JSON.stringify([of, refusal]);
      found.set(key, { ...refusal, of, instances: (found.get(key)?.instances ?? 0) + 1 });
      break;
    }
  }
  return [...found.values()].sort((a, b) => b.instances - a.instances);
}
