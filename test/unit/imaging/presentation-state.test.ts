import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { DicomJson, DicomJsonValue } from '../../../src/dicom/json-model.ts';
import { describeFrame } from '../../../src/imaging/frame-description.ts';
import type { RenderParameters } from '../../../src/imaging/imaging.ts';
import { describeState } from '../../../src/imaging/presentation-state/describe-state.ts';
import { renderFrame } from '../../../src/imaging/worker/render/render-frame.ts';
import { encodedFrame, imageAttributes, json } from '../../support/pixel-frames.ts';

const [columns, rows] = [12, 8];
/** Each pixel has a level of its own, from 100 on. */
const levels = Uint8Array.from({ length: rows * columns }, (_, index) => 100 + index);

const image = (changes: DicomJson = {}) =>
  imageAttributes({
    '00080018': json('UI', '1.2.3'),
    '00280010': json('US', rows),
    '00280011': json('US', columns),
    '00280100': json('US', 8),
    '00280101': json('US', 8),
    '00280102': json('US', 7),
    ...changes,
  });

const reference = (uid = '1.2.3', ...frames: number[]): DicomJson => ({
  '00081155': json('UI', uid),
  ...(frames.length === 0 ? {} : { '00081160': json('IS', ...frames) }),
});

const state = (changes: DicomJson = {}): DicomJson => ({
  '00080016': json('UI', '1.2.840.10008.5.1.4.1.1.11.1'),
  '00081115': json('SQ', { '00081140': json('SQ', reference()), '0020000E': json('UI', '1.2') }),
  '20500020': json('CS', 'IDENTITY'),
  ...changes,
});

const area = (topLeft: number[], bottomRight: number[], more: DicomJson = {}): DicomJson => ({
  '0070005A': json('SQ', {
    '00700052': json('SL', ...topLeft),
    '00700053': json('SL', ...bottomRight),
    '00700100': json('CS', 'SCALE TO FIT'),
    ...more,
  }),
});

const annotation = (...objects: DicomJson[]): DicomJson => ({
  '00700001': json('SQ', { '00700002': json('CS', 'L'), '00700009': json('SQ', ...objects) }),
});

const shape = (type: string, points: number[], units = 'PIXEL', filled = 'N'): DicomJson => ({
  '00700005': json('CS', units),
  '00700022': json('FL', ...points),
  '00700023': json('CS', type),
  '00700024': json('CS', filled),
});

const layer = (more: DicomJson, name = 'L', order = 1): DicomJson => ({
  '00700002': json('CS', name),
  '00700062': json('IS', order),
  ...more,
});

interface Shown {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Of the pixel in a column and row, from 1. */
  at(column: number, row: number): number[];
}

async function shown(
  stateAttributes: DicomJson,
  { parameters = {}, attributes = image(), bytes = levels, frameNumber = 1 } = {} as {
    parameters?: Partial<RenderParameters>;
    attributes?: DicomJson;
    bytes?: Uint8Array;
    frameNumber?: number;
  },
): Promise<Shown> {
  const frame = encodedFrame({ attributes, bytes, frameNumber });
  const description = describeFrame(frame);
  const applied = { attributes: stateAttributes, overlayData: new Map() };
  const { window } = parameters;
  const { presentation, overlays, ...rest } = describeState(applied, frame, description, { window, maxPixels: 1e6 });
  const png = await renderFrame({
    kind: 'render',
    bytes: frame.bytes,
    frame: description,
    presentation,
    overlays,
    state: rest,
    parameters: { mediaType: 'image/png', ...parameters },
  });
  const gray = (await sharp(png).metadata()).channels === 1;
  const { data, info } = await sharp(png)
    .toColourspace(gray ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    width,
    height,
    channels,
    at: (column, row) => {
      const from = ((row - 1) * width + column - 1) * channels;
      return [...data.subarray(from, from + channels)];
    },
  };
}

