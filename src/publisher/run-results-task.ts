import type { DicomJson } from '../dicom/json-model.ts';
import type { AcceptedInstance, PublishingInstances } from '../index/publishing-instances.ts';
import type { ResultStore } from '../index/publishing-results.ts';
import type { Ingest, InstanceOutcome } from '../ingest/ingest.ts';
import type { Clock } from '../kernel/clock.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import { groupBy } from '../kernel/group-by.ts';
import { peek } from '../kernel/peek.ts';
import type { Retrieve, Target } from '../retrieve/retrieve.ts';
import type { Result, ResultsUnit } from './destination.ts';
import type { PublishBack } from './publish-back.ts';
import type { RunningTask, RunTask } from './run-task.ts';
import { isPassing } from './trouble.ts';
import type { Vault } from './vault.ts';
import { wrappedResult } from './wrapped-result.ts';

export interface ResultsTaskParts {
  readonly instances: Pick<PublishingInstances, 'sent'>;
  readonly results: ResultStore;
  readonly retrieve: Pick<Retrieve, 'metadata'>;
  readonly ingest: Ingest;
  readonly vault: Vault;
  readonly publishBack: PublishBack;
  readonly clock: Clock;
}

/** A study as the receiver knows it, and as it is here. */
interface SentStudy extends ResultsUnit {
  readonly original: Pick<Target, 'studyInstanceUid'>;
  readonly instances: readonly SentInstance[];
}

interface SentInstance {
  readonly sent: Pick<AcceptedInstance['sent'], 'seriesInstanceUid' | 'sopInstanceUid'>;
  readonly original: Required<Target>;
}

/** What became of a result. */
type Received = { readonly stored: Required<Target> | undefined; readonly answer: string };

/** Of a file that is no DICOM: it is held whole. */
const maxForeignBytes = 67_108_864;
/** What has not come for long is asked for less often. */
const longestPauseMs = 300_000;

/**
 * Asks the receiver what it has made of what it was sent, until it has said all or is asked no more. What is new is stored
 * with the identity that its subject has here, through the door that everything comes in by, and goes on at once to those
 * that are to have it.
 */
export function createResultsTask(parts: ResultsTaskParts): RunTask {
  const { results, instances, clock } = parts;

  return async (running) => {
    const { task, publisher, destination, sending } = running;
    if (destination.results === undefined || publisher.results === undefined) {
      return { status: 'success', note: 'Nothing is made of it there.' };
    }
    const { waitSeconds, pollSeconds } = publisher.results;
    let complete = true;
    for (const study of await studiesOf(instances.sent(task.graphId))) {
      const answer = await destination.results(study, sending);
      running.alive();
      complete &&= answer.complete;
      const known = await results.known(
        publisher.name,
        answer.results.map(({ id }) => id),
      );
      for (const result of answer.results) {
        if (known.has(result.id)) continue;
        const received = await receive(parts, running, study, result);
        await results.record({
          publisher: publisher.name,
          resultId: result.id,
          graphId: task.graphId,
          wave: task.wave,
          ...received,
          at: clock.now(),
        });
        running.alive();
      }
      // With every question, as what a crash has kept from going on is here as well.
      await parts.publishBack(publisher, task.graphId);
    }
    const stored = await results.stored(task.graphId);
    if (complete) return { status: 'success', note: `${stored} results were stored.` };
    const now = clock.now().getTime();
    if (now < task.readyAt.getTime() + waitSeconds * 1000) {
      const note = `${stored} results so far.`;
      const waited = now - task.readyAt.getTime();
      const pauseMs = Math.max(pollSeconds * 1000, Math.min(waited / 10, longestPauseMs));
      const dueAt = new Date(Math.min(now + pauseMs, task.readyAt.getTime() + waitSeconds * 1000));
      return { status: 'waiting', dueAt, note };
    }
    // DICOMweb never says that this was all; who does and has not is late.
    if (stored > 0 || publisher.destination.kind === 'stow') {
      return { status: 'success', note: `${stored} results were stored; there may be more after ${waitSeconds} s.` };
    }
    return { status: 'failed', failure: `There are no results within ${waitSeconds} s.`, forGood: true };
  };
}

