import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { CausewayError } from '../../kernel/errors.ts';

export interface VideoOptions {
  /** How long each picture is shown, one for each. */
  readonly durationsMs: readonly number[];
  /** 1 to 100. */
  readonly quality: number;
}

/**
 * Makes a video/mp4 (H.264, 4:2:0, fragmented, so that it can be watched as it comes) of pictures that are portable anymaps of
 * one size. An odd side gains a black line. Who stops reading stops the encoder.
 * @throws CausewayError `unavailable` if too many are made, `timed-out`, `cannot-render`, and what `pictures` throws
 */
export type EncodeVideo = (pictures: AsyncIterable<Uint8Array>, options: VideoOptions) => AsyncIterable<Uint8Array>;

/** What videos may cost, each refused by its name. */
export interface VideoLimits {
  /** At the same time: each takes a core and up to 200 MB. */
  readonly maxVideos: number;
  /** Until the last byte has been taken. */
  readonly maxVideoMs: number;
}

const usualLimits: VideoLimits = { maxVideos: 2, maxVideoMs: 300_000 };

/**
 * Looks for an ffmpeg that can write H.264.
 * @param path list of folders, as in the environment
 * @returns undefined if there is none
 */
export async function findVideoEncoder(path = '', limits: VideoLimits = usualLimits): Promise<EncodeVideo | undefined> {
  const program = path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'))
    .find(isExecutable);
  if (program === undefined) return undefined;
  try {
    // Its banner tells the version.
    const { stdout, stderr } = await promisify(execFile)(program, ['-encoders'], { timeout: 10_000, env: {} });
    return /\blibx264\b/.test(stdout) ? videoEncoder(program, isTimekeeper(stderr), limits) : undefined;
  } catch {
    return undefined;
  }
}

/** From 5.1 on it has all that pictures of different durations need; what is built from other sources has a name of its own. */
function isTimekeeper(banner: string): boolean {
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(banner) ?? [];
  return major === undefined || Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 1);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function videoEncoder(program: string, keepsDurations: boolean, { maxVideos, maxVideoMs }: VideoLimits): EncodeVideo {
  let running = 0;
  return async function* encode(pictures, options) {
    if (running >= maxVideos) {
      const message = `${running} videos are being made already (maxVideos).`;
      throw new CausewayError('unavailable', message, { details: { limit: 'maxVideos' } });
    }
    running += 1;
    // The settings of the server, some of them secrets, are none of its business.
    const child = spawn(program, ffmpegArguments(options, keepsDurations), {
      stdio: 'pipe',
      env: {},
      windowsHide: true,
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, maxVideoMs);
    const ended = endOf(child);
    let failure: { readonly thrown: unknown } | undefined;
    const feeding = pipeline(Readable.from(pictures), child.stdin).catch((thrown: unknown) => {
      // Without its pictures the encoder would end as if it had them all.
      failure = { thrown };
    });
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>;
      const { code, words } = await ended;
      await feeding;
      if (timedOut) throw tookTooLong(maxVideoMs);
      if (failure !== undefined && !isBrokenPipe(failure.thrown)) throw failure.thrown;
      if (code !== 0) throw new CausewayError('cannot-render', `ffmpeg could not make the video: ${words}`);
    } finally {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdin.destroy();
      await Promise.all([feeding, ended]);
      running -= 1;
    }
  };
}

/** @param quality becomes the constant rate factor: 90, the usual one, is 18, which eyes cannot tell from the original */
function ffmpegArguments({ durationsMs, quality }: VideoOptions, keepsDurations: boolean): string[] {
  const totalMs = durationsMs.reduce((sum, one) => sum + one, 0);
  const rate = String(Math.min(Math.max((1000 * durationsMs.length) / totalMs, 0.02), 1000).toFixed(4));
  const input = ['-f', 'image2pipe', '-c:v', 'ppm', '-framerate', rate, '-i', 'pipe:0'];
  const times = keepsDurations ? pictureTimes(durationsMs) : undefined;
  const filters = [
    ...(times === undefined ? [] : [`settb=1/${ticksASecond}`, `setpts='${times.startExpression}'`]),
    'pad=ceil(iw/2)*2:ceil(ih/2)*2',
    'scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int',
    'format=yuv420p',
  ];
  const colour = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  // Without frames that lean on later ones the first is shown at once, and the length is that of the frames.
  const crf = String(Math.round(45 - 0.3 * quality));
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', crf, '-g', '50', '-bf', '0', '-threads', '1'];
  const last = durationsMs.length - 1;
  const timed =
    times === undefined
      ? []
      : [
          ...['-fps_mode', 'vfr', '-enc_time_base', `1:${ticksASecond}`],
          // Nothing comes behind the last picture to tell how long it is shown.
          ...['-bsf:v', `setts=duration='if(eq(N,${last}),${(durationsMs[last] ?? 0) / 1000}/TB,DURATION)'`],
        ];
  const output = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'];
  const quiet = ['-hide_banner', '-loglevel', 'error', '-threads', '1'];
  return [...quiet, ...input, '-an', '-vf', filters.join(','), ...video, ...colour, ...timed, ...output];
}

const ticksASecond = 90_000;
/** Runs of pictures with one duration: an argument of a program may have 128 KiB. */
const maxRuns = 1_500;

interface Run {
  /** Index of its first picture. */
  readonly first: number;
  readonly startTicks: number;
  readonly durationTicks: number;
}

/**
 * When each picture begins, as an expression of its index `N`.
 * @returns undefined where all are shown equally long, which a rate says, or where there are too many different ones to tell
 */
function pictureTimes(durationsMs: readonly number[]): { startExpression: string } | undefined {
  if (durationsMs.every((one) => one === durationsMs[0])) return undefined;
  const runs: Run[] = [];
  let elapsedMs = 0;
  for (const [first, durationMs] of durationsMs.entries()) {
    const startTicks = Math.round((elapsedMs * ticksASecond) / 1000);
    elapsedMs += durationMs;
    const durationTicks = Math.round((elapsedMs * ticksASecond) / 1000) - startTicks;
    // What is rounded up here is rounded down there: that makes no run of its own.
    const run = runs.at(-1);
    const expected = run && run.startTicks + (first - run.first) * run.durationTicks;
    const goesOn = expected !== undefined && Math.abs(expected - startTicks) <= 1;
    if (!goesOn || Math.abs(durationTicks - run!.durationTicks) > 1) runs.push({ first, startTicks, durationTicks });
  }
  return runs.length > maxRuns ? undefined : { startExpression: startOf(runs) };
}

function startOf(runs: readonly Run[]): string {
  const [only] = runs;
  if (runs.length === 1 && only) return `${only.startTicks}+(N-${only.first})*${only.durationTicks}`;
  const middle = runs.length >> 1;
  return `if(lt(N,${runs[middle]!.first}),${startOf(runs.slice(0, middle))},${startOf(runs.slice(middle))})`;
}

const maxWords = 500;

function endOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly words: string }> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(0, maxWords);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, words: error.message }));
    child.on('close', (code) => resolve({ code, words: words.trim() || 'it was stopped.' }));
  });
}

/** The encoder ended first: its own words say why. */
function isBrokenPipe(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && brokenPipes.has(String(thrown.code));
}

const brokenPipes: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'EOF']);

function tookTooLong(maxVideoMs: number): CausewayError {
  const message = `The video took longer than ${maxVideoMs} ms (maxVideoMs) and was stopped.`;
  return new CausewayError('timed-out', message, { details: { limit: 'maxVideoMs' } });
}
