import { randomInt, randomUUID } from 'node:crypto';
import { uidOfUuid } from '../../dicom/uuid-uid.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/group-by.ts';
import type { CloudEndpoint } from '../configuration.ts';
import type {
  ConfirmOutcome,
  Destination,
  OutgoingInstance,
  Result,
  ResultsTrouble,
  Sending,
  SendOutcome,
} from '../destination.ts';
import { isOutage } from '../trouble.ts';
import { type CloudFile, type ResultsAnswer, readResultsAnswer, readUploadAnswer } from './cloud-answers.ts';
import { testInSteps, testUrl } from './connection-steps.ts';
import type { HttpAnswer, HttpLimits } from './http-client.ts';
import { createHttpService } from './http-service.ts';
import { type BatchAnswer, inSmallerBatches } from './in-smaller-batches.ts';
import { type BodyPart, multipartBody, newBoundary } from './multipart-body.ts';
import { sideBySide } from './side-by-side.ts';
import { printable } from './store-reasons.ts';

export interface ApiParts {
  readonly now: () => Date;
  readonly limits?: Partial<HttpLimits> | undefined;
}

/** Where nobody answers about so many parts, one after the other, the others are asked about the next time. */
const mostUnanswered = 5;
/** And where it fails about so many, each for reasons of its own, as far as anybody knows. */
const mostFailing = 50;
/** What is said so of a part may be about this part alone. */
const ofPart = new Set<unknown>([404, 405, 410, 500, 501]);

/** What is said of a part of which results are wanted. `silent`: nobody could be asked about it. */
interface PartAnswer {
  readonly uid: string;
  readonly said: ResultsAnswer | { readonly kind: 'silent'; readonly failure: CausewayError };
  /** Why its computation could not be asked for. */
  readonly notBegun?: CausewayError | undefined;
}

/**
 * A cloud's HTTP API as that of Qure is: `POST /studies/` takes files as `multipart/form-data`, `GET /results/{uid}` tells
 * whether there are results, and where.
 */
