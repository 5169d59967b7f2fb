import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { asCausewayError, CausewayError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { describeAnnotation } from './annotation.ts';
import { decodedFrameBytes, describeFrame, type FrameDescription } from './frame-description.ts';
import type { EncodedFrame, Imaging, RenderParameters } from './imaging.ts';
import { describeOverlays } from './overlays.ts';
import { describePresentation } from './presentation.ts';
import { describeState } from './presentation-state/describe-state.ts';
import { createWorkerPool, type PoolWorker } from './worker-pool.ts';

export interface ImagingOptions {
  /** Worker threads at most; default: one fewer than the cores, at least one. They start when needed. */
  readonly workers?: number;
  /** Time for one frame in a worker; default 30 s. */
  readonly jobTimeoutMs?: number;
  /** Frames that may wait for a worker; default 256. */
  readonly maxQueuedJobs?: number;
  /** Bytes of one decoded frame; default 512 MiB. */
  readonly maxFrameBytes?: number;
  /** Pixels of a viewport that a picture may be scaled to; default 64 million. */
  readonly maxViewportPixels?: number;
  /** An idle worker ends after so long; default 60 s. */
  readonly idleTimeoutMs?: number;
  /** JavaScript heap of one worker; pixels and WebAssembly memory lie outside it; default 256. */
  readonly workerHeapMebibytes?: number;
  readonly metrics?: Pick<Metrics, 'imagingSeconds'>;
  readonly log: Log;
}

/** Decodes and renders in worker threads. The bytes of a frame are copied to the worker, the caller keeps its own. */
export function createImaging(options: ImagingOptions): Imaging {
  const { maxFrameBytes = 512 * 2 ** 20, maxViewportPixels = 64_000_000, workerHeapMebibytes = 256 } = options;
  const pool = createWorkerPool({
    workers: options.workers ?? Math.max(1, availableParallelism() - 1),
    jobTimeoutMs: options.jobTimeoutMs ?? 30_000,
    maxQueuedJobs: options.maxQueuedJobs ?? 256,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    startWorker: () => startWorker(workerHeapMebibytes),
    log: options.log,
  });

  async function measured<T>(job: 'decode' | 'encode' | 'render' | 'read-picture', work: () => Promise<T>): Promise<T> {
    const stop = options.metrics?.imagingSeconds.startTimer({ job });
    try {
      const result = await work();
      stop?.({ outcome: 'success' });
      return result;
    } catch (thrown) {
      stop?.({ outcome: asCausewayError(thrown).code });
      throw thrown;
    }
  }

  /** Refuses what must not reach a worker. */
  function admit(frame: EncodedFrame): FrameDescription {
    const description = describeFrame(frame);
    const bytes = decodedFrameBytes(description);
    if (bytes > maxFrameBytes) {
      const { rows, columns } = description;
      const message = `A frame of ${columns} × ${rows} pixels has ${bytes} bytes when decoded, more than ${maxFrameBytes} (maxFrameBytes).`;
      throw new CausewayError('decode-failed', message, { details: { limit: 'maxFrameBytes' } });
    }
    return description;
  }

  function admitDecodable(frame: EncodedFrame): FrameDescription {
    const description = admit(frame);
    if (undecodable.has(description.codec)) {
      throw new CausewayError('transfer-syntax-unsupported', reasonNotDecoded(description));
    }
    return description;
  }

  function admitViewport({ viewport }: RenderParameters): void {
    if (viewport === undefined || viewport.width * viewport.height <= maxViewportPixels) return;
    const message = `A viewport of ${viewport.width} × ${viewport.height} is larger than ${maxViewportPixels} pixels (maxViewportPixels).`;
    throw new CausewayError('bad-request', message, { details: { parameter: 'viewport', limit: 'maxViewportPixels' } });
  }

  function describeRendering(frame: EncodedFrame, description: FrameDescription, { window }: RenderParameters) {
    if (frame.presentationState !== undefined) {
      const bounds = { window, maxPixels: maxViewportPixels };
      const { presentation, overlays, ...state } = describeState(frame.presentationState, frame, description, bounds);
      return { presentation, overlays, state };
    }
    const presentation = describePresentation(frame.attributes, description, window);
    return { presentation, overlays: describeOverlays(frame, description), state: undefined };
  }

  return {
    decode: (frame) =>
      measured('decode', async () => {
        const description = admitDecodable(frame);
        const bytes = ownBytes(frame.bytes);
        const answer = await pool.run({ kind: 'decode', bytes, frame: description }, [bytes.buffer]);
        if (answer.kind !== 'decoded')
          throw new CausewayError('internal', 'The imaging worker answered something else.');
        return answer.frame;
      }),
    encode: (frame, transferSyntaxUid) =>
      measured('encode', async () => {
        const description = admitDecodable(frame);
        const bytes = ownBytes(frame.bytes);
        const job = { kind: 'encode', bytes, frame: description, transferSyntaxUid } as const;
        const answer = await pool.run(job, [bytes.buffer]);
        if (answer.kind !== 'encoded')
          throw new CausewayError('internal', 'The imaging worker answered something else.');
        return answer.frame;
      }),
    render: (frame, parameters) =>
      measured('render', async () => {
        const description = admit(frame);
        if (undecodable.has(description.codec)) {
          throw new CausewayError('cannot-render', reasonNotDecoded(description));
        }
        admitViewport(parameters);
        const how = describeRendering(frame, description, parameters);
        const bytes = ownBytes(frame.bytes);
        const annotation = describeAnnotation(frame, parameters.annotation, how.presentation.voi);
        const { iccProfile } = frame;
        const job = { kind: 'render', bytes, frame: description, ...how, annotation, iccProfile, parameters } as const;
        const answer = await pool.run(job, [bytes.buffer]);
        if (answer.kind !== 'rendered')
          throw new CausewayError('internal', 'The imaging worker answered something else.');
        return Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength);
      }),
    readPicture: (picture) =>
      measured('read-picture', async () => {
        const bytes = ownBytes(picture);
        const answer = await pool.run({ kind: 'read-picture', bytes, maxBytes: maxFrameBytes }, [bytes.buffer]);
        if (answer.kind !== 'picture')
          throw new CausewayError('internal', 'The imaging worker answered something else.');
        return answer.picture;
      }),
    close: () => pool.close(),
  };
}

