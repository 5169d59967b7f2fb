import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltElement, element, sequence } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { lookupTable, overlayPlane, presentationState, rampImage } from '../support/presentation-states.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let directory: string;

beforeAll(async () => {
  server = await startTestServer();
  directory = await mkdtemp(join(tmpdir(), 'causeway-presentation-'));
});
afterAll(async () => {
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

async function theirs(image: string, state: string): Promise<Picture> {
  const path = join(directory, 'picture.pgm');
  const { code, output } = await runProgram('dcmp2pgm', ['-p', state, image, path]);
  expect({ code, output }).toMatchObject({ code: 0 });
  const file = await readFile(path);
  const [, width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 40)) ?? [];
  return { width: Number(width), height: Number(height), pixels: file.subarray(-Number(width) * Number(height)) };
}

async function ours(study: string): Promise<Picture> {
  const url = `${server.web}/studies/${study}/series/${study}.2/instances/${study}.2.1/rendered`;
  const response = await fetch(url, { headers: { Accept: 'image/png' } });
  expect(response.status).toBe(200);
  const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(1);
  return { width: info.width, height: info.height, pixels: data };
}

const window = (center: string, width: string) => [element('00281050', 'DS', center), element('00281051', 'DS', width)];
const rescale = [element('00281052', 'DS', '-1024'), element('00281053', 'DS', '2'), element('00281054', 'LO', 'US')];
const softcopyVoi = (...elements: BuiltElement[]) => sequence('00283110', [elements]);
const curve = Array.from({ length: 256 }, (_, index) => Math.round(4095 * (index / 255) ** 2));
const fineCurve = Array.from({ length: 4096 }, (_, index) => Math.round(4095 * (index / 4095) ** 2));
const spatial = (rotation: number, flip: 'Y' | 'N') => [
  element('00700041', 'CS', flip),
  element('00700042', 'US', [rotation]),
];
const cross = overlayPlane('6000', [20, 10], (column, row) => column === row || column === 5);

interface Case {
  readonly name: string;
  readonly image?: readonly BuiltElement[];
  readonly photometric?: string;
  readonly state: readonly BuiltElement[];
}

const cases: readonly Case[] = [
  { name: 'a window of modality values', state: [...rescale, softcopyVoi(...window('2000', '3000'))] },
  { name: 'no VOI, whatever the image says', image: [...rescale, ...window('1', '2')], state: [] },
  { name: 'no VOI after a rescale', state: rescale },
  { name: 'a VOI LUT', state: [softcopyVoi(sequence('00283010', [lookupTable(1000, 12, curve)]))] },
  { name: 'a Modality LUT', state: [sequence('00283000', [lookupTable(500, 12, curve)])] },
  {
    name: 'a Modality LUT before a window',
    state: [sequence('00283000', [lookupTable(500, 12, curve)]), softcopyVoi(...window('2000', '2000'))],
  },
  {
    name: 'a Presentation LUT',
    state: [
      element('20500020', 'CS'),
      sequence('20500010', [lookupTable(0, 12, fineCurve)]),
      softcopyVoi(...window('2048', '4096')),
    ],
  },
  { name: 'INVERSE', state: [element('20500020', 'CS', 'INVERSE'), softcopyVoi(...window('2048', '4096'))] },
  {
    name: 'IDENTITY over MONOCHROME1',
    photometric: 'MONOCHROME1',
    state: [softcopyVoi(...window('2048', '4096'))],
  },
  ...([0, 90, 180, 270] as const).flatMap((rotation) =>
    (['N', 'Y'] as const).map((flip) => ({
      name: `a rotation by ${rotation}° ${flip === 'Y' ? 'with' : 'without'} a flip`,
      state: [...spatial(rotation, flip), softcopyVoi(...window('2048', '4096'))],
    })),
  ),
  {
    name: 'a bitmap shutter',
    state: [
      element('00181600', 'CS', 'BITMAP'),
      element('00181623', 'US', [0x6000]),
      element('00181622', 'US', [0xc000]),
      ...overlayPlane('6000', [60, 40], (column, row) => column + row < 40),
    ],
  },
  { name: 'no overlay that it does not activate', image: cross, state: [] },
];

/** dcmp2pgm leaves out whatever its viewer draws itself: overlays, graphics, shutters of shapes; and it windows by LINEAR only. */
describe('a presentation state looks as DCMTK shows it', () => {
  for (const [index, { name, image, photometric, state }] of cases.entries()) {
    it(name, async (context) => {
      if (!hasProgram('dcmp2pgm')) return context.skip('not here: dcmp2pgm');
      const study = `2.25.81${index}`;
      const imageUids = { study, series: `${study}.1`, instance: `${study}.1.1` };
      const files = [
        rampImage(imageUids, image, photometric),
        presentationState({ study, series: `${study}.2`, instance: `${study}.2.1` }, imageUids, state),
      ] as const;
      const paths = [join(directory, 'image.dcm'), join(directory, 'state.dcm')] as const;
      await Promise.all(paths.map((path, file) => writeFile(path, files[file] as Buffer)));
      expect((await stow(server.web, files)).status).toBe(200);
      const [one, other] = [await ours(study), await theirs(...paths)];
      expect([one.width, one.height]).toEqual([other.width, other.height]);
      let largest = 0;
      for (let pixel = 0; pixel < one.pixels.length; pixel++) {
        largest = Math.max(largest, Math.abs((one.pixels[pixel] as number) - (other.pixels[pixel] as number)));
      }
      expect(one.pixels.some((level) => level > 0)).toBe(true);
      // Both round, each in its own place.
      expect(largest).toBeLessThanOrEqual(1);
    });
  }
});
