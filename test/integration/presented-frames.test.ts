import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  inTagOrder,
  pixelElements,
  sequence,
} from '../support/dicom-builder.ts';
import { type Part, splitMultipart, stow } from '../support/multipart-bodies.ts';
import { presentationState } from '../support/presentation-states.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '2.25.130';
const ct = '1.2.840.10008.5.1.4.1.1.2';
const [rows, columns] = [20, 30];
const uids = (series: number, instance = 1) => ({
  study,
  series: `${study}.${series}`,
  instance: `${study}.${series}.${instance}`,
});

/** Each frame is a ramp that starts at another gray. */
function image(series: number, frames: number, instance = 1): Buffer {
  const words = Uint16Array.from({ length: frames * rows * columns }, (_, at) => {
    const frame = Math.floor(at / (rows * columns));
    return (series * 700 + frame * 1500 + (at % columns) * 40) % 4096;
  });
  return buildPart10({
    elements: inTagOrder(
      ctElements(
        uids(series, instance),
        ...pixelElements({ rows, columns, frames, pixelData: new Uint8Array(words.buffer) }),
      ),
    ),
  });
}

interface Shown {
  readonly series: number;
  readonly instance?: number;
  readonly frames?: readonly number[];
}

function state(instance: number, shown: readonly Shown[], ...more: readonly BuiltElement[]): Buffer {
  const references = shown.map(({ series, instance: shownInstance = 1, frames }) => [
    sequence('00081140', [
      [
        element('00081150', 'UI', ct),
        element('00081155', 'UI', uids(series, shownInstance).instance),
        ...(frames === undefined ? [] : [element('00081160', 'IS', frames.join('\\'))]),
      ],
    ]),
    element('0020000E', 'UI', uids(series).series),
  ]);
  const voi = [element('00281050', 'DS', '2048'), element('00281051', 'DS', '4096')];
  return presentationState(uids(9, instance), { ...uids(1), size: [columns, rows] }, [
    sequence('00081115', references),
    sequence('00283110', [voi]),
    ...more,
  ]);
}

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const answer = await stow(server.web, [
    image(1, 3),
    image(2, 1),
    state(1, [{ series: 1, frames: [3, 1] }, { series: 2 }]),
    state(2, [{ series: 4 }, { series: 1, frames: [2] }, { series: 5 }], element('20500020', 'CS', 'INVERSE')),
    state(3, [{ series: 4 }]),
    state(4, [{ series: 4 }, { series: 1, frames: [1, 2] }]),
    state(5, [{ series: 2 }, { series: 1 }]),
  ]);
  expect(answer.status).toBe(200);
});
afterAll(() => server?.close());

const stateUrl = (instance: number) =>
  `${server.web}/studies/${study}/series/${study}.9/instances/${study}.9.${instance}`;
const wado = (instance: number) =>
  `${server.local}/wado?requestType=WADO&studyUID=${study}&seriesUID=${study}.9&objectUID=${study}.9.${instance}&contentType=image/png`;
const related = (type: string) => `multipart/related; type="${type}"`;

function ask(url: string, accept: string): Promise<Response> {
  return fetch(url, { headers: { Accept: accept } });
}

