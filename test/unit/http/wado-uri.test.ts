import { beforeEach, describe, expect, it } from 'vitest';
import { fakeFile } from './fake-house.ts';
import { type FakeServer, fakeServers } from './serve-fakes.ts';

const explicit = '1.2.840.10008.1.2.1';
const uids = { study: '1.2.3', series: '1.2.3.4', instance: '1.2.3.4.1' };
const object = 'requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3.4&objectUID=1.2.3.4.1';

let server: FakeServer;

const servers = fakeServers();

beforeEach(async () => {
  server = await servers();
  const bytes = fakeFile(uids, Buffer.alloc(5000, 1));
  server.house.stored.set(uids.instance, { ...uids, bytes, transferSyntaxUid: explicit });
});

function ask(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.origin}/wado?${object}${query}`, { headers });
}

describe('WADO-URI', () => {
  it('answers with a JPEG picture unless told otherwise, as browsers ask for images and pages', async () => {
    const accepts = ['*/*', 'image/avif,image/webp,*/*', 'text/html,application/xhtml+xml,*/*;q=0.8'];
    for (const accept of accepts) {
      const response = await ask('', { Accept: accept });
      expect(response.headers.get('content-type')).toBe('image/jpeg');
      expect(await response.text()).toBe('picture image/jpeg');
    }
  });

  it.each([
    ['image/png', 'image/png'],
    ['image/jp2,image/png,image/jpeg', 'image/png'],
    ['image%2Fjpeg%3Bq%3D0.5%2C image/png', 'image/png'],
    ['image/*', 'image/jpeg'],
    ['', 'image/jpeg'],
  ])('answers contentType=%s with %s', async (contentType, expected) => {
    const response = await ask(`&contentType=${contentType}`);
    expect(response.headers.get('content-type')).toBe(expected);
  });

  it('takes contentType before the Accept header', async () => {
    const response = await ask('&contentType=image/png', { Accept: 'image/jpeg' });
    expect(response.headers.get('content-type')).toBe('image/png');
  });

  it('answers application/dicom with the file as it is stored', async () => {
    for (const query of ['', `&transferSyntax=${explicit}`]) {
      const response = await ask(`&contentType=application/dicom${query}`);
      expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicit}`);
      expect(response.headers.get('content-location')).toBe(
        `${server.web}/studies/1.2.3/series/1.2.3.4/instances/1.2.3.4.1`,
      );
      expect(response.headers.get('warning')).toBeNull();
      expect(Buffer.from(await response.arrayBuffer())).toEqual(server.house.stored.get(uids.instance)?.bytes);
    }
  });

  it('answers anonymize=yes with an instance that nobody can be told by, and no way to the original', async () => {
    server.house.state.obstacles = { refusal: undefined, warnings: ['Look at the pixels'] };
    const response = await ask('&contentType=application/dicom&anonymize=yes');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(`application/dicom; transfer-syntax=${explicit}`);
    expect(response.headers.get('content-location')).toBeNull();
    expect(response.headers.get('warning')).toContain('Look at the pixels');
    expect(await response.text()).toContain(`nobody in ${explicit}, from {`);
  });

  it('refuses to anonymize what cannot be cleaned, in words', async () => {
    server.house.state.obstacles = { refusal: 'It is a report, whose text cannot be cleaned here.', warnings: [] };
    const response = await ask('&contentType=application/dicom&anonymize=yes');
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({
      parameter: 'anonymize',
      detail: expect.stringContaining('It is a report'),
    });
    expect((await ask('&contentType=application/dicom')).status).toBe(200);
  });

  it('says that a charset changes nothing in an instance', async () => {
    const response = await ask('&contentType=application/dicom&charset=ISO-8859-1');
    expect(response.status).toBe(200);
    expect(response.headers.get('warning')).toContain('charset has no effect');
    expect((await ask('&charset=utf-8')).headers.get('warning')).toBeNull();
  });

  it('hands an instance without pixels out as it is, unless it is asked for as a picture', async () => {
    server.house.state.frames = 0;
    expect((await ask('')).headers.get('content-type')).toContain('application/dicom');
    server.house.state.undecodable = true;
    const response = await ask('&rows=64');
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({ type: 'urn:causeway:problem:cannot-render' });
  });

  it.each([
    ['', 'video/mp4', 3, 'video/mp4'],
    ['&contentType=video/*', 'video/mpeg', 3, 'video/mpeg'],
    ['&contentType=application/dicom', 'video/mp4', 3, `application/dicom; transfer-syntax=${explicit}`],
    ['', 'application/pdf', 0, `application/dicom; transfer-syntax=${explicit}`],
    ['&contentType=application/pdf', 'application/pdf', 0, 'application/pdf'],
  ])('answers %s for %s in an instance of %i frames with %s', async (query, mediaType, frames, expected) => {
    Object.assign(server.house.state, { mediaType, frames });
    const response = await ask(query);
    expect(response.headers.get('content-type')).toBe(expected);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(server.house.stored.get(uids.instance)?.bytes);
  });

  it('sends ranges of a video', async () => {
    server.house.state.mediaType = 'video/mp4';
    const response = await ask('', { Range: 'bytes=1-4' });
    expect(response.status).toBe(206);
    expect((await response.arrayBuffer()).byteLength).toBe(4);
    expect((await ask('', { Range: 'bytes=99999999-' })).status).toBe(416);
  });

  it('makes no picture of a video', async () => {
    server.house.state.mediaType = 'video/mp4';
    const picture = await ask('&contentType=image/jpeg');
    expect(picture.status).toBe(406);
    expect(await picture.json()).toMatchObject({ acceptable: ['video/mp4', 'application/dicom'] });
    const frame = await ask('&frameNumber=1');
    expect(frame.status).toBe(400);
    expect(await frame.json()).toMatchObject({ parameter: 'frameNumber' });
  });

  it('passes on how the picture is to look', async () => {
    await ask(
      '&rows=64&columns=128&region=0,0.25,.5,1&windowCenter=-600.5&windowWidth=1500&imageQuality=80&frameNumber=2',
    );
    expect(server.house.renderings[0]).toMatchObject({
      target: { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.4', sopInstanceUid: '1.2.3.4.1' },
      frame: 2,
      parameters: {
        mediaType: 'image/jpeg',
        quality: 80,
        window: { center: -600.5, width: 1500, function: 'linear' },
        viewport: { width: 128, height: 64 },
        region: { left: 0, top: 0.25, right: 0.5, bottom: 1 },
      },
    });
    await ask('&windowCenter=0.2&windowWidth=0.5');
    expect(server.house.renderings[1]?.parameters.window?.function).toBe('linear-exact');
  });

  it('leaves the other side open where only rows or only columns are given', async () => {
    await ask('&rows=100');
    await ask('&columns=8192');
    const viewports = server.house.renderings.map(({ parameters }) => parameters.viewport);
    expect(viewports).toEqual([
      { width: 8192, height: 100 },
      { width: 8192, height: 7324 },
    ]);
  });

  it.each(['requestType', 'studyUID', 'seriesUID', 'objectUID'])('says that %s is missing', async (parameter) => {
    const query = object.replace(new RegExp(`${parameter}=[^&]*&?`), '');
    const response = await fetch(`${server.origin}/wado?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ parameter });
  });

  it.each([
    ['requestType=QIDO', 'requestType'],
    ['objectUID=..%2F1', 'objectUID'],
    ['contentType=,;', 'contentType'],
    ['anonymize=no', 'anonymize'],
    ['annotation=doctor', 'annotation'],
    ['rows=0', 'rows'],
    ['rows=9000', 'rows'],
    ['columns=1.5', 'columns'],
    ['region=0,0,1', 'region'],
    ['region=0,0,1,1.5', 'region'],
    ['region=0.5,0,0.5,1', 'region'],
    ['region=0,0,1,x', 'region'],
    ['windowCenter=40', 'windowWidth'],
    ['windowWidth=40', 'windowCenter'],
    ['windowCenter=x&windowWidth=40', 'windowCenter'],
    ['windowCenter=40&windowWidth=0', 'windowWidth'],
    ['frameNumber=0', 'frameNumber'],
    ['imageQuality=0', 'imageQuality'],
    ['imageQuality=101', 'imageQuality'],
    ['presentationSeriesUID=1.2', 'presentationUID'],
    ['presentationUID=1.2', 'presentationSeriesUID'],
    ['presentationUID=1.2&presentationSeriesUID=1.3&region=0,0,1,1', 'region'],
    [`transferSyntax=${explicit}`, 'transferSyntax'],
    ['contentType=image/jpeg&anonymize=yes', 'anonymize'],
    ['contentType=application/dicom&frameNumber=1', 'frameNumber'],
    ['contentType=application/dicom&windowCenter=1&windowWidth=2', 'windowCenter'],
    ['rows=1&rows=2', 'rows'],
  ])('answers %s with 400 that names %s', async (query, parameter) => {
    const given = new Set(query.split('&').map((part) => part.split('=')[0]));
    const rest = object.split('&').filter((part) => !given.has(part.split('=')[0]));
    const response = await fetch(`${server.origin}/wado?${[...rest, query].join('&')}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'urn:causeway:problem:bad-request', parameter });
  });

  it.each([
    ['contentType=image/tiff', 'contentType'],
    ['contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.4.50', 'transferSyntax'],
    ['contentType=image/gif&iccprofile=srgb', 'iccprofile'],
  ])('refuses %s with 406 rather than to answer something else', async (query, parameter) => {
    const response = await ask(`&${query}`);
    expect(response.status).toBe(406);
    expect(await response.json()).toMatchObject({ parameter });
  });

  it.each([
    ['1.0.404', 404],
    ['1.0.410', 410],
  ])('answers for study %s with %i', async (study, status) => {
    expect((await fetch(`${server.origin}/wado?${object.replace('=1.2.3&', `=${study}&`)}`)).status).toBe(status);
  });

  it('lives where it is configured to', async () => {
    server = await servers({ wadoPath: '/dicom-web/old-wado' });
    const other = await fetch(`${server.origin}/dicom-web/old-wado/?${object}`);
    expect(other.status).toBe(404);
    expect(await other.json()).toMatchObject({ detail: 'There is no study with this UID.' });
    const documented = await ask('');
    expect(await documented.json()).toMatchObject({ detail: 'There is no resource with this path.' });
  });

  it('answers HEAD like GET without the body', async () => {
    const response = await fetch(`${server.origin}/wado?${object}`, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(await response.text()).toBe('');
  });
});
