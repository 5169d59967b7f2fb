import type { Buffer } from 'node:buffer';
import { endsCodestream, startsCodestream } from './codestream-marks.ts';
import { createGrowingNumbers } from './growing-numbers.ts';
import type { CodecFamily } from './transfer-syntaxes.ts';

/** Offset of each frame: bytes between the item headers of the first fragment and of its own, the same as between the values. */
export type FrameOffsets = readonly number[] | Float64Array;

/** What the file says of its frames, beside the fragments themselves. */
interface FrameHints {
  readonly frames: number;
  readonly video: boolean;
  /** Extended Offset Table (7FE0,0001), where there is one. */
  readonly extendedOffsets: FrameOffsets | undefined;
}

/** Gathers the fragments of encapsulated Pixel Data in file order. */
export interface FragmentCollector {
  readonly count: number;
  /** The first item. @param bytes its value, empty if there is no table */
  basicOffsets(bytes: Buffer): void;
  /** @param head first bytes of the fragment, as many as there are up to `headBytes` */
  add(offset: number, length: number, head: Uint8Array): void;
  /** @param tail last bytes of the fragment added last, as many as there are up to `tailBytes` */
  ended(tail: Uint8Array): void;
  finish(hints: FrameHints): {
    fragmentOffsets: Float64Array;
    fragmentLengths: Float64Array;
    frameStarts: Uint32Array | 'one-to-one' | 'unknown';
    /** True if the file has a table of offsets that its own fragments contradict. */
    tableIsWrong: boolean;
  };
}

export function createFragmentCollector(codec: CodecFamily): FragmentCollector {
  const offsets = createGrowingNumbers();
  const lengths = createGrowingNumbers();
  /** Fragments at which a codestream starts while the one before has ended. */
  const starts = createGrowingNumbers();
  let previousEnded = true;
  let table: number[] = [];

  return {
    get count() {
      return offsets.length;
    },
    basicOffsets(bytes) {
      table = [];
      for (let at = 0; at + 4 <= bytes.length; at += 4) table.push(bytes.readUInt32LE(at));
    },
    add(offset, length, head) {
      if (previousEnded && startsCodestream(codec, head)) starts.push(offsets.length);
      offsets.push(offset);
      lengths.push(length);
    },
    ended(tail) {
      previousEnded = endsCodestream(codec, tail);
    },
    finish({ frames, video, extendedOffsets }) {
      const fragmentOffsets = offsets.take();
      const fragmentLengths = lengths.take();
      const result = { fragmentOffsets, fragmentLengths };
      const count = fragmentOffsets.length;
      if (video) return { ...result, frameStarts: 'unknown', tableIsWrong: false };
      const tables = [extendedOffsets, table].filter((known) => known !== undefined && known.length > 0);
      for (const offsetTable of tables) {
        const frameStarts = startsByTable(offsetTable!, frames, fragmentOffsets);
        if (frameStarts) return { ...result, frameStarts: simplest(frameStarts, count), tableIsWrong: false };
      }
      return { ...result, frameStarts: startsWithoutTable(), tableIsWrong: tables.length > 0 };

      function startsWithoutTable(): Uint32Array | 'one-to-one' | 'unknown' {
        if (frames >= count) return 'one-to-one';
        if (frames === 1) return Uint32Array.of(0);
        return starts.length === frames && starts.at(0) === 0 ? Uint32Array.from(starts.take()) : 'unknown';
      }
    },
  };
}

/** Undefined if the table has not one offset a frame, ascending, each at the header of a fragment. */
function startsByTable(table: FrameOffsets, frames: number, fragmentOffsets: Float64Array): Uint32Array | undefined {
  if (table.length !== frames || table[0] !== 0 || fragmentOffsets.length < frames) return undefined;
  const base = fragmentOffsets[0]!;
  const frameStarts = new Uint32Array(frames);
  let fragment = 0;
  for (let frame = 0; frame < frames; frame++) {
    const wanted = base + table[frame]!;
    while (fragment < fragmentOffsets.length && fragmentOffsets[fragment]! < wanted) fragment++;
    if (fragmentOffsets[fragment] !== wanted || (frame > 0 && fragment === frameStarts[frame - 1])) return undefined;
    frameStarts[frame] = fragment;
  }
  return frameStarts;
}

function simplest(frameStarts: Uint32Array, fragments: number): Uint32Array | 'one-to-one' {
  return frameStarts.length === fragments ? 'one-to-one' : frameStarts;
}
