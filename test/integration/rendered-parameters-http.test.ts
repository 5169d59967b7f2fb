import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuiltElement,
  buildPart10,
  element,
  inTagOrder,
  pixelElements,
  sequence,
} from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

/** @returns the URL of the instance */
async function store(number: number, elements: readonly BuiltElement[]): Promise<string> {
  const all = inTagOrder([
    element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.77.1.4'),
    element('00080018', 'UI', `2.25.53.${number}`),
    element('00080060', 'CS', 'XC'),
    element('00100010', 'PN', 'Doe^<b>&Jane'),
    element('00100020', 'LO', 'P1'),
    element('0020000D', 'UI', '2.25.51'),
    element('0020000E', 'UI', '2.25.52'),
    ...elements,
  ]);
  expect((await stow(server.web, [buildPart10({ elements: all })])).status).toBe(200);
  return `${server.web}/studies/2.25.51/series/2.25.52/instances/2.25.53.${number}`;
}

async function get(url: string, accept = 'image/png') {
  const response = await fetch(url, { headers: { Accept: accept } });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** As it is, whatever profile it has. */
async function pixelsOf(picture: Buffer): Promise<Buffer> {
  return sharp(picture, { ignoreIcc: true }).toColourspace('srgb').raw().toBuffer();
}

function largestDifference(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  return one.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (other[at] as number))), 0);
}

describe('annotation', () => {
  const side = 256;
  const frames = 2;
  let url: string;

  beforeAll(async () => {
    url = await store(1, pixelElements({ rows: side, columns: side, frames, bitsAllocated: 8 }));
  });

  /** Whether there is something bright in the upper and in the lower half. */
  async function brightHalves(picture: Buffer): Promise<[boolean, boolean]> {
    const halves = [0, side / 2].map(async (top) => {
      const half = sharp(picture).extract({ left: 0, top, width: side, height: side / 2 });
      return (await half.toColourspace('b-w').raw().toBuffer()).some((level) => level > 200);
    });
    return (await Promise.all(halves)) as [boolean, boolean];
  }

  it.each([
    ['', [false, false]],
    ['?annotation=patient', [true, false]],
    ['?annotation=technique', [false, true]],
    ['?annotation=patient,technique', [true, true]],
    ['?annotation=technique,patient', [true, true]],
  ])('%s is burned in, the patient at the top and the technique at the bottom', async (query, halves) => {
    for (const type of ['image/png', 'image/jpeg']) {
      const { status, bytes } = await get(`${url}/frames/1/rendered${query}`, type);
      expect(status).toBe(200);
      expect(await brightHalves(bytes)).toEqual(halves);
      expect((await sharp(bytes).metadata()).channels).toBe(1);
    }
  });

  it('is of the frame that is shown, in a loop of them too, and by WADO-URI', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map((frame) => get(`${url}/frames/${frame}/rendered?annotation=technique`)),
    );
    expect((await pixelsOf(first!.bytes)).equals(await pixelsOf(second!.bytes))).toBe(false);
    const loop = await get(`${url}/rendered?annotation=technique`, 'image/gif');
    expect(await brightHalves(await sharp(loop.bytes, { page: 1 }).png().toBuffer())).toEqual([false, true]);
    const uids = 'studyUID=2.25.51&seriesUID=2.25.52&objectUID=2.25.53.1';
    const byUri = await get(
      `${new URL(server.web).origin}/wado?requestType=WADO&${uids}&annotation=patient`,
      'image/*',
    );
    expect(await brightHalves(byUri.bytes)).toEqual([true, false]);
  });

  it('is refused for unknown keywords, and where nobody could read it', async () => {
    for (const query of ['annotation=doctor', 'annotation=patient,', 'annotation=', 'annotation=PATIENT']) {
      expect((await get(`${url}/frames/1/rendered?${query}`)).status, query).toBe(400);
    }
    const small = await get(`${url}/frames/1/rendered?annotation=patient&viewport=20,20`);
    expect(small.status).toBe(406);
    expect(JSON.parse(small.bytes.toString())).toMatchObject({ parameter: 'annotation' });
  });
});

