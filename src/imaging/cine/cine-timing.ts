import type { DicomJson } from '../../dicom/json-model.ts';
import { numberOf, numbersOf, stringOf } from '../attribute-values.ts';

/** A frame of a cine loop. */
export interface CineFrame {
  /** From 1. */
  readonly number: number;
  readonly durationMs: number;
}

/** The frames of a cine loop in their order. Counted, not listed: a file may say that it has two thousand million. */
export interface CineTiming {
  readonly count: number;
  readonly frames: Iterable<CineFrame>;
}

/** Where nothing tells how quick frames follow each other, as with slices. */
const usualMs = 100;
const [shortestMs, longestMs] = [1, 60_000];

/**
 * How the frames of an instance are played (PS3.3 §C.7.6.5): as quick as Recommended Display Frame Rate says, else as they
 * were taken, by Frame Time Vector or Frame Time, else Cine Rate or Actual Frame Duration.
 * @param frames Number of Frames
 * @param numbers of the frames that are asked for; without, those from Start Trim to Stop Trim, and back again where Preferred
 *   Playback Sequencing is sweeping and `sweep` is wanted
 */
export function cineTiming(
  attributes: DicomJson,
  frames: number,
  { numbers, sweep }: { readonly numbers?: readonly number[] | undefined; readonly sweep: boolean },
): CineTiming {
  const durationOf = durations(attributes, frames);
  const { count, order } =
    numbers === undefined ? preferredOrder(attributes, frames, sweep) : { count: numbers.length, order: numbers };
  return { count, frames: timed(order, durationOf) };
}

function* timed(order: Iterable<number>, durationOf: (number: number) => number): Generator<CineFrame, void, void> {
  for (const number of order) yield { number, durationMs: durationOf(number) };
}

function preferredOrder(
  attributes: DicomJson,
  frames: number,
  sweep: boolean,
): { readonly count: number; readonly order: Iterable<number> } {
  const start = numberOf(attributes, '00082142') ?? 1;
  const stop = numberOf(attributes, '00082143') ?? frames;
  const trimmed = Number.isInteger(start) && Number.isInteger(stop) && start >= 1 && start < stop && stop <= frames;
  const [first, last] = trimmed ? [start, stop] : [1, frames];
  const isSweeping = sweep && numberOf(attributes, '00181244') === 1;
  const span = Math.max(last - first + 1, 0);
  return { count: span + (isSweeping ? Math.max(span - 2, 0) : 0), order: thereAndBack(first, last, isSweeping) };
}

/** Neither end is shown twice. */
function* thereAndBack(first: number, last: number, isSweeping: boolean): Generator<number, void, void> {
  for (let number = first; number <= last; number += 1) yield number;
  for (let number = last - 1; isSweeping && number > first; number -= 1) yield number;
}

function durations(attributes: DicomJson, frames: number): (number: number) => number {
  const recommended = numberOf(attributes, '00082144');
  if (recommended !== undefined && recommended > 0) return () => bounded(1000 / recommended);
  const increments = numbersOf(attributes, '00181065');
  const frameTime = numberOf(attributes, '00181063');
  const byVector = stringOf(attributes, '00280009') !== '00181063' || !(frameTime !== undefined && frameTime > 0);
  if (byVector && increments.length === frames && frames > 1) {
    // The first increment is 0: each is the time since the frame before. The last frame stays as long as the others on average.
    const mean = increments.slice(1).reduce((sum, one) => sum + one, 0) / (frames - 1);
    return (number) => bounded(increments[number] ?? mean);
  }
  if (frameTime !== undefined && frameTime > 0) return () => bounded(frameTime);
  const rate = numberOf(attributes, '00180040');
  if (rate !== undefined && rate > 0) return () => bounded(1000 / rate);
  return () => bounded(numberOf(attributes, '00181242') ?? usualMs);
}

function bounded(milliseconds: number): number {
  return milliseconds > 0 ? Math.min(Math.max(milliseconds, shortestMs), longestMs) : usualMs;
}