async function bytesOf(response: Response): Promise<Buffer> {
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function partsOf(response: Response): Promise<Part[]> {
  return splitMultipart(await bytesOf(response), response.headers.get('content-type') ?? '');
}

/** The same frame with the same state, one at a time. */
async function alone(series: number, frame: number, instance: number, more = ''): Promise<Buffer> {
  const { series: seriesUID, instance: objectUID } = uids(series);
  const query = new URLSearchParams({
    requestType: 'WADO',
    studyUID: study,
    seriesUID,
    objectUID,
    contentType: 'image/png',
    frameNumber: String(frame),
    presentationSeriesUID: `${study}.9`,
    presentationUID: `${study}.9.${instance}`,
  });
  return bytesOf(await fetch(`${server.local}/wado?${query}${more}`));
}

/** Texts of the Warning headers, without the code and the host. */
function warningsOf(response: Response): string[] {
  const header = response.headers.get('warning') ?? '';
  return [...header.matchAll(/299 127\.0\.0\.1:\d+: "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text);
}

describe('a presentation state of several frames', () => {
  it('is rendered as a part for each, in the order of its references', async () => {
    const response = await ask(`${stateUrl(1)}/rendered`, related('image/png'));
    expect(response.headers.get('content-type')).toMatch(/^multipart\/related; type="image\/png"; boundary=/);
    expect(warningsOf(response)).toEqual([]);
    const parts = await partsOf(response);
    expect(parts.map(({ headers }) => headers['Content-Type'])).toEqual(Array(3).fill('image/png'));
    expect(new Set(parts.map(({ headers }) => headers['Content-Location']))).toEqual(
      new Set([`${stateUrl(1)}/rendered`]),
    );
    const pictures = [await alone(1, 3, 1), await alone(1, 1, 1), await alone(2, 1, 1)];
    for (const [at, { body }] of parts.entries()) expect(body.equals(pictures[at]!)).toBe(true);
    expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(3);
  });

  it('shows all frames of an image of which it names none', async () => {
    const parts = await partsOf(await ask(`${stateUrl(5)}/rendered`, related('image/png')));
    const pictures = [await alone(2, 1, 5), await alone(1, 1, 5), await alone(1, 2, 5), await alone(1, 3, 5)];
    expect(parts.map(({ body }) => body.equals(pictures.shift()!))).toEqual([true, true, true, true]);
    const gif = await bytesOf(await ask(`${stateUrl(5)}/rendered`, 'image/gif'));
    expect((await sharp(gif, { animated: true }).metadata()).pages).toBe(4);
  });

  it('takes the parameters of pictures, and says them where the parts say what they are', async () => {
    const response = await ask(`${stateUrl(1)}/rendered?viewport=15,10`, related('image/png'));
    const parts = await partsOf(response);
    expect(parts).toHaveLength(3);
    const small = await alone(2, 1, 1, '&rows=10&columns=15');
    expect(parts[2]!.body.equals(small)).toBe(true);
    const [location] = parts.map(({ headers }) => headers['Content-Location']);
    const again = await partsOf(await ask(location!, related('image/png')));
    expect(again.map(({ body }) => body.toString('base64'))).toEqual(parts.map(({ body }) => body.toString('base64')));
  });

  it.each([
    ['image/png', 'image/png'],
    ['*/*', 'image/jpeg'],
  ])('is its first frame as %s, with a Warning that there are more', async (accept, type) => {
    const response = await ask(`${stateUrl(1)}/rendered`, accept);
    expect(response.headers.get('content-type')).toBe(type);
    expect(warningsOf(response)).toEqual([
      'The presentation state shows 3 frames, of which this is the first: multipart/related brings all',
    ]);
    const picture = await bytesOf(response);
    if (type === 'image/png') expect(picture.equals(await alone(1, 3, 1))).toBe(true);
  });

  it('shows what is here, with a Warning of how many images are not', async () => {
    const response = await ask(`${stateUrl(2)}/rendered`, related('image/png'));
    expect(warningsOf(response)).toEqual(['2 of the images that the presentation state refers to are not here']);
    const [part, ...more] = await partsOf(response);
    expect(more).toEqual([]);
    expect(part!.body.equals(await alone(1, 2, 2))).toBe(true);
    // INVERSE: not as the window alone makes it.
    const { series, instance } = uids(1);
    const plain = `${server.web}/studies/${study}/series/${series}/instances/${instance}/frames/2/rendered`;
    const windowed = await bytesOf(await ask(`${plain}?window=2048,4096,linear`, 'image/png'));
    expect(part!.body.equals(windowed)).toBe(false);
  });

  it('is played where a loop is asked for: all frames of all its images', async () => {
    const response = await ask(`${stateUrl(1)}/rendered`, 'image/gif');
    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(warningsOf(response)).toEqual([]);
    const gif = await bytesOf(response);
    const { width, pageHeight, pages, delay } = await sharp(gif, { animated: true }).metadata();
    expect([width, pageHeight, pages, delay]).toEqual([columns, rows, 3, [100, 100, 100]]);
    const stills = [await alone(1, 3, 1), await alone(1, 1, 1), await alone(2, 1, 1)];
    for (const [page, still] of stills.entries()) {
      const [shown, wanted] = await Promise.all(
        [sharp(gif, { page }), sharp(still)].map((picture) => picture.toColourspace('b-w').raw().toBuffer()),
      );
      expect(shown!.equals(wanted!), `frame ${page + 1}`).toBe(true);
    }
    const partly = await ask(`${stateUrl(4)}/rendered`, 'image/gif');
    expect(partly.status).toBe(200);
    expect(warningsOf(partly)).toEqual(['1 of the images that the presentation state refers to are not here']);
  });

  it('of which nothing is here cannot be rendered, in no form', async () => {
    for (const accept of ['image/png', related('image/png')]) {
      const response = await ask(`${stateUrl(3)}/rendered`, accept);
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining('None of the images') });
    }
  });

  it('looks its images up with their series where they are many, and for a thumbnail no further than to the first', async () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ series: 6, instance: at + 1 }));
    const lots = { series: 6, instance: 30, frames: Array.from({ length: 4001 }, () => 1) };
    const sent = [...many.map(({ series, instance }) => image(series, 1, instance)), state(6, many), state(7, [lots])];
    expect((await stow(server.web, sent)).status).toBe(200);
    const { index, erase } = server.house;
    const [one, listed, read] = [
      vi.spyOn(index, 'instance'),
      vi.spyOn(index, 'instances'),
      vi.spyOn(index, 'metadataOf'),
    ];
    const inSeries = ({ mock }: typeof one | typeof listed) =>
      mock.calls.filter(([{ seriesInstanceUid, sopInstanceUid }]) => {
        return seriesInstanceUid === uids(6).series && sopInstanceUid !== uids(6).instance;
      }).length;
    try {
      expect((await ask(`${stateUrl(6)}/thumbnail`, 'image/png')).status).toBe(200);
      expect((await ask(wado(6), 'image/png')).status).toBe(200);
      expect([inSeries(one), inSeries(listed)]).toEqual([0, 0]);
      const picture = await ask(`${stateUrl(6)}/rendered`, 'image/png');
      expect([picture.status, warningsOf(picture)]).toEqual([200, [expect.stringContaining('shows 30 frames')]]);
      expect([inSeries(one), inSeries(listed)]).toEqual([3, 1]);
      read.mockClear();
      const loop = await ask(`${stateUrl(7)}/rendered`, 'image/gif');
      expect([loop.status, await loop.json()]).toMatchObject([406, { limit: 'maxCineFrames' }]);
      const ofImage = read.mock.calls.filter(([{ sopInstanceUid }]) => sopInstanceUid === uids(6, 30).instance);
      expect(ofImage).toEqual([]);
    } finally {
      for (const spy of [one, listed, read]) spy.mockRestore();
      for (const { study: studyInstanceUid, series: seriesInstanceUid, instance: sopInstanceUid } of [
        ...many.map(({ series, instance }) => uids(series, instance)),
        uids(9, 6),
        uids(9, 7),
      ]) {
        await erase.erase({ studyInstanceUid, seriesInstanceUid, sopInstanceUid });
      }
    }
  });

  it('has the first of its frames for a thumbnail', async () => {
    const thumbnail = await bytesOf(await ask(`${stateUrl(2)}/thumbnail?viewport=30,20`, 'image/png'));
    expect(thumbnail.equals(await alone(1, 2, 2, `&rows=${rows}&columns=${columns}`))).toBe(true);
  });
});