async function studiesOf(sent: AsyncIterable<AcceptedInstance>): Promise<SentStudy[]> {
  const studies = new Map<string, SentInstance[]>();
  for await (const { sent: as, studyInstanceUid, seriesInstanceUid, sopInstanceUid } of sent) {
    const instances = studies.get(as.studyInstanceUid) ?? [];
    studies.set(as.studyInstanceUid, instances);
    instances.push({
      sent: { seriesInstanceUid: as.seriesInstanceUid, sopInstanceUid: as.sopInstanceUid },
      original: { studyInstanceUid, seriesInstanceUid, sopInstanceUid },
    });
  }
  return [...studies].map(([studyInstanceUid, instances]) => ({
    studyInstanceUid,
    seriesInstanceUids: [...new Set(instances.map((one) => one.sent.seriesInstanceUid))],
    sopInstanceUids: instances.map((one) => one.sent.sopInstanceUid),
    original: instances[0]!.original,
    instances,
  }));
}

/** @throws CausewayError for what is worth another try; all else is an answer */
async function receive(
  parts: ResultsTaskParts,
  running: RunningTask,
  study: SentStudy,
  result: Result,
): Promise<Received> {
  try {
    const { first, all } = await peek(prefixed(watched(result.open(), running)));
    const isDicom = first !== undefined && Buffer.from(first).toString('latin1', 128, 132) === 'DICM';
    return isDicom
      ? await receiveDicom(parts, running, study, all)
      : await receiveForeign(parts, running, study, result, all);
  } catch (thrown) {
    // Why the task was ended says nothing of the result.
    running.sending.signal.throwIfAborted();
    const error = asCausewayError(thrown);
    if (isPassing(error)) throw error;
    return { stored: undefined, answer: error.message };
  }
}

/** A large file may take long: with every part of it the task is alive. */
async function* watched(
  content: AsyncIterable<Uint8Array>,
  { alive, sending }: RunningTask,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of content) {
    sending.signal.throwIfAborted();
    alive();
    yield chunk;
  }
}

const prefixBytes = 132;

/** The same, with the first chunk long enough to tell what it is. */
async function* prefixed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of content) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < prefixBytes) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** As it was sent: the configuration may have changed since. */
function hasPseudonyms({ studyInstanceUid, original }: SentStudy): boolean {
  return studyInstanceUid !== original.studyInstanceUid;
}

async function receiveDicom(
  parts: ResultsTaskParts,
  { task, publisher }: RunningTask,
  study: SentStudy,
  content: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const original = hasPseudonyms(study) ? parts.vault.restored(publisher.name, content) : content;
  return storedAs(parts, await store(parts, task.id, publisher.name, study, original));
}

async function receiveForeign(
  parts: ResultsTaskParts,
  { task, publisher }: RunningTask,
  study: SentStudy,
  result: Result,
  content: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const bytes = await bounded(content);
  const isText = result.mediaType === 'application/json' || result.mediaType === 'text/plain';
  const file = wrappedResult({
    publisher: publisher.name,
    resultId: result.id,
    mediaType: result.mediaType,
    content: hasPseudonyms(study) && isText ? await withOriginalUids(parts.vault, publisher.name, bytes) : bytes,
    about: await attributesOf(parts, subjectsOf(study, result)),
    at: task.readyAt,
  });
  if (file === undefined) return { stored: undefined, answer: `A file of type ${result.mediaType} is not kept.` };
  return storedAs(parts, await store(parts, task.id, publisher.name, study, chunkOf(file)));
}

async function* chunkOf(file: Buffer): AsyncGenerator<Uint8Array, void, void> {
  yield file;
}

