import { CausewayError } from '../../kernel/errors.ts';

/** A still GIF and how long it is shown. */
export interface GifFrame {
  readonly still: Uint8Array;
  /** Milliseconds. */
  readonly durationMs: number;
}

/** Shorter delays than this are taken for a mistake by browsers, which then show ten frames a second. */
const minDelayCentiseconds = 2;

/**
 * Puts still GIFs of one size together as an animation that repeats for ever, each frame with colours of its own; one frame
 * is held at a time. Delays are whole hundredths of a second: what is rounded off one is given to the next.
 * @throws CausewayError `cannot-render` if a frame has another size than the first
 */
export async function* gifAnimation(frames: AsyncIterable<GifFrame>): AsyncGenerator<Buffer, void, void> {
  let size: string | undefined;
  let owedMs = 0;
  for await (const { still, durationMs } of frames) {
    const { width, height, colours, image, data } = partsOf(Buffer.from(still.buffer, still.byteOffset, still.length));
    if (size === undefined) yield animationHead(width, height);
    size ??= `${width} × ${height}`;
    if (size !== `${width} × ${height}`) throw otherSize(size, `${width} × ${height}`);
    owedMs += durationMs;
    const delay = Math.max(minDelayCentiseconds, Math.min(Math.round(owedMs / 10), 65_535));
    owedMs -= 10 * delay;
    // What the shortest delay takes too long is not made up for.
    if (owedMs < 0 && delay === minDelayCentiseconds) owedMs = 0;
    yield Buffer.concat([graphicControl(delay), localImage(image, colours), data]);
  }
  yield Buffer.from([0x3b]);
}

function animationHead(width: number, height: number): Buffer {
  const screen = Buffer.alloc(13);
  screen.write('GIF89a', 0, 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen[10] = 0x70;
  const forEver = Buffer.concat([
    Buffer.from([0x21, 0xff, 11]),
    Buffer.from('NETSCAPE2.0'),
    Buffer.from([3, 1, 0, 0, 0]),
  ]);
  return Buffer.concat([screen, forEver]);
}

function graphicControl(delay: number): Buffer {
  return Buffer.from([0x21, 0xf9, 4, 4, delay & 0xff, delay >> 8, 0, 0]);
}

/** The image descriptor with the colours behind it. */
function localImage(descriptor: Buffer, colours: Buffer): Buffer {
  const own = Buffer.from(descriptor);
  own[9] = 0x80 | (Math.log2(colours.length / 3) - 1);
  return Buffer.concat([own, colours]);
}

interface GifParts {
  readonly width: number;
  readonly height: number;
  readonly colours: Buffer;
  /** The image descriptor, 10 bytes. */
  readonly image: Buffer;
  /** The smallest code and the sub-blocks to their end. */
  readonly data: Buffer;
}

/** Takes a still apart, as its writers lay it out: extensions, one image (GIF89a §17 on). */
function partsOf(gif: Buffer): GifParts {
  const flags = gif.readUInt8(10);
  let at = 13;
  let colours = gif.subarray(at, at);
  if (flags & 0x80) {
    colours = gif.subarray(at, at + 3 * 2 ** ((flags & 7) + 1));
    at += colours.length;
  }
  while (gif[at] === 0x21) at = endOfBlocks(gif, at + 2);
  if (gif[at] !== 0x2c) throw new CausewayError('internal', 'A still GIF has no image.');
  const image = gif.subarray(at, at + 10);
  at += 10;
  const localFlags = image.readUInt8(9);
  if (localFlags & 0x80) {
    colours = gif.subarray(at, at + 3 * 2 ** ((localFlags & 7) + 1));
    at += colours.length;
  }
  const data = gif.subarray(at, endOfBlocks(gif, at + 1));
  return { width: gif.readUInt16LE(6), height: gif.readUInt16LE(8), colours, image, data };
}

/** Behind the empty block that ends a row of sub-blocks. */
function endOfBlocks(gif: Buffer, start: number): number {
  let at = start;
  for (let length = gif.readUInt8(at); length !== 0; length = gif.readUInt8(at)) at += 1 + length;
  return at + 1;
}

function otherSize(first: string, other: string): CausewayError {
  return new CausewayError('cannot-render', `A frame has ${other} pixels where the first has ${first}.`);
}
