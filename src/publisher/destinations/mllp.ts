import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError } from '../../kernel/errors.ts';
import type { TlsOptions } from '../configuration.ts';
import { networkFailure } from './network-failure.ts';

export interface MllpAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls?: TlsOptions | undefined;
}

export interface MllpLimits {
  readonly connectMs: number;
  /** Until the acknowledgment is complete. */
  readonly answerMs: number;
  readonly maxAnswerBytes: number;
}

export const defaultMllpLimits: MllpLimits = { connectMs: 10_000, answerMs: 60_000, maxAnswerBytes: 1_048_576 };

const startBlock = 0x0b;
const endBlock = Buffer.from([0x1c, 0x0d]);

/**
 * Sends one message over a connection of its own and waits for what is answered.
 * @param text without what frames it
 * @throws CausewayError `unavailable`, with `details.limit` if the answer is too long, `timed-out`, `aborted`
 * @see HL7 v2.5.1 appendix C §C.4, Minimal Lower Layer Protocol
 */
export async function sendByMllp(
  { host, port, tls }: MllpAddress,
  text: string,
  limits: MllpLimits,
  signal: AbortSignal,
): Promise<string> {
  const whom = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (signal.aborted) throw new CausewayError('aborted', 'Sending was ended.');
  const socket = tls === undefined ? connect({ host, port, noDelay: true }) : connectTls(tlsOptions(host, port, tls));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let timer = late(limits.connectMs, 'does not answer the call');

    function late(ms: number, what: string): NodeJS.Timeout {
      return setTimeout(() => fail(new CausewayError('timed-out', `${whom} ${what} within ${ms / 1000} s.`)), ms);
    }
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    }
    function fail(error: CausewayError): void {
      end();
      reject(error);
    }
    const onAbort = (): void => fail(new CausewayError('aborted', 'Sending was ended.'));
    signal.addEventListener('abort', onAbort, { once: true });

    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      timer = late(limits.answerMs, 'took the message and does not acknowledge it');
      socket.write(Buffer.concat([Buffer.from([startBlock]), Buffer.from(text), endBlock]));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > limits.maxAnswerBytes) {
        const message = `${whom} answers with more than ${limits.maxAnswerBytes} bytes.`;
        fail(new CausewayError('unavailable', message, { details: { limit: 'maxAnswerBytes' } }));
        return;
      }
      const framed = unframed(chunks, chunk);
      if (framed === undefined) return;
      end();
      resolve(framed);
    });
    socket.once('error', (error) => fail(networkFailure(error, whom)));
    socket.once('close', () => {
      const how = bytes === 0 ? 'without an acknowledgment' : 'in the middle of its acknowledgment';
      fail(new CausewayError('unavailable', `${whom} closed the connection ${how}.`));
    });
  });
}

function tlsOptions(host: string, port: number, tls: TlsOptions) {
  return {
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}

/** What lies between start and end block, once both have come. */
function unframed(chunks: readonly Buffer[], last: Buffer): string | undefined {
  // The end is two bytes, of which the first may have come with the chunk before.
  if (!last.includes(endBlock[0]!) && !last.includes(endBlock[1]!)) return undefined;
  const all = Buffer.concat(chunks);
  const start = all.indexOf(startBlock);
  const end = start < 0 ? -1 : all.indexOf(endBlock, start);
  return end < 0 ? undefined : all.subarray(start + 1, end).toString();
}
