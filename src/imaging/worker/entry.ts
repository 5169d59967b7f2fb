import { parentPort } from 'node:worker_threads';
import { CausewayError, type ErrorCode } from '../../kernel/errors.ts';
import type { Answer, Job } from '../job.ts';
import { decodeFrame } from './decode-frame.ts';
import { encodeFrame } from './encode-frame.ts';
import { readPicture } from './read-picture.ts';
import { renderFrame } from './render/render-frame.ts';

if (parentPort === null) throw new Error('This module runs in a worker thread.');
const port = parentPort;

async function answerTo(job: Job): Promise<Answer> {
  try {
    if (job.kind === 'read-picture') return { kind: 'picture', picture: await readPicture(job.bytes, job.maxBytes) };
    if (job.kind === 'render') return { kind: 'rendered', bytes: await renderFrame(job) };
    if (job.kind === 'encode') {
      const samples = await decodeFrame(job.bytes, job.frame);
      return { kind: 'encoded', frame: await encodeFrame(samples, job.frame, job.transferSyntaxUid) };
    }
    const { isFloat: _, ...frame } = await decodeFrame(job.bytes, job.frame);
    return { kind: 'decoded', frame };
  } catch (thrown) {
    if (thrown instanceof CausewayError) {
      return { kind: 'failed', code: thrown.code, message: thrown.message, details: thrown.details };
    }
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    if (job.kind === 'read-picture') {
      return { kind: 'failed', code: 'malformed', message: `The picture could not be read: ${reason}`, details: {} };
    }
    const [code, done] = failures[job.kind];
    return { kind: 'failed', code, message: `The frame could not be ${done}: ${reason}`, details: {} };
  }
}

const failures = {
  decode: ['decode-failed', 'decoded'],
  encode: ['transfer-syntax-unsupported', 'encoded'],
  render: ['cannot-render', 'rendered'],
} as const satisfies Record<Exclude<Job['kind'], 'read-picture'>, readonly [ErrorCode, string]>;

/** Decoded samples are large and given away; a picture is small, and its memory belongs to the library that made it. */
function transferable(answer: Answer): ArrayBuffer[] {
  if (answer.kind !== 'decoded' && answer.kind !== 'encoded') return [];
  const { buffer, byteLength } = answer.frame.bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}

port.on('message', (job: Job) => {
  void answerTo(job).then((answer) => port.postMessage(answer, transferable(answer)));
});
port.postMessage({ kind: 'ready' } satisfies Answer);
