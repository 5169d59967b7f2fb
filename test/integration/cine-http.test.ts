import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BuiltElement, buildPart10, element, inTagOrder, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const ultrasound = '1.2.840.10008.5.1.4.1.1.3.1';
const frames = 5;
const gray = { rows: 31, columns: 45, frames, bitsAllocated: 8 } as const;
const pixels = smooth(gray.columns, gray.rows * frames, 1);
const colour = smooth(64, 48 * frames, 3);

let server: TestServer;
let directory: string;
let grayUrl: string;
let colourUrl: string;
let stillUrl: string;
let longUrl: string;

beforeAll(async () => {
  server = await startTestServer();
  directory = await mkdtemp(join(tmpdir(), 'causeway-cine-'));
  const times = [element('00181065', 'DS', '0\\40\\80\\33\\34'), element('00280009', 'AT', [0x00181065])];
  grayUrl = await store(1, [...times, ...pixelElements({ ...gray, pixelData: pixels })]);
  const frameTime = [element('00181063', 'DS', '33.333'), element('00181244', 'US', [1])];
  const picture = { rows: 48, columns: 64, frames, bitsAllocated: 8, samplesPerPixel: 3 } as const;
  colourUrl = await store(2, [...frameTime, ...pixelElements({ ...picture, pixelData: colour })]);
  stillUrl = await store(
    3,
    pixelElements({ rows: 31, columns: 45, bitsAllocated: 8, pixelData: pixels.subarray(0, 1395) }),
  );
  const long = { rows: 256, columns: 256, frames: 150, bitsAllocated: 8 } as const;
  longUrl = await store(4, pixelElements({ ...long, pixelData: randomBytes(256 * 256 * 150) }));
});
afterAll(async () => {
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});

/** What codecs made for pictures do well with. */
function smooth(columns: number, rows: number, samples: number): Buffer {
  const bytes = Buffer.alloc(columns * rows * samples);
  for (let at = 0; at < bytes.length; at++) {
    const pixel = Math.floor(at / samples);
    bytes[at] =
      128 + 100 * Math.sin((pixel % columns) / 9 + (at % samples)) * Math.cos(Math.floor(pixel / columns) / 13);
  }
  return bytes;
}

/** @returns the URL of the instance */
async function store(number: number, elements: readonly BuiltElement[], status = 200): Promise<string> {
  const all = inTagOrder([
    element('00080016', 'UI', ultrasound),
    element('00080018', 'UI', `2.25.83.${number}`),
    element('00100020', 'LO', 'C1'),
    element('0020000D', 'UI', '2.25.81'),
    element('0020000E', 'UI', '2.25.82'),
    ...elements,
  ]);
  expect((await stow(server.web, [buildPart10({ elements: all })])).status).toBe(status);
  return `${server.web}/studies/2.25.81/series/2.25.82/instances/2.25.83.${number}`;
}

function uri(number: number, query: string): string {
  const origin = new URL(server.web).origin;
  return `${origin}/wado?requestType=WADO&studyUID=2.25.81&seriesUID=2.25.82&objectUID=2.25.83.${number}&${query}`;
}

async function get(url: string, accept = '*/*', headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers: { Accept: accept, ...headers } });
  return { response, type: response.headers.get('content-type'), bytes: Buffer.from(await response.arrayBuffer()) };
}

interface Loop {
  readonly frames: Buffer[];
  readonly delays: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Every frame as RGB. */
async function loopOf(gif: Buffer): Promise<Loop> {
  const { pages = 1, delay = [], width, pageHeight, height } = await sharp(gif, { pages: -1 }).metadata();
  const rgb = await sharp(gif, { pages: -1 }).removeAlpha().toColourspace('srgb').raw().toBuffer();
  const length = rgb.length / pages;
  const list = Array.from({ length: pages }, (_, at) => rgb.subarray(at * length, (at + 1) * length));
  return { frames: list, delays: delay, width, height: pageHeight ?? height };
}

async function pngOf(url: string, frame: number, query = ''): Promise<Buffer> {
  const { bytes } = await get(`${url}/frames/${frame}/rendered${query}`, 'image/png');
  return sharp(bytes).toColourspace('srgb').raw().toBuffer();
}

function meanDifference(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] as number)), 0) / one.length;
}