/** The level of the stored image in a column and row, from 1. */
const stored = (column: number, row: number) => [100 + (row - 1) * columns + column - 1];

function openPixels(picture: Shown): string[] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) =>
      picture.at(column + 1, row + 1)[0] === stored(column + 1, row + 1)[0] ? '#' : '.',
    ).join(''),
  );
}

describe('shutters hide what lies outside of them', () => {
  it('a rectangular one shows its edges', async () => {
    const shutter = {
      '00181600': json('CS', 'RECTANGULAR'),
      '00181602': json('IS', 3),
      '00181604': json('IS', 10),
      '00181606': json('IS', 2),
      '00181608': json('IS', 4),
      '00181622': json('US', 0x8000),
    };
    const picture = await shown(state(shutter));
    expect(openPixels(picture).slice(0, 5)).toEqual([
      '............',
      '..########..',
      '..########..',
      '..########..',
      '............',
    ]);
    expect(picture.at(1, 1)).toEqual([0x80]);
  });

  it('a circular one shows what is no farther from its center than its radius', async () => {
    const shutter = { '00181600': json('CS', 'CIRCULAR'), '00181610': json('IS', 4, 6), '00181612': json('IS', 3) };
    const picture = await shown(state(shutter));
    const expected = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (__, column) => (Math.hypot(row - 3, column - 5) <= 3 ? '#' : '.')).join(''),
    );
    expect(openPixels(picture)).toEqual(expected);
    expect(picture.at(1, 1)).toEqual([0]);
  });

  it('a polygonal one shows its corners and edges; together they show what all of them do', async () => {
    const polygon = { '00181600': json('CS', 'POLYGONAL'), '00181620': json('IS', 2, 2, 2, 8, 7, 2) };
    expect(openPixels(await shown(state(polygon)))).toEqual([
      '............',
      '.#######....',
      '.#####......',
      '.####.......',
      '.###........',
      '.##.........',
      '.#..........',
      '............',
    ]);
    const both = {
      ...polygon,
      '00181600': json('CS', 'POLYGONAL', 'RECTANGULAR'),
      '00181602': json('IS', 3),
      '00181604': json('IS', 12),
      '00181606': json('IS', 1),
      '00181608': json('IS', 4),
    };
    expect(openPixels(await shown(state(both))).slice(1, 5)).toEqual([
      '..######....',
      '..####......',
      '..###.......',
      '............',
    ]);
  });
});

describe('the displayed area', () => {
  it('is cut out to the pixel', async () => {
    const picture = await shown(state(area([3, 2], [7, 5])));
    expect([picture.width, picture.height]).toEqual([5, 4]);
    expect([picture.at(1, 1), picture.at(5, 4)]).toEqual([stored(3, 2), stored(7, 5)]);
  });

  it('is black where it reaches beyond the image', async () => {
    const picture = await shown(state(area([-1, 0], [12, 9])));
    expect([picture.width, picture.height]).toEqual([14, 10]);
    expect([picture.at(1, 1), picture.at(3, 2), picture.at(14, 9), picture.at(14, 10)]).toEqual([
      [0],
      stored(1, 1),
      stored(12, 8),
      [0],
    ]);
  });

  it('is turned first and flipped then, named by whichever corners come to lie at the top left', async () => {
    const turned = { '00700042': json('US', 90), '00700041': json('CS', 'Y'), ...area([3, 5], [7, 2]) };
    const picture = await shown(state(turned));
    expect([picture.width, picture.height]).toEqual([4, 5]);
    // By a quarter turn the first column becomes the first row, from right to left; the flip turns that round.
    expect([picture.at(1, 1), picture.at(4, 1), picture.at(1, 5)]).toEqual([stored(3, 2), stored(3, 5), stored(7, 2)]);
  });

  it('is magnified by MAGNIFY unless a viewport is asked for', async () => {
    const magnified = area([3, 2], [6, 5], { '00700100': json('CS', 'MAGNIFY'), '00700103': json('FL', 3) });
    const picture = await shown(state(magnified));
    expect([picture.width, picture.height]).toEqual([12, 12]);
    const asked = await shown(state(magnified), { parameters: { viewport: { width: 40, height: 20 } } });
    expect([asked.width, asked.height]).toEqual([20, 20]);
  });

  it('has the proportions of its pixels in a viewport, turned with them', async () => {
    const wide = area([1, 1], [4, 4], { '00700102': json('IS', 2, 1) });
    const viewport = { width: 40, height: 40 };
    const upright = await shown(state(wide), { parameters: { viewport } });
    expect([upright.width, upright.height]).toEqual([20, 40]);
    const lying = await shown(state({ ...wide, '00700042': json('US', 270) }), { parameters: { viewport } });
    expect([lying.width, lying.height]).toEqual([40, 20]);
  });

  it('is refused where it is too large to be made', async () => {
    await expect(shown(state(area([1, 1], [60_000, 60_000])))).rejects.toMatchObject({ code: 'cannot-render' });
    const beyond = area([1, 1], [10, 10], { '00700100': json('CS', 'MAGNIFY'), '00700103': json('FL', 1000) });
    await expect(shown(state(beyond))).rejects.toMatchObject({ details: { limit: 'maxViewportPixels' } });
  });
});

