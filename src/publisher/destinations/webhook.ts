import { createHash, createHmac } from 'node:crypto';
import { CausewayError } from '../../kernel/errors.ts';
import { groupBy } from '../../kernel/group-by.ts';
import type { DestinationSettings } from '../configuration.ts';
import type { Destination, OutgoingInstance, SendOutcome } from '../destination.ts';
import { testInSteps, testUrl } from './connection-steps.ts';
import type { HttpLimits } from './http-client.ts';
import { createHttpService } from './http-service.ts';
import { printable } from './store-reasons.ts';

type WebhookSettings = Extract<DestinationSettings, { kind: 'webhook' }>;

export interface WebhookParts {
  readonly now: () => Date;
  /** Told in every message. */
  readonly publisher: string;
  readonly limits?: Partial<HttpLimits> | undefined;
}

const connections = 4;

/**
 * Tells an address of what is here, as JSON (docs/operations.md): UIDs, sizes and hashes, nothing of patients.
 * A message that comes again has the same `Idempotency-Key`.
 */
export function createWebhookDestination(
  settings: WebhookSettings,
  { now, publisher, limits }: WebhookParts,
): Destination {
  const service = createHttpService({ ...settings, service: 'webhook', connections, limits, now });

  function post(message: object, key: string, signal: AbortSignal) {
    const body = JSON.stringify(message);
    return service.request({
      method: 'POST',
      path: '',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, */*;q=0.1',
        'idempotency-key': key,
        ...signature(settings.signingKey, body, now()),
      },
      body: () => body,
      signal,
    });
  }

  return {
    wholeUnits: true,
    async *send(batch, { signal }) {
      for (const study of byStudy(batch)) {
        const key = idempotencyKey(publisher, study);
        const message = { event: 'instances', id: key, publisher, ...described(study) };
        const answer = await post(message, key, signal);
        const failure = service.failure(answer, '');
        if (failure !== undefined) throw failure;
        const isTaken = answer.status >= 200 && answer.status < 300;
        const words = isTaken ? '' : printable(answer.body);
        const outcome: Pick<SendOutcome, 'status' | 'answer'> = isTaken
          ? { status: 'accepted', answer: `Told (${answer.status})` }
          : { status: 'refused', answer: `It is not taken (${answer.status})${words === '' ? '' : `: ${words}`}` };
        for (const { sopInstanceUid } of study) yield { sopInstanceUid, ...outcome };
      }
    },
    confirm: undefined,
    results: undefined,
    test: ({ signal }) =>
      testInSteps(async (step) => {
        await testUrl(step, service.url, settings, signal);
        await step('message taken', async () => {
          const at = now().toISOString();
          const key = createHash('sha256').update(`test ${publisher} ${at}`).digest('hex');
          const answer = await post({ event: 'test', id: key, publisher, at }, key, signal);
          const failure = service.failure(answer, '');
          if (failure !== undefined) throw failure;
          if (answer.status >= 200 && answer.status < 300)
            return `a message of event "test" was taken (${answer.status})`;
          throw new CausewayError('bad-request', `A message of event "test" is not taken (${answer.status}).`);
        });
      }),
    close: service.close,
  };
}

/** As of `Stripe-Signature`: the time is signed too, so that what somebody has overheard cannot be sent again later. */
function signature(key: string | undefined, body: string, at: Date): Record<string, string> {
  if (key === undefined) return {};
  const seconds = Math.floor(at.getTime() / 1000);
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return { 'x-causeway-signature': `t=${seconds},v1=${mac}` };
}

function idempotencyKey(publisher: string, study: readonly OutgoingInstance[]): string {
  const contents = study.map(({ sopInstanceUid, sha256 }) => `${sopInstanceUid} ${sha256}`).sort();
  return createHash('sha256')
    .update([publisher, ...contents].join('\n'))
    .digest('hex');
}

function byStudy(batch: readonly OutgoingInstance[]): OutgoingInstance[][] {
  return [...groupBy(batch, ({ studyInstanceUid }) => studyInstanceUid).values()];
}

function described(study: readonly OutgoingInstance[]) {
  const series = groupBy(study, ({ seriesInstanceUid }) => seriesInstanceUid);
  return {
    studyInstanceUid: study[0]!.studyInstanceUid,
    series: [...series].map(([seriesInstanceUid, instances]) => ({
      seriesInstanceUid,
      instances: instances.map(({ sopInstanceUid, sopClassUid, transferSyntaxUid, size, sha256 }) => ({
        sopInstanceUid,
        sopClassUid,
        transferSyntaxUid,
        size,
        sha256,
      })),
    })),
  };
}
