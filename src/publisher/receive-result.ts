import { createHash } from 'node:crypto';
import type { DicomJson } from '../dicom/json-model.ts';
import type { ReceivedResult, ResultStore } from '../index/publishing-results.ts';
import type { Ingest, InstanceOutcome } from '../ingest/ingest.ts';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import { groupBy } from '../kernel/group-by.ts';
import { peek } from '../kernel/peek.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import type { Result } from './destination.ts';
import type { RunningTask } from './run-task.ts';
import { hasPseudonyms, type SentInstance, type SentStudy } from './sent-study.ts';
import { isPassing } from './trouble.ts';
import type { Vault } from './vault.ts';
import { wrappedResult } from './wrapped-result.ts';

export interface ResultParts {
  readonly results: Pick<ResultStore, 'cameBack' | 'isOfGraph' | 'isOfPublisher'>;
  readonly retrieve: Pick<Retrieve, 'metadata'>;
  readonly ingest: Ingest;
  readonly vault: Vault;
}

/** What became of a result. */
export interface Received extends Pick<ReceivedResult, 'status' | 'stored' | 'answer'> {
  /** Nobody answered where it was to be fetched, as opposed to an answer that was none. */
  readonly isUnreachable?: boolean;
  /** It is a result of the graph already, by another name. */
  readonly isRepeated?: boolean;
}

/** Of a file that is no DICOM: it is held whole. */
const maxForeignBytes = 67_108_864;

/**
 * Fetches a result and stores it. What is wrong with it, or with the place where it is to be fetched, is an answer.
 * @throws CausewayError for trouble of this house, which passes
 */
export async function receiveResult(
  parts: ResultParts,
  running: RunningTask,
  study: SentStudy,
  result: Result,
): Promise<Received> {
  let fetching: { readonly thrown: unknown } | undefined;
  const fetched = watched(result.open(), running, (thrown) => {
    fetching = { thrown };
  });
  try {
    const { first, all } = await peek(prefixed(fetched));
    const isDicom = first !== undefined && Buffer.from(first).toString('latin1', 128, 132) === 'DICM';
    return isDicom
      ? await receiveDicom(parts, running, study, all)
      : await receiveForeign(parts, running, study, result, all);
  } catch (thrown) {
    // Why the task was ended says nothing of the result.
    running.sending.signal.throwIfAborted();
    if (fetching !== undefined) return notFetched(fetching.thrown);
    const error = asCausewayError(thrown);
    if (error.code === 'internal') {
      // Of this result, as far as anybody knows: the others may be as they should.
      running.sending.log.error('a result could not be stored', { error: String(error.cause) });
      return { status: 'missing', stored: undefined, answer: error.message };
    }
    if (isPassing(error)) throw error;
    return { status: 'refused', stored: undefined, answer: error.message };
  }
}

/** Links may be dead, tokens be changed, and pages stand where files were: only what is too much will always be. */
function notFetched(thrown: unknown): Received {
  if (!(thrown instanceof CausewayError)) {
    return { status: 'missing', stored: undefined, answer: 'It broke off while it was fetched.' };
  }
  const { code, message, details } = thrown;
  return {
    status: code === 'limit-exceeded' ? 'refused' : 'missing',
    stored: undefined,
    answer: message,
    isUnreachable: (code === 'unavailable' || code === 'timed-out') && details['status'] === undefined,
  };
}

