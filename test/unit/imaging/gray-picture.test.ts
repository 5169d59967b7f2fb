import { describe, expect, it } from 'vitest';
import type { LookupTable } from '../../../src/imaging/lookup-table.ts';
import type { VoiTransform } from '../../../src/imaging/presentation.ts';
import { grayPicture } from '../../../src/imaging/worker/render/gray-picture.ts';
import type { Samples } from '../../../src/imaging/worker/samples.ts';
import { graySamples, plainPresentation } from '../../support/pixel-frames.ts';

type WindowFunction = (VoiTransform & { kind: 'window' })['function'];

function shown(samples: Samples, changes: Parameters<typeof plainPresentation>[0] = {}): number[] {
  return [...grayPicture(samples, plainPresentation(changes))];
}

function windowed(values: number[], center: number, width: number, name: WindowFunction = 'linear'): number[] {
  const samples = graySamples(Int16Array.from(values), { pixelRepresentation: 1 });
  return shown(samples, { voi: { kind: 'window', center, width, function: name } });
}

const table = (firstMapped: number, bits: number, ...entries: number[]): LookupTable => ({
  firstMapped,
  bits,
  entries: Uint16Array.from(entries),
});

describe('a window', () => {
  it('LINEAR goes from center - 0.5 - (width - 1) / 2 to the same above', () => {
    // Center 2048, width 4096: the ramp of PS3.3 §C.11.2.1.2.1 is (x - 2047.5) / 4095 + 0.5, from 0 to 4095.
    expect(windowed([-1, 0, 1024, 2048, 4095, 5000], 2048, 4096)).toEqual([0, 0, 64, 128, 255, 255]);
    // Center 0, width 100: from -50 to 49.
    expect(windowed([-51, -50, 0, 48, 49, 50], 0, 100)).toEqual([0, 0, 129, 252, 255, 255]);
  });

  it('LINEAR of width 1 is a threshold above center - 0.5', () => {
    expect(windowed([-1, 0, 1], 0, 1)).toEqual([0, 255, 255]);
  });

  it('LINEAR_EXACT goes from center - width / 2 to center + width / 2', () => {
    expect(windowed([-51, -50, -25, 0, 25, 50, 51], 0, 100, 'linear-exact')).toEqual([0, 0, 64, 128, 191, 255, 255]);
  });

  it('SIGMOID is half at the center and 1 / (1 + e^-2) half a width above', () => {
    expect(windowed([-1000, -50, 0, 50, 1000], 0, 100, 'sigmoid')).toEqual([0, 30, 128, 225, 255]);
  });

  it('is about values after the modality transform, of any slope', () => {
    const samples = graySamples(Uint16Array.of(0, 1000, 2000));
    const voi = { kind: 'window', center: 0.1, width: 0.2, function: 'linear-exact' } as const;
    expect(shown(samples, { voi, modality: { kind: 'linear', slope: 0.0001, intercept: 0 } })).toEqual([0, 128, 255]);
    expect(shown(samples, { voi, modality: { kind: 'linear', slope: -0.0001, intercept: 0.2 } })).toEqual([
      255, 128, 0,
    ]);
  });

  it('is turned round by inversion, after everything else', () => {
    const voi = { kind: 'window', center: 50, width: 100, function: 'linear-exact' } as const;
    expect(shown(graySamples(Uint16Array.of(0, 25, 100)), { voi, inverted: true })).toEqual([255, 191, 0]);
  });
});

describe('a lookup table', () => {
  it('of the modality maps what is outside to its ends', () => {
    const modality = { kind: 'table', table: table(10, 8, 0, 100, 200) } as const;
    const voi = { kind: 'window', center: 100, width: 200, function: 'linear-exact' } as const;
    expect(shown(graySamples(Uint8Array.of(0, 10, 11, 12, 99)), { modality, voi })).toEqual([0, 0, 128, 255, 255]);
  });

  it('of the VOI has its full scale at the bits of its entries', () => {
    const voi = { kind: 'table', table: table(-1, 12, 0, 2048, 4095) } as const;
    const samples = graySamples(Int16Array.of(-5, -1, 0, 1, 5), { pixelRepresentation: 1 });
    expect(shown(samples, { voi })).toEqual([0, 0, 128, 255, 255]);
  });
});