export function createApiDestination(endpoint: CloudEndpoint, { now, limits }: ApiParts): Destination {
  const { token, source, threads, computePer } = endpoint;
  const service = createHttpService({
    ...endpoint,
    service: 'such API',
    auth: token === undefined ? { kind: 'none' } : { kind: 'token', scheme: 'Token', token },
    connections: threads,
    limits,
    now,
  });
  const host = new URL(service.url).host;
  const headers = { source, accept: 'application/json' };

  /** @param counted instances of series that have been accepted of the batch so far */
  async function upload(
    group: readonly OutgoingInstance[],
    sending: Sending,
    counted: Map<string, number>,
  ): Promise<BatchAnswer> {
    // Before it is sent, as what is accepted meanwhile may not be in the answer's count.
    const due = new Map<string, number>();
    for (const [series, { length }] of groupBy(group, ({ seriesInstanceUid }) => seriesInstanceUid)) {
      const before = (await sending.acceptedBefore?.(series)) ?? 0;
      due.set(series, before + (counted.get(series) ?? 0) + length);
    }
    const boundary = newBoundary();
    const parts = [...formFields(endpoint), ...group.map(filePart)];
    const path = '/studies/';
    const answer = await service.request({
      method: 'POST',
      path,
      headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: () => multipartBody(parts, boundary, sending),
      signal: sending.signal,
    });
    const said = uploadOutcomes(group, due, answer, path);
    for (const { sopInstanceUid, status } of said.kind === 'told' ? said.outcomes : []) {
      const series = group.find((one) => one.sopInstanceUid === sopInstanceUid)!.seriesInstanceUid;
      if (status === 'accepted') counted.set(series, (counted.get(series) ?? 0) + 1);
    }
    return said;
  }

  /** @param due how many instances of each series it has to have by now */
  function uploadOutcomes(
    group: readonly OutgoingInstance[],
    due: ReadonlyMap<string, number>,
    answer: HttpAnswer,
    path: string,
  ): BatchAnswer {
    const { status, body } = answer;
    const said = readUploadAnswer(status, body);
    if (said.kind === 'access-denied') throw accessDenied(host, status);
    const failure = service.failure(answer, path);
    if (status === 500 && failure !== undefined) return { kind: 'failed', error: failure };
    if (failure !== undefined) throw failure;
    if (said.kind === 'not-taken') return { kind: 'not-taken', answer: `It is not taken (${status}): ${said.words}` };
    if (said.kind === 'foreign') {
      if (status >= 400) return { kind: 'not-taken', answer: `It is not taken (${status})` };
      throw new CausewayError(
        'unavailable',
        `${host} answers an upload with what is no answer of such an API (${status}).`,
      );
    }
    const counts = groupBy(group, ({ seriesInstanceUid }) => seriesInstanceUid);
    const outcomes = group.map(({ sopInstanceUid, seriesInstanceUid }): SendOutcome => {
      const has = said.series?.get(seriesInstanceUid);
      const sent = due.get(seriesInstanceUid)!;
      // Exactly those of this upload: it counts these and not the series.
      const isOfUpload = has === counts.get(seriesInstanceUid)!.length;
      if (said.series !== undefined && !said.series.has(seriesInstanceUid)) {
        return { sopInstanceUid, status: 'failed', answer: 'The API does not name the series among what it has taken' };
      }
      if (has !== undefined && has < sent && !isOfUpload) {
        const answer = `The API has ${has} instances of the series, and ${sent} were sent`;
        return { sopInstanceUid, status: 'failed', answer };
      }
      const many = has === undefined ? '' : `; the API has ${has} instances of the series`;
      return { sopInstanceUid, status: 'accepted', answer: `Taken (${status})${many}` };
    });
    return { kind: 'told', outcomes };
  }

  async function resultsOf(uid: string, signal: AbortSignal): Promise<ResultsAnswer> {
    const path = `/results/${uid}`;
    const answer = await service.request({ method: 'GET', path, headers, signal });
    const said = readResultsAnswer(answer.status, answer.body, uid);
    if (said.kind === 'access-denied') throw accessDenied(host, answer.status);
    // What it says in its own words comes before what a status may mean anywhere.
    if (said.kind !== 'foreign' && answer.status < 500 && ![401, 403, 429].includes(answer.status)) return said;
    throw (
      service.failure(answer, path) ??
      new CausewayError('unavailable', `${host} answers what is no answer of such an API (${answer.status}).`, {
        details: { status: answer.status },
      })
    );
  }

  /**
   * Asks about each part, and has the computation begun of those that want that. A part at which the API fails keeps nobody
   * from what it has of the others.
   * @throws CausewayError `forbidden`, `aborted`, or the failure that all of them have in common
   */
  async function* answersOf(uids: readonly string[], signal: AbortSignal): AsyncGenerator<PartAnswer, void, void> {
    let unanswered = 0;
    let failing = 0;
    let last: CausewayError | undefined;
    const failureOf = (thrown: unknown): CausewayError => {
      signal.throwIfAborted();
      const failure = asCausewayError(thrown);
      if (failure.code === 'forbidden' || failure.code === 'aborted') throw failure;
      return failure;
    };
    const ask = async (uid: string): Promise<PartAnswer> => {
      if (unanswered >= mostUnanswered || failing >= mostFailing)
        return { uid, said: { kind: 'silent', failure: last! } };
      let said: ResultsAnswer;
      try {
        said = await resultsOf(uid, signal);
        unanswered = 0;
        failing = 0;
      } catch (thrown) {
        last = failureOf(thrown);
        unanswered = isOutage(last) && !ofPart.has(last.details['status']) ? unanswered + 1 : 0;
        failing += 1;
        return { uid, said: { kind: 'silent', failure: last } };
      }
      const notBegun =
        said.kind === 'not-begun' ? await begin(uid, signal).then(() => undefined, failureOf) : undefined;
      return { uid, said, notBegun };
    };
    // Begun anywhere, as otherwise those after some about which nobody ever answers would not be asked about.
    const first = randomInt(Math.max(uids.length, 1));
    const asked = [...uids.slice(first), ...uids.slice(0, first)].map((uid) => () => ask(uid));
    let isHere = false;
    let failure: CausewayError | undefined;
    for await (const answer of sideBySide(asked, threads)) {
      // Of a computation that has crashed some say no more than that.
      if (answer.said.kind !== 'silent' || answer.said.failure.details['status'] === 500) isHere = true;
      else failure ??= answer.said.failure;
      yield answer;
    }
    if (failure !== undefined && !isHere) throw failure;
  }

  async function begin(uid: string, signal: AbortSignal): Promise<void> {
    const path = `/compute/${uid}`;
    const answer = await service.request({ method: 'GET', path, headers, signal });
    const failure = service.failure(answer, path);
    if (failure !== undefined) throw failure;
  }

  async function* content({ url }: CloudFile, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const isOwn = new URL(url).origin === new URL(service.url).origin && url.startsWith(`${service.url}/`);
    if (new URL(service.url).protocol === 'https:' && new URL(url).protocol !== 'https:') {
      throw new CausewayError('bad-request', 'A result is to be fetched without TLS, though the API has TLS.');
    }
    // Links to elsewhere are signed themselves: our token is nobody else's business.
    const answer = isOwn
      ? await service.download({ method: 'GET', path: url.slice(service.url.length), headers, signal })
      : await service.downloadElsewhere(url, signal);
    if (answer.status !== 200) {
      answer.body.destroy();
      throw new CausewayError(
        'unavailable',
        `A result cannot be fetched from ${new URL(url).host} (${answer.status}).`,
        { details: { status: answer.status } },
      );
    }
    yield* answer.body as AsyncIterable<Buffer>;
  }

  return {
    async *send(batch, sending) {
      const counted = new Map<string, number>();
      const groups =
        computePer === 'instance'
          ? batch.map((instance) => [instance])
          : [...groupBy(batch, ({ seriesInstanceUid }) => seriesInstanceUid).values()];
      const uploads = groups.map((group) => async () => {
        const outcomes: SendOutcome[] = [];
        for await (const one of inSmallerBatches(group, (part) => upload(part, sending, counted))) outcomes.push(one);
        return outcomes;
      });
      for await (const outcomes of sideBySide(uploads, threads)) yield* outcomes;
    },

    // Of a series it tells that it is there, not what of it: that would be no proof.
    confirm:
      computePer === 'series'
        ? undefined
        : async (batch, { signal, alive }) => {
            const asked = batch.map(({ sopInstanceUid }) => async (): Promise<ConfirmOutcome> => {
              const said = await resultsOf(sopInstanceUid, signal);
              switch (said.kind) {
                case 'ready':
                case 'not-yet':
                case 'not-begun':
                  return { sopInstanceUid, status: 'confirmed', answer: 'The API has it' };
                case 'not-uploaded':
                  return { sopInstanceUid, status: 'missing', answer: 'The API does not have it' };
                // Any refusal that we do not know: it tells nothing of what it has.
                default: {
                  const words = said.kind === 'failed' ? said.words : said.kind;
                  return { sopInstanceUid, status: 'unknown', answer: `The API says: ${words}` };
                }
              }
            });
            const outcomes: ConfirmOutcome[] = [];
            for await (const outcome of sideBySide(asked, threads)) {
              alive?.();
              outcomes.push(outcome);
            }
            return outcomes;
          },

    async results(unit, { signal, alive }) {
      const uids = computePer === 'instance' ? unit.sopInstanceUids : unit.seriesInstanceUids;
      const results: Result[] = [];
      const troubles: ResultsTrouble[] = [];
      let pending = 0;
      let isAnswered = false;
      for await (const { uid, said, notBegun } of answersOf(uids, signal)) {
        alive?.();
        if (said.kind !== 'silent') isAnswered = true;
        if (said.kind === 'ready') {
          for (const file of said.files) results.push(resultOf(file, uid));
        } else if (said.kind === 'failed') {
          troubles.push({ words: `The API makes nothing of the ${computePer} ${uid}: ${said.words}.`, mayPass: false });
        } else if (said.kind === 'not-uploaded') {
          // It may only not have looked yet.
          const words = `The API says that it never got the ${computePer} ${uid}.`;
          troubles.push({ words, mayPass: true });
        } else {
          pending += 1;
          const failure = said.kind === 'silent' ? said.failure : notBegun;
          if (failure === undefined) continue;
          const words = `The API does not tell about the ${computePer} ${uid}: ${failure.message}`;
          troubles.push({ words, mayPass: true });
        }
      }
      return { complete: pending === 0, results, troubles, isAnswered };

      function resultOf(file: CloudFile, uid: string): Result {
        const { studyInstanceUid } = unit;
        return {
          id: file.id,
          mediaType: file.mediaType,
          about: { studyInstanceUid, [computePer === 'series' ? 'seriesInstanceUid' : 'sopInstanceUid']: uid },
          open: () => content(file, signal),
        };
      }
    },

    test: ({ signal }) =>
      testInSteps(async (step) => {
        await testUrl(step, service.url, endpoint, signal);
        // Of a series that nobody has: whoever knows us says so, and who does not says that.
        const path = `/results/${uidOfUuid(randomUUID())}`;
        let answer: HttpAnswer | undefined;
        await step('token accepted', async () => {
          answer = await service.request({ method: 'GET', path, headers, signal });
          const said = readResultsAnswer(answer.status, answer.body, '');
          if (said.kind === 'access-denied') throw accessDenied(host, answer.status);
          const failure = service.failure(answer, path);
          if (failure?.code === 'forbidden') throw failure;
          return token === undefined ? 'it wants none' : 'the token and the source are accepted';
        });
        await step('speaks the API', async () => {
          const { status, body } = answer!;
          const failure = service.failure(answer!, '/results/');
          if (readResultsAnswer(status, body, '').kind !== 'foreign' && status < 500) {
            return 'it knows results of none of the series that were asked for';
          }
          throw (
            failure ??
            new CausewayError('bad-request', `What ${host} answers is no answer of such an API: is the address right?`)
          );
        });
      }),

    close: service.close,
  };
}

function accessDenied(host: string, status: number): CausewayError {
  return new CausewayError('forbidden', `${host} does not accept the token, or not with this source (${status}).`);
}

function formFields({ source, siteName, username, computePer }: CloudEndpoint): BodyPart[] {
  const fields = { source, site_name: siteName, username, compute_per: computePer };
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ headers: [`Content-Disposition: form-data; name="${name}"`], content: value.replace(/[\r\n]+/g, ' ') }],
  );
}

function filePart(content: OutgoingInstance, at: number): BodyPart {
  const name = printable(content.sopInstanceUid).replace(/["\\]/g, '_');
  return {
    headers: [
      `Content-Disposition: form-data; name="file_${at}"; filename="${name}.dcm"`,
      'Content-Type: application/dicom',
    ],
    content,
  };
}