/** A large file may take long: with every part of it the task is alive. */
async function* watched(
  content: AsyncIterable<Uint8Array>,
  { alive, sending }: RunningTask,
  onFailure: (thrown: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((thrown: unknown) => {
        onFailure(thrown);
        throw thrown;
      });
      if (done) return;
      sending.signal.throwIfAborted();
      alive();
      yield value;
    }
  } finally {
    await chunks.return?.();
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

async function receiveDicom(
  parts: ResultParts,
  { task, publisher }: RunningTask,
  study: SentStudy,
  content: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const original = hasPseudonyms(study) ? parts.vault.restored(publisher.name, content) : content;
  return storedAs(parts, task, await store(parts, task.id, publisher.name, study, original));
}

async function receiveForeign(
  parts: ResultParts,
  { task, publisher }: RunningTask,
  study: SentStudy,
  result: Result,
  content: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const bytes = await bounded(content);
  if (!isWhatItSays(result.mediaType, bytes)) {
    const answer = `It is called ${result.mediaType}, and what is there is none: a page that says so, or a wrong link.`;
    return { status: 'missing', stored: undefined, answer };
  }
  const isText = result.mediaType === 'application/json' || result.mediaType === 'text/plain';
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = result.about;
  const about = await attributesOf(parts, subjectsOf(study, result));
  const options = { isJson: result.mediaType === 'application/json', about };
  const file = wrappedResult({
    publisher: publisher.name,
    subject: sopInstanceUid ?? seriesInstanceUid ?? studyInstanceUid,
    cameAs: createHash('sha256').update(bytes).digest('hex'),
    mediaType: result.mediaType,
    // What a PDF says cannot be told from how it says it.
    content:
      hasPseudonyms(study) && isText && !isPdf(bytes)
        ? Buffer.from(await parts.vault.restoredText(publisher.name, study.studyInstanceUid, bytes.toString(), options))
        : bytes,
    about,
    at: task.readyAt,
  });
  if (file === undefined) {
    return { status: 'left-out', stored: undefined, answer: `A file of type ${result.mediaType} is not kept.` };
  }
  const outcome = await store(parts, task.id, publisher.name, study, chunkOf(file));
  // Its UIDs say what came: only what it has from its subject can have changed since it came the first time.
  return storedAs(parts, task, outcome.status === 'kept' ? { ...outcome, status: 'duplicate' } : outcome);
}

async function* chunkOf(file: Buffer): AsyncGenerator<Uint8Array, void, void> {
  yield file;
}

/** What is of another study is refused. */
async function store(
  { ingest }: ResultParts,
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
async function storedAs(
  { results }: ResultParts,
  { publisher, graphId }: RunningTask['task'],
  outcome: InstanceOutcome,
): Promise<Received> {
  if (outcome.status === 'refused') {
    const { code, message } = outcome;
    if (code === 'unavailable' || code === 'storage-full' || code === 'internal') {
      throw new CausewayError(code, message);
    }
    // What has come in part may come whole.
    return { status: code === 'truncated' ? 'missing' : 'refused', stored: undefined, answer: message };
  }
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, status } = outcome;
  const stored = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  const isBack = status === 'kept' || status === 'duplicate' ? await results.cameBack(stored) : true;
  // A copy need not be the same to the byte: what was taken out to be sent does not come back.
  if (!isBack && (status === 'duplicate' || (await results.isOfPublisher(publisher, stored)))) {
    return { status: 'left-out', stored: undefined, answer: 'It is what was sent there.' };
  }
  if (status === 'kept') {
    const answer = 'Another instance is here under its SOP Instance UID, which stays.';
    return { status: 'refused', stored: undefined, answer };
  }
  // Links are signed in more ways than are known: under another name, it may be the same.
  if (status === 'duplicate' && (await results.isOfGraph(graphId, stored))) {
    return { status: 'left-out', stored: undefined, answer: 'It came before, and is here.', isRepeated: true };
  }
  return { status: 'stored', stored, answer: 'It is stored.' };
}

/** Whoever is not let in, or follows a link that is dead, often gets a page in its place, and is told that all is well. */
function isWhatItSays(mediaType: string, bytes: Buffer): boolean {
  if (mediaType === 'application/dicom' || mediaType === 'application/pdf') return isPdf(bytes);
  const isText = mediaType === 'application/json' || mediaType === 'text/plain';
  return !isText || isPdf(bytes) || !/^\s*<(!doctype\s+html|html)/i.test(bytes.toString('latin1', 0, 1000));
}

function isPdf(bytes: Buffer): boolean {
  return bytes.subarray(0, 5).toString('latin1') === '%PDF-';
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

/** Instances that a result is about: those of the series or study, where it names no more. */
function subjectsOf({ instances }: SentStudy, { about }: Result): readonly SentInstance[] {
  const { seriesInstanceUid, sopInstanceUid } = about;
  if (sopInstanceUid !== undefined) return instances.filter(({ sent }) => sent.sopInstanceUid === sopInstanceUid);
  const ofSeries = instances.filter(({ sent }) => sent.seriesInstanceUid === seriesInstanceUid);
  return ofSeries.length > 0 ? ofSeries : instances;
}

/** Of the first of them that is still here. @throws CausewayError `not-found` if all have been deleted meanwhile */
async function attributesOf({ retrieve }: ResultParts, subjects: readonly SentInstance[]): Promise<DicomJson> {
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
