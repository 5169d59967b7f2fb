import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import type { FrameDescription } from '../../../src/imaging/frame-description.ts';
import { describePresentation } from '../../../src/imaging/presentation.ts';
import { grayPicture } from '../../../src/imaging/worker/render/gray-picture.ts';
import { frameDescription, graySamples, imageAttributes, json } from '../../support/pixel-frames.ts';

// Every level in this file is computed by hand from the formulas of PS3.3 §C.11.2.1.2 and §C.11.2.1.3.

const window = (name: string, center = 100, width = 50): DicomJson => ({
  '00281050': json('DS', center),
  '00281051': json('DS', width),
  '00281056': json('CS', name),
});
const rescale = (intercept: number, slope: number): DicomJson => ({
  '00281052': json('DS', intercept),
  '00281053': json('DS', slope),
});
/** Items of the functional groups that hold these. */
const voi = (attributes: DicomJson): DicomJson => ({ '00289132': json('SQ', attributes) });
const transformation = (attributes: DicomJson): DicomJson => ({ '00289145': json('SQ', attributes) });
const shared = (...groups: DicomJson[]): DicomJson => ({ '52009229': json('SQ', Object.assign({}, ...groups)) });
/** Of the first frame nothing, of the second this. */
const ofFrame2 = (...groups: DicomJson[]): DicomJson => ({ '52009230': json('SQ', {}, Object.assign({}, ...groups)) });

/** What is on the screen for the values of frame 2 of an image with these attributes. */
function levelsOf(
  values: Uint16Array | Int16Array | Float32Array | Float64Array,
  attributes: DicomJson,
  changes: Partial<FrameDescription> = {},
): number[] {
  const samples = graySamples(values, { pixelRepresentation: values instanceof Int16Array ? 1 : 0 });
  const { bitsAllocated, bitsStored, pixelRepresentation, isFloat } = samples;
  const frame = frameDescription({
    frameNumber: 2,
    isFloat,
    bitsAllocated,
    bitsStored,
    pixelRepresentation,
    ...changes,
  });
  return [...grayPicture(samples, describePresentation(imageAttributes(attributes), frame, undefined))];
}

// The window of 50 around 100: both sides of its ends, and its middle.
const functions = [
  // ((x - 99.5) / 49 + 0.5) · 255
  ['LINEAR', [0, 5, 130, 255, 255]],
  // ((x - 100) / 50 + 0.5) · 255
  ['LINEAR_EXACT', [0, 5, 128, 250, 255]],
  // 255 / (1 + exp(-4 (x - 100) / 50))
  ['SIGMOID', [28, 33, 128, 222, 227]],
] as const;

describe('the window of functional groups', () => {
  // After a rescale by 2 and -10: 74, 76, 100, 124, 126.
  const values = Uint16Array.of(42, 43, 55, 67, 68);
  const [, [, exact]] = functions;

  it.each(functions)('%s is that of the frame, after the rescale that all frames share', (name, expected) => {
    const groups = {
      ...shared(transformation(rescale(-10, 2)), voi(window('LINEAR', 0, 1))),
      ...ofFrame2(voi(window(name))),
    };
    expect(levelsOf(values, groups)).toEqual(expected);
  });

  it.each(functions)('%s that all frames share goes before one at the top level', (name, expected) => {
    const attributes = {
      ...window('LINEAR', 0, 1),
      ...shared(transformation(rescale(-10, 2)), voi(window(name))),
      ...ofFrame2(),
    };
    expect(levelsOf(values, attributes)).toEqual(expected);
  });

  it('comes after the rescale of the frame, which goes before that of all and of the top level', () => {
    const attributes = {
      ...rescale(3, 5),
      ...shared(transformation(rescale(1, 7)), voi(window('LINEAR_EXACT'))),
      ...ofFrame2(transformation(rescale(-10, 2))),
    };
    expect(levelsOf(values, attributes)).toEqual(exact);
  });

  it('comes after the rescale of the top level where groups have none', () => {
    expect(levelsOf(values, { ...rescale(-10, 2), ...shared(voi(window('LINEAR_EXACT'))) })).toEqual(exact);
  });

  it('is the first of several', () => {
    const several = {
      '00281050': json('DS', 100, 0),
      '00281051': json('DS', 50, 9),
      '00281056': json('CS', 'LINEAR_EXACT'),
    };
    expect(levelsOf(values, { ...shared(transformation(rescale(-10, 2)), voi(several)) })).toEqual(exact);
  });

  it('is LINEAR where no function is named', () => {
    const unnamed = { '00281050': json('DS', 100), '00281051': json('DS', 50) };
    expect(levelsOf(Uint16Array.of(74, 76, 100, 124, 126), shared(voi(unnamed)))).toEqual(functions[0][1]);
  });

  it('is turned round by MONOCHROME1, each level by itself', () => {
    const groups = { ...shared(transformation(rescale(-10, 2)), voi(window('LINEAR_EXACT'))) };
    const turned = levelsOf(values, groups, { photometricInterpretation: 'MONOCHROME1' });
    expect(turned).toEqual([255, 250, 127, 5, 0]);
  });

  it('is about negative values too', () => {
    // After a rescale by 0.5 and -1024, center -1000 and width 101, LINEAR: ((x + 1000.5) / 100 + 0.5) · 255.
    const stored = Int16Array.of(-60, -52, 48, 147, 160);
    const groups = shared(transformation(rescale(-1024, 0.5)), voi(window('LINEAR', -1000, 101)));
    // -1054, -1050, -1000, -950.5, -944
    expect(levelsOf(stored, groups)).toEqual([0, 1, 129, 255, 255]);
  });
});

describe.each([
  ['float', Float32Array],
  ['double', Float64Array],
])('%s pixels', (_, Values) => {
  it('are windowed by fractions of a unit', () => {
    // ((x - 0.125) / 0.75 + 0.5) · 255
    const expected = [0, 85, 170, 255, 255];
    const values = Values.of(-0.25, 0, 0.25, 0.5, 9);
    expect(levelsOf(values, window('LINEAR_EXACT', 0.125, 0.75))).toEqual(expected);
    // LINEAR has no meaning for a width below 1, and is taken for LINEAR_EXACT.
    expect(levelsOf(values, window('LINEAR', 0.125, 0.75))).toEqual(expected);
  });

  it.each(functions)('are windowed by %s after the rescale, in functional groups too', (name, expected) => {
    // Slope 400 and intercept 50 give 74, 76, 100, 124 and 126, but for the last digits of a float.
    const values = Values.of(0.06, 0.065, 0.125, 0.185, 0.19);
    const attributes = { ...shared(transformation(rescale(50, 400))), ...ofFrame2(voi(window(name))) };
    expect(levelsOf(values, attributes)).toEqual(expected);
  });

  it('of SIGMOID come to the ends far out, and never leave them', () => {
    const values = Values.of(-1e30, -2, 0, 2, 1e30);
    // 255 / (1 + e^2) = 30.4, and the rest of 255
    expect(levelsOf(values, window('SIGMOID', 0, 4))).toEqual([0, 30, 128, 225, 255]);
  });
});