describe('overlays', () => {
  const bits = (...bytes: number[]) => ({ vr: 'OW' as const, InlineBinary: Buffer.from(bytes).toString('base64') });
  const plane = (type = 'G'): DicomJson => ({
    '60000010': json('US', 1),
    '60000011': json('US', 8),
    '60000040': json('CS', type),
    '60000050': json('SS', 3, 2),
    '60003000': bits(0b0000_0101, 0),
  });
  const activated = { '60001001': json('CS', 'L'), '00700060': json('SQ', layer({ '00700066': json('US', 0x2000) })) };

  it.each(['G', 'R'])('of the image (type %s) have the gray of the layer that they are activated in', async (type) => {
    const picture = await shown(state(activated), { attributes: image(plane(type)) });
    expect([picture.at(2, 3), picture.at(3, 3), picture.at(4, 3)]).toEqual([[0x20], stored(3, 3), [0x20]]);
  });

  it('of the state are shown in place of those of the image', async () => {
    const own = { ...plane(), '60000050': json('SS', 1, 1), ...activated };
    const picture = await shown(state(own), { attributes: image(plane()) });
    expect([picture.at(1, 1), picture.at(2, 3)]).toEqual([[0x20], stored(2, 3)]);
  });

  it('that are not activated are not shown', async () => {
    const picture = await shown(state(), { attributes: image(plane()) });
    expect(picture.at(2, 3)).toEqual(stored(2, 3));
  });
});

