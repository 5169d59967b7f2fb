import type { DicomJson } from '../../dicom/json-model.ts';
import { textValues } from '../../dicom/match-values.ts';
import { mayBeOther } from '../../index/deliveries.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/group-by.ts';
import { parseMediaTypes } from '../../kernel/media-type.ts';
import { readMultipart } from '../../kernel/multipart-reader.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { ConfirmOutcome, Destination, OutgoingInstance, Result, Sending, SendOutcome } from '../destination.ts';
import { testInSteps, testUrl } from './connection-steps.ts';
import type { HttpAnswer, HttpDownload, HttpLimits } from './http-client.ts';
import { createHttpService } from './http-service.ts';
import { type BatchAnswer, inSmallerBatches } from './in-smaller-batches.ts';
import { isObject } from './json-object.ts';
import { multipartBody, newBoundary } from './multipart-body.ts';
import { readStoreAnswer } from './store-answer.ts';
import { printable, storeVerdict } from './store-reasons.ts';

type StowSettings = Extract<DestinationSettings, { kind: 'stow' }>;

export interface StowParts {
  readonly now: () => Date;
  readonly limits?: Partial<HttpLimits> | undefined;
}

/** Requests to a receiver at the same time. */
const connections = 8;
/** Matches of a search that are asked for at a time. */
const pageSize = 500;
/** Instances of a series that are looked through before it is given up. */
const maxMatches = 100_000;
/** UIDs in the query of a search: URLs are to stay below what servers take. */
const uidsAtOnce = 40;
/** Results that are fetched of one study at a time: the others the next time. */
const maxResults = 1000;
const maxResultBytes = 2 ** 32;
const dicomJson = 'application/dicom+json';

type Asking = Pick<Sending, 'signal' | 'alive'>;

/**
 * DICOMweb: STOW-RS to send, QIDO-RS to confirm and to find what has been made of it, WADO-RS to fetch that.
 * @see PS3.18 §10.4, §10.5, §10.6
 */
