import type { DicomJson } from '../dicom/json-model.ts';
import { transferSyntax } from '../dicom/transfer-syntaxes.ts';
import { type CineFrame, type CineTiming, cineTiming } from '../imaging/cine/cine-timing.ts';
import type { EncodeVideo } from '../imaging/cine/encode-video.ts';
import { gifAnimation } from '../imaging/cine/gif-animation.ts';
import type { RenderParameters } from '../imaging/imaging.ts';
import type { IndexedInstance } from '../index/instance-record.ts';
import { CausewayError } from '../kernel/errors.ts';
import { peek } from '../kernel/peek.ts';
import type { FrameCache } from './frame-cache.ts';
import type { CineMediaType, CineParameters, WantedCine } from './retrieve.ts';

/** What a cine loop may cost, each refused by its name. */
const limits = { maxCineFrames: 4000, maxCinePixels: 1_000_000_000, maxVideoPixels: 2048 * 2048 };

/** How to get at what a cine loop is made of. */
export interface CineParts {
  readAttributes(instance: IndexedInstance): Promise<DicomJson>;
  /** Rendered frames in the order of the numbers, the next ones begun while one is looked at; none of them is kept. */
  renderFrames(
    instance: IndexedInstance,
    numbers: readonly number[],
    parameters: RenderParameters,
    state: IndexedInstance | undefined,
  ): AsyncIterable<Buffer>;
  readonly encodeVideo: EncodeVideo | undefined;
  readonly cache: FrameCache;
  /** A longer loop is not kept. */
  readonly maxKeptBytes: number;
}

/** Cine loops of multi-frame images. */
export interface Cine {
  /** As what frames can be played here. */
  readonly types: readonly CineMediaType[];
  mediaTypes(instance: IndexedInstance): Promise<readonly CineMediaType[]>;
  /** @throws CausewayError `cannot-render` past a limit, and as `Retrieve.rendered`, before the first byte where it can */
  play(
    instance: IndexedInstance,
    wanted: WantedCine,
    state: IndexedInstance | undefined,
  ): Promise<Buffer | AsyncIterable<Uint8Array>>;
  /**
   * Frames of several instances, of one size, one after the other; each as long as its instance says.
   * @throws CausewayError as `play`
   */
  playTogether(
    scenes: readonly Scene[],
    parameters: CineParameters,
    state: IndexedInstance,
  ): Promise<Buffer | AsyncIterable<Uint8Array>>;
}

/** Frames of one instance, from 1. */
export interface Scene {
  readonly instance: IndexedInstance;
  readonly frameNumbers: readonly number[];
}

/** Frames of one instance with their times, not listed yet. */
interface TimedScene {
  readonly instance: IndexedInstance;
  readonly timing: CineTiming;
}

const defaultQuality = 90;

export function createCine({ readAttributes, renderFrames, encodeVideo, cache, maxKeptBytes }: CineParts): Cine {
  const types: readonly CineMediaType[] = encodeVideo === undefined ? ['image/gif'] : ['image/gif', 'video/mp4'];
  return {
    types,
    async mediaTypes(instance) {
      if (instance.frames < 2 || transferSyntax(instance.transferSyntaxUid)?.video) return [];
      // Tiles of a slide lie beside each other, not one after the other.
      if ((await readAttributes(instance))['00480006'] !== undefined) return [];
      return types;
    },
    async play(instance, { frameNumbers, parameters }, state) {
      const key = `${state?.blobKey ?? ''} ${instance.blobKey} cine ${JSON.stringify([frameNumbers, parameters])}`;
      return keptOrMade(key, parameters, state, async () => {
        const sweep = parameters.mediaType === 'image/gif';
        const attributes = await readAttributes(instance);
        return [{ instance, timing: cineTiming(attributes, instance.frames, { numbers: frameNumbers, sweep }) }];
      });
    },
    async playTogether(scenes, parameters, state) {
      requireFewFrames(scenes.map(({ frameNumbers }) => frameNumbers.length));
      const of = scenes.map(({ instance, frameNumbers }) => `${instance.blobKey} ${frameNumbers.join()}`).join(' ');
      const key = `${state.blobKey} ${of} cine ${JSON.stringify(parameters)}`;
      return keptOrMade(key, parameters, state, async () => {
        const timed: TimedScene[] = [];
        for (const { instance, frameNumbers: numbers } of scenes) {
          const timing = cineTiming(await readAttributes(instance), instance.frames, { numbers, sweep: false });
          timed.push({ instance, timing });
        }
        return timed;
      });
    },
  };

  async function keptOrMade(
    key: string,
    parameters: CineParameters,
    state: IndexedInstance | undefined,
    readScenes: () => Promise<readonly TimedScene[]>,
  ): Promise<Buffer | AsyncIterable<Uint8Array>> {
    const kept = cache.get(key);
    if (Buffer.isBuffer(kept)) return kept;
    const timed = await readScenes();
    requireFewFrames(timed.map(({ timing }) => timing.count));
    const scenes = timed.map(({ instance, timing }) => ({ instance, frames: [...timing.frames] }));
    const frames = scenes.flatMap((scene) => scene.frames);
    async function* render(mediaType: RenderParameters['mediaType']) {
      for (const scene of scenes) {
        const numbers = scene.frames.map(({ number }) => number);
        yield* renderFrames(scene.instance, numbers, { ...parameters, mediaType }, state);
      }
    }
    const { all } = await peek(
      parameters.mediaType === 'image/gif'
        ? gifAnimation(stillsFor(admitted(render('image/gif'), frames.length, gifSize, limits.maxCinePixels), frames))
        : video(
            encodeVideo,
            admitted(render(anymap), frames.length, anymapSize, limits.maxVideoPixels),
            frames,
            parameters,
          ),
    );
    return keeping(all, (content) => cache.set(key, content, content.length), maxKeptBytes);
  }
}