/** What is of another study is refused. */
async function store(
  { ingest }: ResultsTaskParts,
  taskId: string,
  publisher: string,
  study: SentStudy,
  content: AsyncIterable<Uint8Array>,
): Promise<InstanceOutcome> {
  const { studyInstanceUid } = study.original;
  const receiver = ingest.receive({ door: 'publisher', id: taskId, address: publisher, studyInstanceUid });
  try {
    for await (const chunk of content) await receiver.write(chunk);
  } catch (thrown) {
    await receiver.abort();
    throw thrown;
  }
  return receiver.finish();
}

/** A receiver may hand back what it was sent: that is no result, and what is here stays as it is. */
async function storedAs({ results }: ResultsTaskParts, outcome: InstanceOutcome): Promise<Received> {
  if (outcome.status === 'refused') {
    if (outcome.code === 'unavailable' || outcome.code === 'storage-full' || outcome.code === 'internal') {
      throw new CausewayError(outcome.code, outcome.message);
    }
    return { stored: undefined, answer: outcome.message };
  }
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, status } = outcome;
  if (status === 'kept') {
    return { stored: undefined, answer: 'Another instance is here under its SOP Instance UID, which stays.' };
  }
  const stored = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  if (status === 'duplicate' && !(await results.cameBack(stored))) {
    return { stored: undefined, answer: 'It is what was sent there.' };
  }
  return { stored, answer: 'It is stored.' };
}

async function bounded(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxForeignBytes) {
      throw new CausewayError('limit-exceeded', `A result that is no DICOM has more than ${maxForeignBytes} bytes.`, {
        details: { limit: 'maxForeignBytes' },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const uidPattern = /\b[0-2](?:\.(?:0|[1-9]\d*)){2,}\b/g;
/** Different UIDs of a text that are looked up. */
const maxUids = 10_000;

async function withOriginalUids(vault: Vault, publisher: string, content: Buffer): Promise<Buffer> {
  const text = content.toString();
  const originals = new Map<string, string>();
  for (const uid of new Set(text.match(uidPattern)?.slice(0, maxUids))) {
    const original = await vault.originalUid(publisher, uid);
    if (original !== undefined) originals.set(uid, original);
  }
  return Buffer.from(text.replace(uidPattern, (uid) => originals.get(uid) ?? uid));
}

/** Instances that a result is about: those of the series or study, where it names no more. */
function subjectsOf({ instances }: SentStudy, { about }: Result): readonly SentInstance[] {
  const { seriesInstanceUid, sopInstanceUid } = about;
  if (sopInstanceUid !== undefined) return instances.filter(({ sent }) => sent.sopInstanceUid === sopInstanceUid);
  const ofSeries = instances.filter(({ sent }) => sent.seriesInstanceUid === seriesInstanceUid);
  return ofSeries.length > 0 ? ofSeries : instances;
}

/** Of the first of them that is still here. @throws CausewayError `not-found` if all have been deleted meanwhile */
async function attributesOf({ retrieve }: ResultsTaskParts, subjects: readonly SentInstance[]): Promise<DicomJson> {
  for (const ofSeries of groupBy(subjects, ({ original }) => original.seriesInstanceUid).values()) {
    const [{ original }] = ofSeries as [SentInstance];
    const { studyInstanceUid, seriesInstanceUid } = original;
    const wanted = new Set(ofSeries.map((one) => one.original.sopInstanceUid));
    const target = wanted.size === 1 ? original : { studyInstanceUid, seriesInstanceUid };
    try {
      for await (const { sopInstanceUid, json } of retrieve.metadata(target)) {
        if (wanted.has(sopInstanceUid)) return JSON.parse(json.toString()) as DicomJson;
      }
    } catch (thrown) {
      if (!['not-found', 'gone'].includes(asCausewayError(thrown).code)) throw thrown;
    }
  }
  throw new CausewayError('not-found', 'What the result is about is no longer here.');
}