export function createStowDestination(settings: StowSettings, { now, limits }: StowParts): Destination {
  const service = createHttpService({ ...settings, service: 'STOW-RS', connections, limits, now });

  async function store(batch: readonly OutgoingInstance[], sending: Sending): Promise<BatchAnswer> {
    const boundary = newBoundary();
    const parts = batch.map((content) => ({
      headers: [`Content-Type: application/dicom; transfer-syntax=${content.transferSyntaxUid}`],
      content,
    }));
    const answer = await service.request({
      method: 'POST',
      path: '/studies',
      headers: {
        'content-type': `multipart/related; type="application/dicom"; boundary="${boundary}"`,
        accept: dicomJson,
      },
      body: () => multipartBody(parts, boundary, sending),
      signal: sending.signal,
    });
    return saysNothing(answer)
      ? toldBySearch(batch, answer.status, sending)
      : batchAnswer(batch, answer, service.failure(answer, '/studies'));
  }

  /**
   * Whoever says yes to all of it and names nothing, against the Standard, may be anybody: a proxy, or a page to log in. What is found then may have
   * been there before, and be something else.
   */
  async function toldBySearch(
    batch: readonly OutgoingInstance[],
    status: number,
    asking: Asking,
  ): Promise<BatchAnswer> {
    const outcomes: SendOutcome[] = [];
    for (const series of bySeries(batch)) {
      const there = await found(series, asking).catch((thrown: unknown) => {
        const { code, message, details } = asCausewayError(thrown);
        const words = `The receiver says yes (${status}) and names no instance, and cannot be asked for them: ${message}`;
        throw new CausewayError(code, words, { cause: thrown, details });
      });
      for (const sopInstanceUid of series.sopInstanceUids) {
        outcomes.push(
          there.has(sopInstanceUid)
            ? {
                sopInstanceUid,
                status: 'accepted',
                answer: `The answer (${status}) names nothing; QIDO-RS finds it${mayBeOther}`,
                inDoubt: true,
              }
            : {
                sopInstanceUid,
                status: 'failed',
                answer: `The answer (${status}) names nothing, and QIDO-RS does not find it`,
              },
        );
      }
    }
    return { kind: 'told', outcomes };
  }

  async function search(path: string, query: URLSearchParams, { signal, alive }: Asking): Promise<DicomJson[]> {
    alive?.();
    const answer = await service.request({
      method: 'GET',
      path: `${path}?${query}`,
      headers: { accept: dicomJson },
      signal,
    });
    if (answer.status === 204) return [];
    const failure = answer.status === 200 ? undefined : service.failure(answer, path);
    if (failure !== undefined) throw failure;
    const matches = answer.status === 200 ? jsonArray(answer.body) : undefined;
    if (matches === undefined) {
      throw new CausewayError('unavailable', `The receiver answers a search with what is none (${answer.status}).`);
    }
    return matches;
  }

  /** Page by page, each instance once. */
  async function* instancesBelow(path: string, asking: Asking): AsyncGenerator<DicomJson[], void, void> {
    const seen = new Set<string>();
    for (let offset = 0; offset < maxMatches; ) {
      const query = new URLSearchParams({ limit: String(pageSize), offset: String(offset) });
      const matches = await search(path, query, asking);
      const news = matches.filter((match) => {
        const [uid] = textValues(match['00080018']);
        return uid !== undefined && !seen.has(uid) && seen.add(uid);
      });
      // Some have a limit of their own, so that only an empty page is the end; others do not know what an offset is.
      if (news.length === 0) return;
      yield news;
      offset += matches.length;
    }
  }

  /** Which of them the receiver finds: those it is asked for by name, and where it does not know lists, all of the series. */
  async function found(series: SeriesOfBatch, asking: Asking): Promise<Set<string>> {
    const path = `/studies/${series.studyInstanceUid}/series/${series.seriesInstanceUid}/instances`;
    const there = new Set<string>();
    const isAllThere = () => series.sopInstanceUids.every((uid) => there.has(uid));
    for (let at = 0; at < series.sopInstanceUids.length; at += uidsAtOnce) {
      const uids = series.sopInstanceUids.slice(at, at + uidsAtOnce);
      const query = new URLSearchParams({ SOPInstanceUID: uids.join(','), limit: String(uidsAtOnce) });
      // A server that does not know lists of UIDs may call them wrong.
      const matches = await search(path, query, asking).catch(orNoneIfRefused);
      for (const match of matches) for (const uid of textValues(match['00080018'])) there.add(uid);
    }
    if (isAllThere()) return there;
    for await (const page of instancesBelow(path, asking)) {
      for (const match of page) for (const uid of textValues(match['00080018'])) there.add(uid);
      if (isAllThere()) break;
    }
    return there;
  }

  async function* content(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const answer = await service.download({
      method: 'GET',
      path,
      headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*, application/dicom;q=0.9' },
      signal,
    });
    if (answer.status !== 200) {
      answer.body.destroy();
      throw (
        service.failure(answer, path) ??
        new CausewayError('unavailable', `The receiver does not give a result (${answer.status}).`, {
          details: { status: answer.status },
        })
      );
    }
    yield* firstPart(answer);
  }

  return {
    send: (batch, sending) => inSmallerBatches(batch, (part) => store(part, sending)),

    async confirm(batch, asking) {
      const outcomes: ConfirmOutcome[] = [];
      for (const series of bySeries(batch)) {
        const there = await found(series, asking);
        for (const sopInstanceUid of series.sopInstanceUids) {
          const isThere = there.has(sopInstanceUid);
          const answer = isThere ? 'QIDO-RS finds it' : 'QIDO-RS does not find it';
          outcomes.push({ sopInstanceUid, status: isThere ? 'confirmed' : 'missing', answer });
        }
      }
      return outcomes;
    },

    async results(unit, asking) {
      const { studyInstanceUid } = unit;
      const sent = await unit.everSent();
      const results: Result[] = [];
      let matches = 0;
      for await (const page of instancesBelow(`/studies/${studyInstanceUid}/instances`, asking)) {
        matches += page.length;
        const made = page.flatMap((match) => {
          const [sopInstanceUid = ''] = textValues(match['00080018']);
          const [seriesInstanceUid = ''] = textValues(match['0020000E']);
          if (![sopInstanceUid, seriesInstanceUid].every((uid) => /^[0-9.]{1,64}$/.test(uid))) return [];
          // Images of the series that we send are on their way; what is made of them has series of its own.
          const isOurs = sent.has(sopInstanceUid) || unit.seriesInstanceUids.includes(seriesInstanceUid);
          return isOurs ? [] : [{ sopInstanceUid, seriesInstanceUid }];
        });
        const known = await unit.known(made.map(({ sopInstanceUid }) => sopInstanceUid));
        for (const { sopInstanceUid, seriesInstanceUid } of made) {
          if (known.has(sopInstanceUid)) continue;
          if (results.length === maxResults) {
            const words = `There are more than ${maxResults} results that are new: the others are fetched the next time.`;
            return { complete: false, results, troubles: [{ words, mayPass: true }] };
          }
          const path = `/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
          results.push({
            id: sopInstanceUid,
            mediaType: 'application/dicom',
            about: { studyInstanceUid, seriesInstanceUid },
            open: () => content(path, asking.signal),
          });
        }
      }
      const words = `The receiver has more than ${maxMatches} instances of the study: the others are not looked through.`;
      const troubles = matches >= maxMatches ? [{ words, mayPass: true }] : [];
      // Who has something to say may say more later: DICOMweb knows no end.
      return { complete: false, results, troubles };
    },

    test: ({ signal }) =>
      testInSteps(async (step) => {
        await testUrl(step, service.url, settings, signal);
        const path = '/studies?limit=1';
        const ask = () => service.request({ method: 'GET', path, headers: { accept: dicomJson }, signal });
        let answer: HttpAnswer | undefined;
        await step(settings.auth.kind === 'none' ? 'lets us in' : 'credentials accepted', async () => {
          answer = await ask();
          const failure = service.failure(answer, '/studies');
          if (failure?.code === 'forbidden') throw failure;
          return settings.auth.kind === 'none' ? 'without credentials' : 'it takes what it was shown';
        });
        await step('speaks DICOMweb', async () => {
          const { status, body } = answer!;
          if (status === 204 || (status === 200 && jsonArray(body) !== undefined)) return 'a search is answered';
          const failure = service.failure(answer!, '/studies');
          if (failure !== undefined) throw failure;
          const message = `A search is answered with what is none (${status}): is the address that of DICOMweb?`;
          throw new CausewayError('bad-request', message);
        });
      }),

    close: service.close,
  };
}

function saysNothing({ status, body }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && body.trim() === '';
}

function batchAnswer(
  batch: readonly OutgoingInstance[],
  { status, headers, body }: HttpAnswer,
  failure: CausewayError | undefined,
): BatchAnswer {
  const told = readStoreAnswer(body, headers['content-type']);
  if (told !== undefined && (status === 200 || status === 202 || status === 409 || status === 400)) {
    const outcomes = batch.map(({ sopInstanceUid }): SendOutcome => {
      const failed = told.failed.get(sopInstanceUid);
      if (failed !== undefined) return { sopInstanceUid, ...storeVerdict(failed.code ?? 0x0110, failed.comment) };
      const stored = told.stored.get(sopInstanceUid);
      if (stored !== undefined) return { sopInstanceUid, ...storeVerdict(stored.code ?? 0, stored.comment) };
      return { sopInstanceUid, status: 'failed', answer: 'The receiver does not say what became of it' };
    });
    return { kind: 'told', outcomes };
  }
  if (status === 500 && failure !== undefined) return { kind: 'failed', error: failure };
  if (failure !== undefined) throw failure;
  if (status < 300) {
    throw new CausewayError('unavailable', `The receiver answers with what is no STOW-RS response (${status}).`);
  }
  const why = status === 413 ? 'is too large for the receiver' : 'is not taken by the receiver';
  const words = printable(body.startsWith('<') ? '' : body);
  return { kind: 'not-taken', answer: `It ${why} (${status})${words === '' ? '' : `: ${words}`}` };
}

interface SeriesOfBatch {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUids: readonly string[];
}

function bySeries(batch: readonly Omit<OutgoingInstance, 'open'>[]): SeriesOfBatch[] {
  const groups = groupBy(batch, (instance) => `${instance.studyInstanceUid}/${instance.seriesInstanceUid}`);
  return [...groups.values()].map((instances) => ({
    studyInstanceUid: instances[0]!.studyInstanceUid,
    seriesInstanceUid: instances[0]!.seriesInstanceUid,
    sopInstanceUids: instances.map(({ sopInstanceUid }) => sopInstanceUid),
  }));
}

function orNoneIfRefused(thrown: unknown): DicomJson[] {
  if (thrown instanceof CausewayError && thrown.details['status'] === undefined && thrown.code === 'unavailable')
    return [];
  throw thrown;
}

function jsonArray(text: string): DicomJson[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isObject) ? (value as DicomJson[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The file itself, or the first part of a multipart answer. */
async function* firstPart({ headers, body }: HttpDownload): AsyncGenerator<Uint8Array, void, void> {
  const [type] = parseMediaTypes(headers['content-type'] ?? '');
  if (type?.type !== 'multipart/related') {
    yield* body as AsyncIterable<Buffer>;
    return;
  }
  const boundary = type.parameters.get('boundary') ?? '';
  const limits = { maxBytes: maxResultBytes, maxHeaderBytes: 16_384, maxParts: 1 };
  for await (const { content } of readMultipart(body as AsyncIterable<Buffer>, boundary, limits)) {
    yield* content;
    return;
  }
}