describe('frames as an animated GIF', () => {
  it('are all there in their order, gray ones to the last level, each as long as it took', async () => {
    const { type, bytes } = await get(`${grayUrl}/rendered`, 'image/gif');
    expect(type).toBe('image/gif');
    const loop = await loopOf(bytes);
    expect([loop.width, loop.height, loop.frames.length]).toEqual([45, 31, frames]);
    expect(loop.delays).toEqual([40, 80, 30, 40, 40]);
    for (const [at, frame] of loop.frames.entries()) {
      expect(frame.equals(await pngOf(grayUrl, at + 1)), `frame ${at + 1}`).toBe(true);
    }
    expect(bytes.includes('NETSCAPE2.0')).toBe(true);
  });

  it('keep their colours within what a palette can do, and go back where sweeping is preferred', async () => {
    const { frames: shown } = await loopOf((await get(`${colourUrl}/rendered`, 'image/gif')).bytes);
    expect(shown).toHaveLength(8);
    for (const [at, number] of [1, 2, 3, 4, 5, 4, 3, 2].entries()) {
      expect(meanDifference(shown[at]!, await pngOf(colourUrl, number))).toBeLessThan(3);
      expect(meanDifference(shown[at]!, await pngOf(colourUrl, (number % 5) + 1))).toBeGreaterThan(5);
    }
  });

  it('are those of a list, in its order', async () => {
    const { type, bytes } = await get(`${grayUrl}/frames/3,1,3/rendered`, 'image/gif');
    expect(type).toBe('image/gif');
    const { frames: shown } = await loopOf(bytes);
    expect(shown.map((frame) => frame.toString('hex'))).toEqual(
      await Promise.all([3, 1, 3].map(async (number) => (await pngOf(grayUrl, number)).toString('hex'))),
    );
    const parts = await get(`${grayUrl}/frames/3,1/rendered`, 'multipart/related; type="image/gif"');
    expect(parts.type).toMatch(/^multipart\/related/);
    expect((await get(`${grayUrl}/frames/3,9/rendered`, 'image/gif')).response.status).toBe(404);
  });

  it('take window and viewport as pictures do', async () => {
    const query = '?window=100,50,linear&viewport=90,90';
    const loop = await loopOf((await get(`${grayUrl}/rendered${query}`, 'image/gif')).bytes);
    expect([loop.width, loop.height]).toEqual([90, 62]);
    expect(loop.frames[1]!.equals(await pngOf(grayUrl, 2, query))).toBe(true);
    expect((await get(`${grayUrl}/rendered?viewport=0,5`, 'image/gif')).response.status).toBe(400);
  });

  it('come for who names GIF, in WADO-URI too; who does not gets a still picture', async () => {
    expect((await get(`${grayUrl}/rendered`)).type).toBe('image/jpeg');
    expect((await get(`${grayUrl}/rendered`, 'image/*')).type).toBe('image/jpeg');
    const byUri = await get(uri(1, 'contentType=image/gif&columns=90'));
    expect((await loopOf(byUri.bytes)).frames).toHaveLength(frames);
    const one = await get(uri(1, 'contentType=image/gif&frameNumber=2'));
    expect((await sharp(one.bytes).metadata()).pages ?? 1).toBe(1);
    for (const url of [`${stillUrl}/rendered`, `${grayUrl}/frames/1/rendered`]) {
      const still = await get(url, 'image/gif');
      expect(still.type).toBe('image/gif');
      expect((await sharp(still.bytes).metadata()).pages ?? 1).toBe(1);
    }
  });

  it('that were made once are there at once, in ranges too', async () => {
    const first = await get(`${grayUrl}/rendered`, 'image/gif');
    const part = await get(`${grayUrl}/rendered`, 'image/gif', { Range: 'bytes=6-9' });
    expect(part.response.status).toBe(206);
    expect(part.bytes.equals(first.bytes.subarray(6, 10))).toBe(true);
    expect((await get(`${grayUrl}/rendered`, 'image/gif', { Range: 'bytes=99999999-' })).response.status).toBe(416);
    const head = await fetch(`${grayUrl}/rendered`, { method: 'HEAD', headers: { Accept: 'image/gif' } });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(first.bytes.length)]);
  });
});

const hasFfmpeg = hasProgram('ffmpeg') && hasProgram('ffprobe');

/** Children of this process, and so of the server in it. */
function encoders(): string {
  return spawnSync('pgrep', ['-P', String(process.pid), 'ffmpeg'], { encoding: 'utf8' }).stdout.trim();
}

