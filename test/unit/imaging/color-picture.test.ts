import { describe, expect, it } from 'vitest';
import { colorPicture, palettePicture } from '../../../src/imaging/worker/render/color-picture.ts';
import { pictureOf } from '../../../src/imaging/worker/render/render-frame.ts';
import type { Samples } from '../../../src/imaging/worker/samples.ts';
import { graySamples, plainPresentation } from '../../support/pixel-frames.ts';

function colorSamples(
  values: Uint8Array | Uint16Array,
  photometricInterpretation: string,
  changes: Partial<Samples> = {},
) {
  return graySamples(values, { samplesPerPixel: 3, columns: values.length / 3, photometricInterpretation, ...changes });
}

describe('a colour picture', () => {
  it('of 8-bit RGB is what it is', () => {
    expect([...colorPicture(colorSamples(Uint8Array.of(1, 2, 3, 255, 0, 9), 'RGB'))]).toEqual([1, 2, 3, 255, 0, 9]);
  });

  it('of 16-bit RGB is scaled from full scale to full scale', () => {
    expect([...colorPicture(colorSamples(Uint16Array.of(0, 32_768, 65_535), 'RGB'))]).toEqual([0, 128, 255]);
    const tenBits = colorSamples(Uint16Array.of(0, 512, 1023), 'RGB', { bitsStored: 10, highBit: 9 });
    expect([...colorPicture(tenBits)]).toEqual([0, 128, 255]);
  });

  it.each(['YBR_FULL', 'YBR_FULL_422'])('of %s is converted by the full range of BT.601', (photometric) => {
    // White, black, pure red (Y 76, Cb 85, Cr 255) and pure blue (Y 29, Cb 255, Cr 107).
    const values = Uint8Array.of(255, 128, 128, 0, 128, 128, 76, 85, 255, 29, 255, 107);
    expect([...colorPicture(colorSamples(values, photometric))]).toEqual([
      255, 255, 255, 0, 0, 0, 254, 0, 0, 0, 0, 254,
    ]);
  });

  it('of YBR_PARTIAL_422 is converted from 16 to 235', () => {
    const values = Uint8Array.of(235, 128, 128, 16, 128, 128, 81, 90, 240);
    expect([...colorPicture(colorSamples(values, 'YBR_PARTIAL_422'))]).toEqual([255, 255, 255, 0, 0, 0, 254, 0, 0]);
  });

  it.each(['HSV', 'YBR_RCT', 'XYZ'])('of %s is refused by name', (photometric) => {
    expect(() => colorPicture(colorSamples(new Uint8Array(3), photometric))).toThrow(photometric);
  });

  it('of four samples is refused', () => {
    const samples = { ...colorSamples(new Uint8Array(12), 'CMYK'), samplesPerPixel: 4 };
    expect(() => pictureOf(samples, plainPresentation())).toThrow('4 samples a pixel (CMYK)');
  });
});

describe('a palette', () => {
  const tableOf = (bits: number, ...entries: number[]) => ({
    firstMapped: 1,
    bits,
    entries: Uint16Array.from(entries),
  });

  it('of 8-bit entries gives the colour, its ends beyond its ends', () => {
    const palette = [tableOf(8, 1, 2), tableOf(8, 3, 4), tableOf(8, 5, 255)] as const;
    const pixels = palettePicture(graySamples(Uint8Array.of(0, 1, 2, 9)), palette);
    expect([...pixels]).toEqual([1, 3, 5, 1, 3, 5, 2, 4, 255, 2, 4, 255]);
  });

  it('of 16-bit entries gives their high byte', () => {
    const palette = [tableOf(16, 0, 65_535), tableOf(16, 0x1234, 0x80ff), tableOf(16, 255, 256)] as const;
    expect([...palettePicture(graySamples(Uint16Array.of(1, 2)), palette)]).toEqual([0, 0x12, 0, 255, 0x80, 1]);
  });
});