describe('graphics', () => {
  const dark = { bytes: new Uint8Array(rows * columns), parameters: { viewport: { width: 240, height: 160 } } };
  /** Where a point of the image comes to lie at twenty pixels for each. */
  const seen = (picture: Shown, x: number, y: number) => picture.at(Math.floor(20 * x) + 1, Math.floor(20 * y) + 1)[0];

  it('lie at image positions whose origin is the outer corner of the first pixel', async () => {
    const picture = await shown(state(annotation(shape('POLYLINE', [2, 3, 10, 3]))), dark);
    expect(Math.max(seen(picture, 6, 3) as number, seen(picture, 6, 2.96) as number)).toBeGreaterThan(100);
    expect([seen(picture, 6, 3.5), seen(picture, 1.5, 3), seen(picture, 10.5, 3)]).toEqual([0, 0, 0]);
  });

  it('in display units keep their place whichever way the image is turned', async () => {
    const filled = shape('POLYLINE', [0.1, 0.1, 0.4, 0.1, 0.4, 0.4, 0.1, 0.4, 0.1, 0.1], 'DISPLAY', 'Y');
    const turned = state({ ...annotation(filled), '00700042': json('US', 90) });
    const picture = await shown(turned, { ...dark, parameters: { viewport: { width: 160, height: 240 } } });
    expect([picture.width, picture.height]).toEqual([160, 240]);
    expect([picture.at(40, 60)[0], picture.at(120, 180)[0]]).toEqual([255, 0]);
  });

  it('in pixel units turn with the image', async () => {
    const filled = shape('POLYLINE', [1, 1, 3, 1, 3, 3, 1, 3, 1, 1], 'PIXEL', 'Y');
    const turned = state({ ...annotation(filled), '00700042': json('US', 90) });
    const picture = await shown(turned, { ...dark, parameters: { viewport: { width: 160, height: 240 } } });
    expect([picture.at(120, 40)[0], picture.at(40, 40)[0]]).toEqual([255, 0]);
  });

  it('circles and ellipses are what their points say', async () => {
    const objects = [
      shape('CIRCLE', [3, 4, 5, 4], 'PIXEL', 'Y'),
      shape('ELLIPSE', [7, 4, 11, 4, 9, 3, 9, 5], 'PIXEL', 'Y'),
    ];
    const picture = await shown(state(annotation(...objects)), dark);
    expect([seen(picture, 3, 2.2), seen(picture, 4.8, 4), seen(picture, 4.7, 2.3)]).toEqual([255, 255, 0]);
    expect([seen(picture, 10.8, 4), seen(picture, 9, 4.8), seen(picture, 9, 5.4)]).toEqual([255, 255, 0]);
  });

  it('interpolated ones go through their points, on a curve', async () => {
    const picture = await shown(state(annotation(shape('INTERPOLATED', [1, 6, 6, 1, 11, 6], 'PIXEL', 'Y'))), dark);
    // Half way up the straight line would pass 3.5\3.5; the curve lies outside of it.
    expect([seen(picture, 6, 1.2), seen(picture, 3.2, 3.4)]).toEqual([255, 255]);
  });

  it('lie over shutters, and over those of lower layers, in the colour of their layer', async () => {
    const square = shape('POLYLINE', [2, 2, 6, 2, 6, 6, 2, 6], 'PIXEL', 'Y');
    const layers = json(
      'SQ',
      layer({ '00700066': json('US', 0x4000) }, 'UPPER', 2),
      layer({ '00700401': json('US', 34_858, 53_485, 50_171) }, 'LOWER', 1),
    );
    const item = (name: string, object: DicomJson): DicomJson => ({
      '00700002': json('CS', name),
      '00700009': json('SQ', object),
    });
    const both = state({
      '00181600': json('CS', 'CIRCULAR'),
      '00181610': json('IS', 100, 100),
      '00181612': json('IS', 1),
      '00700001': json(
        'SQ',
        item('UPPER', square),
        item('LOWER', shape('POLYLINE', [4, 4, 10, 4, 10, 7, 4, 7], 'PIXEL', 'Y')),
      ),
      '00700060': layers,
    });
    const picture = await shown(both, dark);
    expect(picture.channels).toBe(3);
    expect(picture.at(100, 100)).toEqual([0x40, 0x40, 0x40]);
    // CIELab 53.2\80.1\67.2 is the red of sRGB.
    const [red, green, blue] = picture.at(160, 120) as [number, number, number];
    expect(red).toBeGreaterThan(240);
    expect(Math.max(green, blue)).toBeLessThan(30);
  });

  it('hold text that stands where its box is, upright after a rotation', async () => {
    const text: DicomJson = {
      '00700003': json('CS', 'DISPLAY'),
      '00700006': json('ST', 'HHHHHH <&>\r\nHHH'),
      '00700010': json('FL', 0.1, 0.1),
      '00700011': json('FL', 0.9, 0.4),
      '00700012': json('CS', 'LEFT'),
    };
    const withText = { '00700001': json('SQ', { '00700008': json('SQ', text) }), '00700042': json('US', 180) };
    const picture = await shown(state(withText), dark);
    const inkIn = (left: number, top: number, right: number, bottom: number) => {
      let ink = 0;
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) ink += Number(picture.at(x + 1, y + 1)[0] === 255);
      return ink;
    };
    expect(inkIn(24, 16, 130, 40)).toBeGreaterThan(50);
    expect(inkIn(24, 40, 80, 64)).toBeGreaterThan(20);
    expect(inkIn(0, 80, 240, 160)).toBe(0);
  });

  it.each<[string, DicomJsonValue, string]>([
    ['units MATRIX', shape('POINT', [1, 1], 'MATRIX'), '00700005'],
    ['an unknown type', shape('SPIRAL', [1, 1]), '00700023'],
    ['too few points', shape('ELLIPSE', [1, 1, 2, 2]), '00700023'],
  ])('with %s are refused rather than left out', async (_, object, tag) => {
    await expect(shown(state(annotation(object as DicomJson)))).rejects.toMatchObject({
      code: 'cannot-render',
      details: { tag },
    });
  });

  it('are refused where there are more than can be drawn', async () => {
    const points = Array.from({ length: 100_002 }, (_, index) => index % 10);
    await expect(shown(state(annotation(shape('POLYLINE', points))))).rejects.toMatchObject({ code: 'cannot-render' });
  });
});