describe('Warning headers', () => {
  it('come one for each thing that a search did not do as asked', async () => {
    const response = await ask(`${server.web}/instances?BurnedInAnnotation=YES&WindowCenter=1&limit=2`, '*/*');
    expect(response.status).toBe(200);
    expect(warningsOf(response)).toEqual([
      expect.stringContaining('BurnedInAnnotation is not indexed'),
      expect.stringContaining('WindowCenter is not indexed'),
      'There are 5 additional results that can be requested',
    ]);
  });

  it('come with counts as they come with matches', async () => {
    const response = await ask(`${server.web}/instances/count?BurnedInAnnotation=YES`, '*/*');
    expect(await response.json()).toEqual({ count: 7 });
    expect(warningsOf(response)).toEqual([expect.stringContaining('BurnedInAnnotation is not indexed')]);
  });

  it('come with 206 where instances are left out, and never where all is there', async () => {
    const accept = `${related('application/dicom')}; transfer-syntax=1.2.840.10008.1.2.4.80`;
    const whole = await ask(`${server.web}/studies/${study}/series/${study}.1`, accept);
    expect([whole.status, warningsOf(whole)]).toEqual([200, []]);
    const study5 = await ask(`${server.web}/studies/${study}`, accept);
    const parts = splitMultipart(Buffer.from(await study5.arrayBuffer()), study5.headers.get('content-type') ?? '');
    expect([study5.status, parts.length]).toEqual([206, 2]);
    expect(warningsOf(study5)).toEqual([expect.stringMatching(/^5 instances are not part of this answer\. /)]);
  });
});