const undecodable: ReadonlySet<string> = new Set(['mpeg2', 'mpeg4', 'hevc', 'referenced']);

function reasonNotDecoded({ codec, transferSyntaxUid }: FrameDescription): string {
  return codec === 'referenced'
    ? `Transfer syntax ${transferSyntaxUid} leaves the pixels with another server (JPIP): there is nothing here to decode.`
    : `The pixels are one video stream (transfer syntax ${transferSyntaxUid}): single frames cannot be taken from it, retrieve it as video.`;
}

/** A copy with a buffer of its own: a view's whole buffer would be cloned, and the caller's must not be detached. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function startWorker(heapMebibytes: number): PoolWorker {
  // Worker threads do not inherit the TypeScript loader of tests and development.
  const entry = import.meta.url.endsWith('.ts')
    ? new URL('./worker/entry-from-source.mjs', import.meta.url)
    : new URL('./worker/entry.js', import.meta.url);
  const worker = new Worker(entry, {
    resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
    execArgv: [],
    // The workers have no use for the settings of the server, and some of these are secrets.
    env: {},
  });
  let failure: unknown;
  worker.on('error', (error) => {
    failure = error;
  });
  return {
    postMessage: (job, transfer) => worker.postMessage(job, transfer),
    onAnswer: (listener) => worker.on('message', listener),
    onExit: (listener) => worker.on('exit', (code) => listener(failure ?? new Error(`exit code ${code}`))),
    terminate: () => worker.terminate(),
  };
}