describe('iccprofile', () => {
  const [columns, rows] = [32, 24];
  const colours = Buffer.from(Array.from({ length: columns * rows * 3 }, (_, at) => 40 + ((at * 53) % 176)));
  let profile: Buffer;
  let stored: Buffer;
  let own: string;
  let tile: string;
  let plain: string;
  let gray: string;

  beforeAll(async () => {
    const p3 = await sharp(colours, { raw: { width: columns, height: rows, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    profile = (await sharp(p3).metadata()).icc as Buffer;
    stored = await pixelsOf(p3);
    expect(largestDifference(stored, colours)).toBeGreaterThan(10);
    const picture = { rows, columns, bitsAllocated: 8, samplesPerPixel: 3 } as const;
    const pixels = pixelElements({ ...picture, pixelData: stored });
    own = await store(2, [...pixels, element('00282000', 'OB', profile)]);
    // Too long to be among the attributes.
    const long = Buffer.concat([profile, Buffer.alloc(3000)]);
    const path = sequence('00480105', [[element('00480106', 'SH', '1')], [element('00282000', 'OB', long)]]);
    tile = await store(3, [...pixels, path]);
    plain = await store(4, pixelElements({ ...picture, pixelData: colours }));
    gray = await store(
      5,
      pixelElements({ rows, columns, bitsAllocated: 8, pixelData: colours.subarray(0, columns * rows) }),
    );
  });

  it('that is not asked for is not there', async () => {
    for (const query of ['', '?iccprofile=no']) {
      const { bytes } = await get(`${own}/rendered${query}`);
      expect((await sharp(bytes).metadata()).icc).toBeUndefined();
      expect((await pixelsOf(bytes)).equals(stored)).toBe(true);
    }
  });

  it.each(['image/png', 'image/jpeg'])('yes is that of the image, whose pixels stay: %s', async (type) => {
    for (const url of [own, tile]) {
      const { bytes } = await get(`${url}/rendered?iccprofile=yes&quality=100`, type);
      const { icc } = await sharp(bytes).metadata();
      expect(icc?.subarray(0, profile.length).equals(profile)).toBe(true);
      const difference = largestDifference(await pixelsOf(bytes), stored);
      expect(difference).toBeLessThanOrEqual(type === 'image/png' ? 0 : 16);
    }
  });

  it('srgb converts from the profile of the image', async () => {
    for (const url of [own, tile]) {
      const { bytes } = await get(`${url}/rendered?iccprofile=srgb`);
      expect(largestDifference(await pixelsOf(bytes), colours)).toBeLessThanOrEqual(2);
    }
  });

  it.each(['srgb', 'adobergb', 'rommrgb', 'displayp3'])(
    '%s has the profile by which others see the same colours',
    async (space) => {
      for (const url of [own, plain]) {
        const { bytes } = await get(`${url}/rendered?iccprofile=${space}`);
        const seen = await sharp(bytes).toColourspace('srgb').raw().toBuffer();
        expect(largestDifference(seen, colours)).toBeLessThanOrEqual(6);
        const moved = largestDifference(await pixelsOf(bytes), colours);
        if (space === 'srgb') expect(moved).toBeLessThanOrEqual(2);
        else expect(moved).toBeGreaterThan(10);
      }
    },
  );

  it('of an image that has none is sRGB, and gray becomes three equal colours', async () => {
    const { bytes } = await get(`${plain}/rendered?iccprofile=yes`);
    expect((await pixelsOf(bytes)).equals(colours)).toBe(true);
    expect((await sharp(bytes).metadata()).icc?.toString('latin1', 36, 40)).toBe('acsp');
    const { channels, icc } = await sharp(
      (await get(`${gray}/rendered?iccprofile=srgb`, 'image/jpeg')).bytes,
    ).metadata();
    expect([channels, icc !== undefined]).toEqual([3, true]);
  });

  it('is refused where it cannot be: unknown ones, what holds none, and what is none', async () => {
    expect((await get(`${own}/rendered?iccprofile=cmyk`)).status).toBe(400);
    const gif = await get(`${own}/rendered?iccprofile=srgb`, 'image/gif');
    expect(gif.status).toBe(406);
    expect(JSON.parse(gif.bytes.toString())).toMatchObject({ parameter: 'iccprofile' });
    const picture = pixelElements({ rows, columns, bitsAllocated: 8, samplesPerPixel: 3, pixelData: colours });
    const broken = await store(6, [...picture, element('00282000', 'OB', Buffer.alloc(200, 7))]);
    const refused = await get(`${broken}/rendered?iccprofile=srgb`);
    expect(refused.status).toBe(406);
    expect(JSON.parse(refused.bytes.toString())).toMatchObject({ tag: '00282000' });
    expect((await get(`${broken}/rendered`)).status).toBe(200);
  });
});
