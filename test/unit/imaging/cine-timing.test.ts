import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { cineTiming } from '../../../src/imaging/cine/cine-timing.ts';

function play(attributes: DicomJson, frames = 4, numbers?: readonly number[], sweep = true) {
  const { count, frames: timed } = cineTiming(attributes, frames, { numbers, sweep });
  const played = [...timed];
  expect(count).toBe(played.length);
  return { order: played.map(({ number }) => number), durations: played.map(({ durationMs }) => durationMs) };
}

const frameTime = { '00181063': { vr: 'DS', Value: [40] } } satisfies DicomJson;
const vector = { '00181065': { vr: 'DS', Value: [0, 10, 20, 60] } } satisfies DicomJson;
const cineRate = { '00180040': { vr: 'IS', Value: [50] } } satisfies DicomJson;
const recommended = { '00082144': { vr: 'IS', Value: [8] } } satisfies DicomJson;

describe('the timing of a cine loop', () => {
  it('is that of Frame Time', () => {
    expect(play({ ...frameTime, ...cineRate })).toEqual({ order: [1, 2, 3, 4], durations: [40, 40, 40, 40] });
  });

  it('is that of Frame Time Vector: the time until the next frame, and their mean for the last', () => {
    expect(play(vector).durations).toEqual([10, 20, 60, 30]);
  });

  it('follows Frame Increment Pointer where there are both', () => {
    const pointer = (tag: string): DicomJson => ({ '00280009': { vr: 'AT', Value: [tag] } });
    expect(play({ ...frameTime, ...vector, ...pointer('00181063') }).durations).toEqual([40, 40, 40, 40]);
    expect(play({ ...frameTime, ...vector, ...pointer('00181065') }).durations).toEqual([10, 20, 60, 30]);
  });

  it('is the one that is recommended, before all others', () => {
    expect(play({ ...frameTime, ...vector, ...cineRate, ...recommended }).durations).toEqual([125, 125, 125, 125]);
  });

  it('is that of Cine Rate where frames have no time, and ten a second where nothing is known', () => {
    expect(play(cineRate).durations[0]).toBe(20);
    expect(play({}).durations[0]).toBe(100);
  });

  it('is bounded, whatever the attributes say', () => {
    for (const value of [0, -5, 1e300, 'fast']) {
      const [first] = play({ '00181063': { vr: 'DS', Value: [value] } }).durations;
      expect(first).toBeGreaterThanOrEqual(1);
      expect(first).toBeLessThanOrEqual(60_000);
    }
    expect(play({ '00181065': { vr: 'DS', Value: [0, 10] } }).durations[0]).toBe(100);
  });

  it('goes back again where sweeping is preferred and can be shown', () => {
    const sweeping: DicomJson = { '00181244': { vr: 'US', Value: [1] } };
    expect(play(sweeping).order).toEqual([1, 2, 3, 4, 3, 2]);
    expect(play(sweeping, 4, undefined, false).order).toEqual([1, 2, 3, 4]);
    expect(play(sweeping, 2).order).toEqual([1, 2]);
  });

  it('leaves out what is trimmed, unless the trim makes no sense', () => {
    const trim = (start: number, stop: number): DicomJson => ({
      '00082142': { vr: 'IS', Value: [start] },
      '00082143': { vr: 'IS', Value: [stop] },
    });
    expect(play(trim(2, 3)).order).toEqual([2, 3]);
    for (const [start, stop] of [
      [3, 2],
      [0, 3],
      [2, 9],
    ] as const) {
      expect(play(trim(start, stop)).order).toEqual([1, 2, 3, 4]);
    }
  });

  it('counts frames without listing them, of which a file may say that it has two thousand million', () => {
    const sweeping: DicomJson = { '00181244': { vr: 'US', Value: [1] } };
    expect(cineTiming({}, 2_000_000_000, { sweep: true }).count).toBe(2_000_000_000);
    expect(cineTiming(sweeping, 2_000_000_000, { sweep: true }).count).toBe(3_999_999_998);
  });

  it('plays the frames that are asked for in their order, each as long as its own time', () => {
    expect(play(vector, 4, [3, 1, 3])).toEqual({ order: [3, 1, 3], durations: [60, 10, 60] });
  });
});
