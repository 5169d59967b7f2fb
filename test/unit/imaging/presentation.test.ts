import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { describePresentation } from '../../../src/imaging/presentation.ts';
import { frameDescription, imageAttributes, json } from '../../support/pixel-frames.ts';

const window = (center: number, width: number, name?: string): DicomJson => ({
  '00281050': json('DS', center),
  '00281051': json('DS', width),
  ...(name === undefined ? {} : { '00281056': json('CS', name) }),
});

const rescale = (intercept: number, slope: number): DicomJson => ({
  '00281052': json('DS', intercept),
  '00281053': json('DS', slope),
});

function present(attributes: DicomJson, frame: Parameters<typeof frameDescription>[0] = {}) {
  return describePresentation(imageAttributes(attributes), frameDescription(frame), undefined);
}

describe('how a frame is shown', () => {
  it('takes rescale and window from the top level', () => {
    expect(present({ ...rescale(-1024, 2), ...window(40, 400) })).toMatchObject({
      modality: { kind: 'linear', slope: 2, intercept: -1024 },
      voi: { kind: 'window', center: 40, width: 400, function: 'linear' },
    });
  });

  it('prefers the functional groups of the frame, then the shared ones', () => {
    const attributes = {
      ...window(1, 1),
      '52009229': json('SQ', {
        '00289132': json('SQ', window(2, 20)),
        '00289145': json('SQ', rescale(-5, 3)),
      }),
      '52009230': json('SQ', {}, { '00289132': json('SQ', window(3, 30)) }),
    };
    expect(present(attributes, { frameNumber: 1 }).voi).toMatchObject({ center: 2, width: 20 });
    expect(present(attributes, { frameNumber: 2 }).voi).toMatchObject({ center: 3, width: 30 });
    expect(present(attributes, { frameNumber: 2 }).modality).toEqual({ kind: 'linear', slope: 3, intercept: -5 });
  });

  it('lets a window of the request replace what the instance says', () => {
    const asked = { center: 7, width: 9, function: 'sigmoid' } as const;
    const presentation = describePresentation(imageAttributes(window(1, 2)), frameDescription(), asked);
    expect(presentation.voi).toEqual({ kind: 'window', ...asked });
  });

  it.each([
    ['SIGMOID', 10, 'sigmoid'],
    ['LINEAR_EXACT', 10, 'linear-exact'],
    ['LINEAR', 10, 'linear'],
    ['LINEAR', 0.5, 'linear-exact'],
  ])('reads VOI LUT Function %s of width %d as %s', (name, width, expected) => {
    expect(present(window(0, width, name)).voi).toMatchObject({ function: expected });
  });

  it('takes a window without width for none', () => {
    expect(present(window(40, 0)).voi).toEqual({ kind: 'auto' });
  });

  it('reads small and negative slopes, and a slope of zero as none', () => {
    expect(present(rescale(0, 0.0001)).modality).toMatchObject({ slope: 0.0001 });
    expect(present(rescale(0, -1)).modality).toMatchObject({ slope: -1 });
    expect(present(rescale(3, 0)).modality).toMatchObject({ slope: 1, intercept: 3 });
  });

  it('scales the values of an RT Dose by its Dose Grid Scaling', () => {
    expect(present({ '3004000E': json('DS', '2.5e-5') }).modality).toMatchObject({ slope: 2.5e-5 });
  });

  it('reads Modality and VOI LUT Sequences', () => {
    const table = { '00283002': json('US', 2, 0, 8), '00283006': json('US', 0, 255) };
    expect(present({ '00283000': json('SQ', table) }).modality.kind).toBe('table');
    expect(present({ '00283010': json('SQ', table) }).voi.kind).toBe('table');
    expect(present({ '00283010': json('SQ', table), ...window(1, 2) }).voi.kind).toBe('window');
  });

  it('reads the palette of PALETTE COLOR, and one of 16 bits that only fills 8 as 8', () => {
    const palette = (bits: number, brightest: number): DicomJson => ({
      '00281101': json('US', 2, 0, bits),
      '00281102': json('US', 2, 0, bits),
      '00281103': json('US', 2, 0, bits),
      '00281201': json('US', 0, 1),
      '00281202': json('US', 0, brightest),
      '00281203': json('US', 0, 3),
    });
    const frame = { photometricInterpretation: 'PALETTE COLOR' };
    expect(present(palette(16, 65_280), frame).palette?.map(({ bits }) => bits)).toEqual([16, 16, 16]);
    expect(present(palette(16, 255), frame).palette?.map(({ bits }) => bits)).toEqual([8, 8, 8]);
    expect(present(palette(16, 255)).palette).toBeUndefined();
  });

  it('leaves the Modality LUT of logarithmic angiography alone, as it leads away from display', () => {
    const xa = { '00080016': json('UI', '1.2.840.10008.5.1.4.1.1.12.1'), ...rescale(5, 2) };
    expect(present({ ...xa, '00281040': json('CS', 'LOG') }).modality).toMatchObject({ slope: 1, intercept: 0 });
    expect(present({ ...xa, '00281040': json('CS', 'LIN') }).modality).toMatchObject({ slope: 2, intercept: 5 });
  });

  it('inverts MONOCHROME1 and Presentation LUT Shape INVERSE, not twice where both are said', () => {
    const inverse = { '20500020': json('CS', 'INVERSE') };
    expect(present({}).inverted).toBe(false);
    expect(present({}, { photometricInterpretation: 'MONOCHROME1' }).inverted).toBe(true);
    expect(present(inverse).inverted).toBe(true);
    expect(present(inverse, { photometricInterpretation: 'MONOCHROME1' }).inverted).toBe(true);
  });

  it('reads padding as a range, also where a negative one was written as US', () => {
    expect(present({ '00280120': json('US', 5), '00280121': json('US', 2) }).padding).toEqual([2, 5]);
    const signed = { pixelRepresentation: 1, bitsStored: 16 } as const;
    expect(present({ '00280120': json('US', 63_536) }, signed).padding).toEqual([-2000, -2000]);
    expect(present({}).padding).toBeUndefined();
  });

  it('knows the aspect of pixels from ratio, patient or detector', () => {
    expect(present({ '00280034': json('IS', 2, 1) }).pixelAspect).toBe(2);
    expect(present({ '00280030': json('DS', 0.5, 0.25) }).pixelAspect).toBe(2);
    expect(present({ '00181164': json('DS', 0.1, 0.2) }).pixelAspect).toBe(0.5);
    const measures = { '00289110': json('SQ', { '00280030': json('DS', 3, 1) }) };
    expect(present({ '52009229': json('SQ', measures) }).pixelAspect).toBe(3);
    expect(present({ '00280034': json('IS', 0, 1) }).pixelAspect).toBe(1);
    expect(present({}).pixelAspect).toBe(1);
  });
});