describe('without a window', () => {
  it('pictures of up to 8 unsigned bits are shown as they are', () => {
    expect(shown(graySamples(Uint8Array.of(0, 10, 20)))).toEqual([0, 10, 20]);
    expect(shown(graySamples(Uint8Array.of(0, 7, 15), { bitsStored: 4 }))).toEqual([0, 119, 255]);
  });

  it('others span what the frame holds, after the modality transform', () => {
    expect(shown(graySamples(Uint16Array.of(100, 150, 200)))).toEqual([0, 128, 255]);
    const modality = { kind: 'linear', slope: -1, intercept: 0 } as const;
    expect(shown(graySamples(Uint16Array.of(100, 150, 200)), { modality })).toEqual([255, 128, 0]);
  });

  it('padding does not count', () => {
    const samples = graySamples(Int16Array.of(-2000, 100, 150, 200), { pixelRepresentation: 1 });
    expect(shown(samples, { padding: [-2000, -2000] })).toEqual([0, 0, 128, 255]);
    expect(shown(graySamples(Uint16Array.of(9, 9)), { padding: [9, 9] })).toEqual([0, 0]);
  });

  it('a fractional segmentation ends at its maximum', () => {
    expect(shown(graySamples(Uint8Array.of(0, 50, 100)), { maximumFraction: 100 })).toEqual([0, 128, 255]);
  });

  it('a frame of one value is black', () => {
    expect(shown(graySamples(Uint16Array.of(5, 5)))).toEqual([0, 0]);
  });
});

describe('stored values', () => {
  const voi = { kind: 'window', center: 0, width: 254, function: 'linear-exact' } as const;

  it('of 8 signed bits are signed', () => {
    expect(shown(graySamples(Uint8Array.of(0x81, 0, 0x7f), { pixelRepresentation: 1 }), { voi })).toEqual([
      0, 128, 255,
    ]);
  });

  it('leave out what lies above the high bit, such as an overlay', () => {
    const samples = graySamples(Uint16Array.of(0xf000, 0x8800, 0x1fff), { bitsStored: 12 });
    expect(shown(samples)).toEqual([0, 128, 255]);
  });

  it('may lie above unused low bits', () => {
    const samples = graySamples(Uint16Array.of(0x000f, 0x800f, 0xfff0), { bitsStored: 12, highBit: 15 });
    expect(shown(samples)).toEqual([0, 128, 255]);
  });

  it('of 12 signed bits need not be sign extended', () => {
    const samples = graySamples(Uint16Array.of(0x0f81, 0x0000, 0x007f), { bitsStored: 12, pixelRepresentation: 1 });
    expect(shown(samples, { voi })).toEqual([0, 128, 255]);
  });

  it('of 32 bits are read signed and unsigned', () => {
    expect(shown(graySamples(Uint32Array.of(0, 2 ** 31, 2 ** 32 - 1)))).toEqual([0, 128, 255]);
    expect(shown(graySamples(Int32Array.of(-127, 0, 127), { pixelRepresentation: 1 }), { voi })).toEqual([0, 128, 255]);
    const partly = graySamples(Uint32Array.of(0xff_0000_00, 0x80_0000, 0xff_ffff), { bitsStored: 24 });
    expect(shown(partly)).toEqual([0, 128, 255]);
  });

  it('of floating point may be anything; what is no number is black', () => {
    expect(shown(graySamples(Float32Array.of(-0.5, 0, 0.5, Number.NaN)))).toEqual([0, 128, 255, 0]);
    expect(shown(graySamples(Float64Array.of(1e-12, 2e-12, 3e-12, Number.POSITIVE_INFINITY)))).toEqual([
      0, 128, 255, 255,
    ]);
  });

  it('of one bit are black and white', () => {
    const samples = { ...graySamples(Uint8Array.of(0b101)), columns: 3, bitsAllocated: 1, bitsStored: 1, highBit: 0 };
    expect(shown(samples)).toEqual([255, 0, 255]);
  });
});
