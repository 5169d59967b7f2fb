import type { BlobStore } from '../blobs/blob-store.ts';
import { mayBeThere } from '../index/deliveries.ts';
import type { Index } from '../index/instance-index.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import type { InstanceEnd, PendingInstance, PreparedFile, PublishingInstances } from '../index/publishing-instances.ts';
import type { TaskStore } from '../index/publishing-tasks.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError, type CausewayError } from '../kernel/errors.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { OutgoingInstance, SendOutcome } from './destination.ts';
import { distinct } from './distinct.ts';
import type { PlaceOf } from './place-of.ts';
import { endOfReplaced } from './replaced-instance.ts';
import type { RunningTask, RunTask, TaskEnd } from './run-task.ts';
import { isPassing } from './trouble.ts';
import { rulesOf } from './way-of.ts';

export interface UploadTaskParts {
  readonly instances: PublishingInstances;
  readonly tasks: Pick<TaskStore, 'prepareAgain'>;
  readonly index: Pick<Index, 'instance'>;
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly retrieve: Pick<Retrieve, 'file' | 'converted' | 'producible'>;
  readonly placeOf: PlaceOf;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each instance that has left, or was not taken. */
  readonly onOutcome: (publisher: string, outcome: SendOutcome['status']) => void;
}

/** An instance on its way. */
interface Leaving {
  readonly pending: PendingInstance;
  readonly outgoing: OutgoingInstance;
}

/** What was answered is written down at least so often, lest it is sent again after a crash. */
const writeEveryMs = 1_000;

/** Sends a batch: what was accepted before is not in it any more. */
export function createUploadTask(parts: UploadTaskParts): RunTask {
  const { instances, tasks, clock } = parts;

  return async (running) => {
    const { task } = running;
    const pending = await instances.pending(task);
    const { leaving, ends, identified, outdated } = await leave(parts, running, pending);
    if (ends.length > 0 && !(await instances.recordEnds(task, ends, clock.now()))) return lost;
    if (identified > 0) {
      const failure = 'It was planned before de-identification was switched on: send it again.';
      return { status: 'failed', failure, forGood: true };
    }
    if (outdated > 0) {
      await tasks.prepareAgain(task, clock.now());
      return { status: 'written', outcome: 'waiting' };
    }
    if (leaving.length === 0) return { status: 'success', note: 'Nothing was left to be sent.' };
    return sendAll(parts, running, leaving);
  };
}

/**
 * Looks up what is to be sent; what has been deleted or replaced here since is not. `identified`: what still says whose it
 * is, and may not; `outdated`: what was de-identified by other rules than those of now.
 */
async function leave(parts: UploadTaskParts, running: RunningTask, pending: readonly PendingInstance[]) {
  const leaving: Leaving[] = [];
  const ends: InstanceEnd[] = [];
  const pace = createPace(parts, running);
  const rules = rulesOf(running.publisher, running.configuration);
  let identified = 0;
  let outdated = 0;
  for (const one of pending) {
    running.alive();
    const stored = await parts.index.instance(one);
    if (stored === undefined) {
      ends.push({ ...keyOf(one), status: 'gone', answer: 'It was deleted here.' });
      continue;
    }
    const replaced = endOfReplaced(one, stored);
    if (replaced !== undefined) {
      ends.push(replaced);
      continue;
    }
    // De-identified is what has another study than the stored file.
    if (rules !== undefined) {
      if (one.prepared === undefined || one.prepared.studyInstanceUid === stored.studyInstanceUid) identified += 1;
      else if (one.prepared.deidentifiedBy !== rules) outdated += 1;
    }
    const outgoing = one.prepared === undefined ? asStored(parts, stored) : asPrepared(parts, one.prepared);
    leaving.push({ pending: one, outgoing: { ...outgoing, open: () => pace(outgoing.open()) } });
  }
  return { leaving, ends, identified, outdated };
}

function asStored({ retrieve }: UploadTaskParts, stored: IndexedInstance): OutgoingInstance {
  return {
    studyInstanceUid: stored.studyInstanceUid,
    seriesInstanceUid: stored.seriesInstanceUid,
    sopInstanceUid: stored.sopInstanceUid,
    sopClassUid: stored.sopClassUid,
    transferSyntaxUid: stored.transferSyntaxUid,
    size: stored.size,
    sha256: stored.sha256.toString('hex'),
    open: () => retrieve.file(stored),
    otherwise: {
      transferSyntaxUids: retrieve.producible(stored),
      open: (transferSyntaxUid) => retrieve.converted(stored, transferSyntaxUid),
    },
  };
}

function asPrepared(
  { blobs }: UploadTaskParts,
  { blobKey, deidentifiedBy: _, ...facts }: PreparedFile,
): OutgoingInstance {
  return { ...facts, open: () => blobs.read(blobKey) };
}

/**
 * What is limited to so many a second begins no earlier, instance by instance; the time of the batch is reserved when its
 * task is begun.
 */
function createPace({ clock, sleep }: UploadTaskParts, { publisher, sending, alive }: RunningTask) {
  const { maxInstancesPerSecond: rate } = publisher;
  const begunAt = clock.now().getTime();
  let opened = 0;
  return async function* (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    if (rate !== undefined) {
      const beginAt = begunAt + (opened++ * 1000) / rate;
      for (let left = beginAt - clock.now().getTime(); left > 0; left = beginAt - clock.now().getTime()) {
        await sleep(Math.min(left, 10_000), sending.signal);
        alive();
      }
    }
    for await (const chunk of content) {
      alive();
      yield chunk;
    }
  };
}