describe.skipIf(!hasFfmpeg)('frames as MP4 (needs ffmpeg)', () => {
  it.each([
    ['gray, with odd sides', () => grayUrl, 45, 31, 1],
    ['coloured', () => colourUrl, 64, 48, 3],
  ])('are H.264 in 4:2:0 with even sides, and look as their pictures: %s', async (_, url, width, height) => {
    const { type, bytes } = await get(`${url()}/rendered?quality=100`, 'video/mp4');
    expect(type).toBe('video/mp4');
    const file = join(directory, `${width}.mp4`);
    await writeFile(file, bytes);
    const entries = 'stream=codec_name,pix_fmt,width,height,nb_read_frames,avg_frame_rate';
    const probed = spawnSync('ffprobe', [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      entries,
      '-of',
      'json',
      file,
    ]);
    const even = [width + (width % 2), height + (height % 2)] as const;
    const [stream] = JSON.parse(probed.stdout.toString()).streams;
    expect(stream).toMatchObject({ codec_name: 'h264', pix_fmt: 'yuv420p', width: even[0], height: even[1] });
    expect(stream.nb_read_frames).toBe(String(frames));
    const [count, seconds] = String(stream.avg_frame_rate).split('/').map(Number);
    expect((count as number) / (seconds as number)).toBeCloseTo(url() === grayUrl ? 1000 / 46.75 : 30, 1);
    const raw = ['-v', 'error', '-i', file, '-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    const rgb = spawnSync('ffmpeg', raw, { maxBuffer: 2 ** 26 }).stdout;
    for (let at = 0; at < frames; at++) {
      const frame = rgb.subarray(at * even[0] * even[1] * 3, (at + 1) * even[0] * even[1] * 3);
      const shown = await sharp(frame, { raw: { width: even[0], height: even[1], channels: 3 } })
        .extract({ left: 0, top: 0, width, height })
        .raw()
        .toBuffer();
      expect(meanDifference(shown, await pngOf(url(), at + 1)), `frame ${at + 1}`).toBeLessThan(4);
    }
  });

  it('are shown as long as they took, each', async () => {
    const { bytes } = await get(`${grayUrl}/rendered`, 'video/mp4');
    const file = join(directory, 'times.mp4');
    await writeFile(file, bytes);
    const asked = ['-v', 'error', '-show_entries', 'packet=pts_time:format=duration', '-of', 'json', file];
    const { packets, format } = JSON.parse(spawnSync('ffprobe', asked).stdout.toString());
    const starts = packets.map(({ pts_time }: { pts_time: string }) => Math.round(1000 * Number(pts_time)));
    expect(starts).toEqual([0, 40, 120, 153, 187]);
    // Nothing tells how long the last one is shown but the others on average.
    expect(Number(format.duration)).toBeCloseTo(0.23375, 3);
  });

  it('are those of a list, and of WADO-URI', async () => {
    for (const url of [`${grayUrl}/frames/5,4/rendered?accept=video/mp4`, uri(1, 'contentType=video/mp4')]) {
      const { type, bytes } = await get(url);
      expect(type).toBe('video/mp4');
      expect(bytes.subarray(4, 8).toString()).toBe('ftyp');
    }
  });

  it('stop being made when nobody waits for them any more', async () => {
    const gone = new AbortController();
    const answer = await fetch(`${longUrl}/rendered`, { headers: { Accept: 'video/mp4' }, signal: gone.signal });
    expect(answer.status).toBe(200);
    expect(encoders()).not.toBe('');
    gone.abort();
    await vi.waitFor(() => expect(encoders()).toBe(''), { timeout: 20_000 });
  });

  it('are refused in words where they would be too large, before anything is sent', async () => {
    const { response, bytes } = await get(`${grayUrl}/rendered?viewport=3000,3000`, 'video/mp4');
    expect(response.status).toBe(406);
    expect(JSON.parse(bytes.toString())).toMatchObject({ limit: 'maxVideoPixels' });
    expect(encoders()).toBe('');
  });
});

it('frames of which a file says that it has two thousand million are refused by their number, and not listed', async () => {
  const image = pixelElements({ ...gray, pixelData: pixels }).filter(({ tag }) => tag !== '00280008');
  // It is stored, with a warning.
  const url = await store(6, [...image, element('00280008', 'IS', '2000000000')], 202);
  for (const address of [`${url}/rendered`, uri(6, 'contentType=image/gif')]) {
    const { response, bytes } = await get(address, 'image/gif');
    expect(response.status).toBe(406);
    expect(JSON.parse(bytes.toString())).toMatchObject({
      limit: 'maxCineFrames',
      detail: expect.stringContaining('2000000000 frames'),
    });
  }
});

it('without ffmpeg there is no video, which is said in words', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = directory;
  const other = await startTestServer().finally(() => {
    process.env['PATH'] = path;
  });
  try {
    const elements = [
      element('00080016', 'UI', ultrasound),
      element('00080018', 'UI', '2.25.93'),
      element('00100020', 'LO', 'C1'),
      element('0020000D', 'UI', '2.25.91'),
      element('0020000E', 'UI', '2.25.92'),
      ...pixelElements({ ...gray, pixelData: pixels }),
    ];
    expect((await stow(other.web, [buildPart10({ elements })])).status).toBe(200);
    const url = `${other.web}/studies/2.25.91/series/2.25.92/instances/2.25.93/rendered`;
    const { response, bytes } = await get(url, 'video/mp4');
    expect(response.status).toBe(406);
    const problem = JSON.parse(bytes.toString());
    expect(problem.detail).toContain('ffmpeg');
    expect(problem.acceptable).toContain('image/gif');
    expect(problem.acceptable).not.toContain('video/mp4');
    expect((await get(url, 'video/mp4, image/gif;q=0.5')).type).toBe('image/gif');
  } finally {
    await other.close();
  }
});
