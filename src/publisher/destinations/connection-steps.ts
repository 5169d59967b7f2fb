import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { CausewayError } from '../../kernel/errors.ts';
import type { TlsOptions } from '../configuration.ts';
import type { ConnectionTest } from '../destination.ts';
import { networkFailure } from './network-failure.ts';

/** Does one step of a test; what it answers is told to whoever asked. */
export type Step = (what: string, act: () => Promise<string>) => Promise<void>;

/** Longest that a step takes: somebody waits for it. */
const maxStepMs = 45_000;

/** Steps until the first that fails. */
export async function testInSteps(run: (step: Step) => Promise<void>): Promise<ConnectionTest> {
  const steps: { what: string; ok: boolean; answer: string }[] = [];
  const failed = Symbol('failed');
  try {
    await run(async (what, act) => {
      try {
        steps.push({ what, ok: true, answer: await withinTime(act()) });
      } catch (thrown) {
        if (!(thrown instanceof CausewayError)) throw thrown;
        steps.push({ what, ok: false, answer: thrown.message });
        throw failed;
      }
    });
    return { ok: true, steps };
  } catch (thrown) {
    if (thrown !== failed) throw thrown;
    return { ok: false, steps };
  }
}

async function withinTime(answer: Promise<string>): Promise<string> {
  const stop = new AbortController();
  const late = delay(maxStepMs, undefined, { signal: stop.signal }).then((): never => {
    throw new CausewayError('timed-out', `It did not come to an end within ${maxStepMs / 1000} s.`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
}

export interface TestedAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls: TlsOptions | undefined;
}

/** Longest that a step of these takes. */
const stepMs = 10_000;

/** The steps that everything begins with: is there such a host, does it listen, is its certificate one that is trusted? */
export async function testAddress(step: Step, { host, port, tls }: TestedAddress, signal: AbortSignal): Promise<void> {
  const whom = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (isIP(host) === 0) {
    await step('address found', async () => {
      const found = await lookup(host, { all: true }).catch((thrown: unknown) => {
        throw networkFailure(thrown, host);
      });
      return found.map(({ address }) => address).join(', ');
    });
  }
  await step('connected', async () => {
    (await opened(connect({ host, port }), 'connect', whom, signal)).destroy();
    return whom;
  });
  if (tls === undefined) return;
  await step('certificate trusted', async () => {
    const socket = connectTls({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    });
    await opened(socket, 'secureConnect', whom, signal);
    const answer = certificateInWords(socket);
    socket.destroy();
    return answer;
  });
}

/** @param url where there is a proxy, the steps are about that one: names are looked up behind it */
export async function testUrl(
  step: Step,
  url: string,
  { tls, proxy }: { readonly tls?: TlsOptions | undefined; readonly proxy?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { protocol, hostname, port } = new URL(proxy ?? url);
  const isSecure = protocol === 'https:';
  await testAddress(
    step,
    {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      tls: isSecure ? (proxy === undefined ? (tls ?? {}) : {}) : undefined,
    },
    signal,
  );
}

function opened<T extends Socket>(
  socket: T,
  ready: 'connect' | 'secureConnect',
  whom: string,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (error: CausewayError): void => {
      socket.destroy();
      reject(error);
    };
    const late = setTimeout(() => {
      end(new CausewayError('timed-out', `${whom} does not answer within ${stepMs / 1000} s.`));
    }, stepMs);
    const onAbort = (): void => end(new CausewayError('aborted', 'The test was ended.'));
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
    };
    socket.once(ready, () => {
      done();
      resolve(socket);
    });
    socket.once('error', (error) => {
      done();
      end(networkFailure(error, whom));
    });
  });
}

function certificateInWords(socket: TLSSocket): string {
  const { valid_to: till } = socket.getPeerCertificate();
  return `${socket.getProtocol() ?? 'TLS'}, valid till ${till}`;
}