async function sendAll(parts: UploadTaskParts, running: RunningTask, all: readonly Leaving[]): Promise<TaskEnd> {
  const { instances, clock, onOutcome } = parts;
  const { task, publisher, destination, sending, alive } = running;
  const place = await parts.placeOf(publisher, running.configuration);
  const unsendable = new Map<PendingInstance, CausewayError>();
  const failures: string[] = [];
  let left = all.map((one) => withReadErrors(one, unsendable));
  for (;;) {
    // Answers name an instance by its SOP Instance UID: one that another series has as well goes in the next round.
    const [byUid, later] = distinct(left, ({ outgoing }) => outgoing.sopInstanceUid);
    const round = [...byUid.values()];
    const before = new Map<string, Promise<number>>();
    // Asked once, as what this send has had accepted is written down while it goes on.
    const acceptedBefore = (series: string): Promise<number> => {
      const known = before.get(series);
      if (known !== undefined) return known;
      const one = round.find(({ outgoing }) => outgoing.seriesInstanceUid === series);
      const asked = one === undefined ? Promise.resolve(0) : instances.acceptedOfSeries(task, one.pending);
      before.set(series, asked);
      return asked;
    };
    let ends: InstanceEnd[] = [];
    let writtenAt = performance.now();
    let trouble: CausewayError | undefined;
    const write = async (): Promise<boolean> => {
      const written = ends;
      ends = [];
      writtenAt = performance.now();
      return written.length === 0 || instances.recordEnds(task, written, clock.now());
    };
    try {
      for await (const said of destination.send(
        round.map(({ outgoing }) => outgoing),
        { ...sending, acceptedBefore },
      )) {
        alive();
        const one = byUid.get(said.sopInstanceUid);
        if (one === undefined || unsendable.has(one.pending)) continue;
        const outcome = withLostAnswer(running, one.pending, said);
        byUid.delete(outcome.sopInstanceUid);
        onOutcome(publisher.name, outcome.status);
        if (outcome.status === 'failed') failures.push(outcome.answer);
        ends.push(endOf(one, outcome, place));
        if (performance.now() - writtenAt >= writeEveryMs && !(await write())) return lost;
      }
    } catch (thrown) {
      trouble = asCausewayError(thrown);
    }
    const poisoned = round.filter(({ pending }) => unsendable.has(pending));
    for (const { pending, outgoing } of poisoned) {
      byUid.delete(outgoing.sopInstanceUid);
      ends.push({
        ...keyOf(pending),
        status: 'unsendable',
        answer: unsendable.get(pending)!.message,
      });
    }
    if (!(await write())) return lost;
    // What was broken off by a file of ours that cannot be read is no failure of the receiver: the others go at once.
    if (poisoned.length > 0 && byUid.size + later.length > 0) {
      left = [...byUid.values(), ...later];
      continue;
    }
    if (trouble) throw trouble;
    for (const _silent of byUid) failures.push('The receiver said nothing about it.');
    if (later.length > 0) {
      left = later;
      continue;
    }
    return failures.length > 0 ? failedInPart(failures, all.length) : { status: 'success' };
  }
}

function failedInPart(failures: readonly string[], all: number): TaskEnd {
  const answers = [...new Set(failures)];
  const more = answers.length > 1 ? ` (and ${answers.length - 1} other answers)` : '';
  return { status: 'failed', failure: `${failures.length} of ${all} failed: ${answers[0]}${more}` };
}

/** Remembers of which instance the file cannot be read, whatever becomes of the request that it was part of. */
function withReadErrors(one: Leaving, unsendable: Map<PendingInstance, CausewayError>): Leaving {
  const { pending, outgoing } = one;
  async function* open(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* outgoing.open();
    } catch (thrown) {
      const error = asCausewayError(thrown);
      if (!isPassing(error)) unsendable.set(pending, error);
      throw thrown;
    }
  }
  return { ...one, outgoing: { ...outgoing, open } };
}

/**
 * Where the answer to it was lost, the receiver may say that it has it already: whether it does, it is asked for then, and what
 * it has stays in doubt. Of what was never sent before, or refused with a reason, it has something else.
 */
function withLostAnswer(
  { task, publisher, destination }: RunningTask,
  { wasRefused }: PendingInstance,
  outcome: SendOutcome,
): SendOutcome {
  const isAsked = publisher.confirm && destination.confirm !== undefined;
  const isSentBefore = task.claim > 1 && !wasRefused;
  if (outcome.status !== 'refused' || outcome.isThere !== true || !isSentBefore || !isAsked) return outcome;
  const answer = `${outcome.answer}${mayBeThere}`;
  return { ...outcome, status: 'accepted', answer, inDoubt: true };
}

function endOf({ pending, outgoing }: Leaving, outcome: SendOutcome, place: string | undefined): InstanceEnd {
  const { status, answer, sent, inDoubt = false } = outcome;
  if (status === 'failed') return { ...keyOf(pending), status: 'pending', answer };
  const { open: _open, otherwise: _otherwise, ...facts } = outgoing;
  return {
    ...keyOf(pending),
    status,
    answer,
    sourceSha256: pending.sourceSha256,
    sent: { ...facts, ...sent },
    inDoubt,
    place,
  };
}

const lost = { status: 'written', outcome: 'waiting' } as const;

function keyOf({ studyKey, seriesKey, instanceKey }: PendingInstance) {
  return { studyKey, seriesKey, instanceKey };
}