const anymap = 'image/x-portable-anymap';

function video(
  encodeVideo: EncodeVideo | undefined,
  pictures: AsyncIterable<Buffer>,
  frames: readonly CineFrame[],
  { quality = defaultQuality }: CineParameters,
): AsyncIterable<Uint8Array> {
  if (encodeVideo === undefined) throw new CausewayError('cannot-render', 'Nothing here makes videos.');
  return encodeVideo(pictures, { durationsMs: frames.map(({ durationMs }) => durationMs), quality });
}

async function* stillsFor(stills: AsyncIterable<Buffer>, frames: readonly CineFrame[]) {
  let at = 0;
  for await (const still of stills) yield { still, durationMs: frames[at++]?.durationMs ?? 0 };
}

type Size = readonly [width: number, height: number];

/** The first picture tells what all will cost; the others have its size. */
async function* admitted(
  pictures: AsyncIterable<Buffer>,
  count: number,
  sizeOf: (picture: Buffer) => Size,
  maxPixels: number,
): AsyncGenerator<Buffer, void, void> {
  let first: Size | undefined;
  for await (const picture of pictures) {
    const [width, height] = sizeOf(picture);
    if (first === undefined) {
      const pixels = width * height;
      if (pixels * count > limits.maxCinePixels) throw tooMuch(`${count} frames of ${pixels} pixels`, 'maxCinePixels');
      if (pixels > maxPixels) throw tooMuch(`Frames of ${pixels} pixels`, 'maxVideoPixels');
    } else if (width !== first[0] || height !== first[1]) {
      const message = `A frame has ${width} × ${height} pixels where the first has ${first.join(' × ')}: what is played has one size.`;
      throw new CausewayError('cannot-render', message);
    }
    first ??= [width, height];
    yield picture;
  }
}

function gifSize(gif: Buffer): Size {
  return [gif.readUInt16LE(6), gif.readUInt16LE(8)];
}

function anymapSize(picture: Buffer): Size {
  const [, width, height] = picture.subarray(0, 40).toString('latin1').split(/\s/);
  return [Number(width), Number(height)];
}

/** Hands on, and keeps what is short enough once it is whole. */
async function* keeping(
  content: AsyncIterable<Uint8Array>,
  keep: (whole: Buffer) => void,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
    yield chunk;
  }
  if (bytes <= maxBytes) keep(Buffer.concat(chunks));
}

/** Looked at before any of them is listed. @param counts frames of each scene @throws CausewayError `cannot-render` */
function requireFewFrames(counts: readonly number[]): void {
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count > limits.maxCineFrames) throw tooMuch(`${count} frames`, 'maxCineFrames');
}

function tooMuch(what: string, limit: keyof typeof limits): CausewayError {
  const message = `${what} are more than ${limits[limit]} (${limit}): ask for some of the frames, or with a smaller viewport.`;
  return new CausewayError('cannot-render', message, { details: { limit } });
}