describe('a presentation state is about certain frames', () => {
  const ofFrame2 = { '00081115': json('SQ', { '00081140': json('SQ', reference('1.2.3', 2)) }) };

  it('and refused for others', async () => {
    const other = { '00081115': json('SQ', { '00081140': json('SQ', reference('1.2.4')) }) };
    const refusal = { code: 'bad-request', details: { parameter: 'presentationUID' } };
    await expect(shown(state(other))).rejects.toMatchObject(refusal);
    await expect(shown(state(ofFrame2))).rejects.toMatchObject(refusal);
    await expect(shown(state(ofFrame2), { frameNumber: 2 })).resolves.toMatchObject({ width: 12 });
  });

  it('and each of its parts may be about some of them', async () => {
    const voi = (center: number, uid: string) => ({
      '00081140': json('SQ', reference(uid)),
      '00281050': json('DS', center),
      '00281051': json('DS', 100),
    });
    const picture = await shown(state({ '00283110': json('SQ', voi(1000, '1.2.4'), voi(100.5, '1.2.3')) }));
    // Level 100 is the middle of 100.5 by LINEAR: (100 - 100) / 99 + 0.5.
    expect(picture.at(1, 1)).toEqual([128]);
  });
});

describe('what is not applied is refused in words', () => {
  it.each([
    ['1.2.840.10008.5.1.4.1.1.11.3', 'Pseudo-Color'],
    ['1.2.840.10008.5.1.4.1.1.11.4', 'Blending'],
  ])('%s', async (sopClassUid, word) => {
    const other = state({ '00080016': json('UI', sopClassUid) });
    await expect(shown(other)).rejects.toThrow(word);
    await expect(shown(other)).rejects.toMatchObject({ code: 'cannot-render' });
  });

  it('a colour state shows no gray image and a gray one no colour', async () => {
    const colour = state({ '00080016': json('UI', '1.2.840.10008.5.1.4.1.1.11.2') });
    await expect(shown(colour)).rejects.toMatchObject({ code: 'cannot-render' });
    const rgb = {
      attributes: image({ '00280002': json('US', 3), '00280004': json('CS', 'RGB') }),
      bytes: new Uint8Array(3 * rows * columns).fill(50),
    };
    await expect(shown(state(), rgb)).rejects.toMatchObject({ code: 'cannot-render' });
    const picture = await shown({ ...colour, ...area([1, 1], [2, 2]) }, rgb);
    expect([picture.width, picture.at(1, 1)]).toEqual([2, [50, 50, 50]]);
  });
});
