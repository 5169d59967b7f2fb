import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { type BuiltElement, buildPart10, element, encapsulated } from '../support/dicom-builder.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { XmlHttpRequest } from '../support/xml-http-request.ts';

interface InstanceTarget {
  studyInstanceUID: string;
  seriesInstanceUID: string;
  sopInstanceUID: string;
}

/** What of dicomweb-client is used; its own types leave most of this out. */
interface DicomwebClient {
  storeInstances(options: { datasets: ArrayBuffer[]; studyInstanceUID?: string }): Promise<string>;
  searchForStudies(options?: { queryParams: Record<string, string> }): Promise<DicomJson[]>;
  searchForSeries(options?: Searching): Promise<DicomJson[]>;
  searchForInstances(options?: Searching & { seriesInstanceUID?: string }): Promise<DicomJson[]>;
  retrieveStudy(options: { studyInstanceUID: string }): Promise<ArrayBuffer[]>;
  retrieveSeries(options: { studyInstanceUID: string; seriesInstanceUID: string }): Promise<ArrayBuffer[]>;
  retrieveInstance(options: InstanceTarget): Promise<ArrayBuffer>;
  retrieveStudyMetadata(options: { studyInstanceUID: string }): Promise<DicomJson[]>;
  retrieveSeriesMetadata(options: { studyInstanceUID: string; seriesInstanceUID: string }): Promise<DicomJson[]>;
  retrieveInstanceMetadata(options: InstanceTarget): Promise<DicomJson[]>;
  retrieveInstanceFrames(
    options: InstanceTarget & { frameNumbers: number[]; mediaTypes?: MediaType[] },
  ): Promise<Frame[]>;
  retrieveBulkData(options: { BulkDataURI: string }): Promise<ArrayBuffer[]>;
  retrieveInstanceRendered(options: InstanceTarget & Rendering): Promise<ArrayBuffer[]>;
  retrieveInstanceThumbnail(options: InstanceTarget & Rendering): Promise<ArrayBuffer[]>;
  retrieveInstanceFramesThumbnail(
    options: InstanceTarget & { frameNumbers: number[] } & Rendering,
  ): Promise<ArrayBuffer[]>;
  retrieveInstanceFramesRendered(
    options: InstanceTarget & { frameNumbers: number[] } & Rendering,
  ): Promise<ArrayBuffer[]>;
  buildInstanceWadoURIUrl(options: InstanceTarget & { contentType?: string; transferSyntax?: string }): string;
  setDebug(debug: boolean, log?: (...words: unknown[]) => void): void;
  getDebug(): boolean;
  setVerbose(verbose: boolean): void;
  getVerbose(): boolean;
}

interface Rendering {
  mediaTypes?: MediaType[];
  queryParams?: Record<string, string>;
}

interface Searching {
  studyInstanceUID?: string;
  queryParams?: Record<string, string>;
}

interface Frame extends ArrayBuffer {
  readonly transferSyntaxUID?: string;
  readonly contentType?: string;
}

interface MediaType {
  mediaType: string;
  transferSyntaxUID?: string;
}

interface ClientOptions {
  url: string;
  verbose: boolean;
  wadoURLPrefix?: string;
  singlepart?: string;
}

const { api } = createRequire(import.meta.url)('dicomweb-client') as {
  api: { DICOMwebClient: new (options: ClientOptions) => DicomwebClient };
};

let server: TestServer;
let client: DicomwebClient;

/** The methods that are no inner ones of the class, and those of them that a test has called. */
const methods = Object.getOwnPropertyNames(api.DICOMwebClient.prototype).filter((name) =>
  /^(?!constructor)[a-z]/.test(name),
);
const called = new Set<string>();

function createClient(options: Omit<ClientOptions, 'verbose'>): DicomwebClient {
  return new Proxy(new api.DICOMwebClient({ ...options, verbose: false }), {
    get(target, name) {
      if (typeof name === 'string' && methods.includes(name)) called.add(name);
      return Reflect.get(target, name);
    },
  });
}

const explicit = '1.2.840.10008.1.2.1';
const jpegBaseline = '1.2.840.10008.1.2.4.50';
const study = '1.2.826.0.1.3680043.10.999.1';
const frameBytes = 64 * 48;

/** Three frames of one byte a pixel, each a ramp of its own. */
function pixels(seed: number): Buffer {
  return Buffer.from(
    Array.from({ length: 3 * frameBytes }, (_, at) => (at * 7 + seed * 31 + Math.floor(at / frameBytes)) & 0xff),
  );
}

function file(series: number, instance: number, pixelData: BuiltElement, transferSyntaxUid: string): Buffer {
  return buildPart10({
    transferSyntaxUid,
    elements: [
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7.2'),
      element('00080018', 'UI', `${study}.${series}.${instance}`),
      element('00080020', 'DA', '20240229'),
      element('00080050', 'SH', 'ACC1'),
      element('00080060', 'CS', 'OT'),
      element('00100010', 'PN', 'Client^Dicomweb'),
      element('00100020', 'LO', 'DWC1'),
      element('0020000D', 'UI', study),
      element('0020000E', 'UI', `${study}.${series}`),
      element('00200010', 'SH', '1'),
      element('00200011', 'IS', String(series)),
      element('00200013', 'IS', String(instance)),
      element('00280002', 'US', [1]),
      element('00280004', 'CS', 'MONOCHROME2'),
      element('00280008', 'IS', '3'),
      element('00280010', 'US', [48]),
      element('00280011', 'US', [64]),
      element('00280100', 'US', [8]),
      element('00280101', 'US', [8]),
      element('00280102', 'US', [7]),
      element('00280103', 'US', [0]),
      pixelData,
    ],
  });
}

const fragments = [1, 2, 3].map((number) =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(1001, number)]),
);
const native = [1, 2].map((instance) => file(1, instance, element('7FE00010', 'OB', pixels(instance)), explicit));
const compressed = file(2, 1, encapsulated(fragments), jpegBaseline);
const target = { studyInstanceUID: study, seriesInstanceUID: `${study}.1`, sopInstanceUID: `${study}.1.1` };
const compressedTarget = { studyInstanceUID: study, seriesInstanceUID: `${study}.2`, sopInstanceUID: `${study}.2.1` };

function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** The client makes a list even of an answer that is no multipart. */
function bytesOf(content: ArrayBuffer | readonly ArrayBuffer[]): Buffer {
  if (!(content instanceof ArrayBuffer)) expect(content).toHaveLength(1);
  return Buffer.from(new Uint8Array(content instanceof ArrayBuffer ? content : content[0]!));
}

function hashes(contents: readonly (ArrayBuffer | Uint8Array)[]): string[] {
  return contents.map((content) => createHash('sha256').update(new Uint8Array(content)).digest('hex')).sort();
}

beforeAll(async () => {
  Object.assign(globalThis, { XMLHttpRequest: XmlHttpRequest });
  server = await startTestServer();
  client = createClient({ url: server.web });
  const answer = JSON.parse(await client.storeInstances({ datasets: [...native, compressed].map(arrayBuffer) }));
  expect(answer['00081199'].Value).toHaveLength(3);
  expect(answer['00081198']).toBeUndefined();
});

afterAll(async () => {
  Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
  await server?.close();
});

describe('dicomweb-client', () => {
  it('finds the study, its series and instances', async () => {
    const studies = await client.searchForStudies({ queryParams: { PatientName: 'client*', StudyDate: '20240101-' } });
    expect(studies.map((match) => match['0020000D']?.Value)).toEqual([[study]]);
    expect(studies[0]?.['00201208']?.Value).toEqual([3]);
    expect(studies[0]?.['00081190']?.Value).toEqual([`${server.web}/studies/${study}`]);
    expect(await client.searchForSeries({ studyInstanceUID: study })).toHaveLength(2);
    const instances = await client.searchForInstances(target);
    expect(instances.map((match) => match['00080018']?.Value?.[0]).sort()).toEqual([`${study}.1.1`, `${study}.1.2`]);
    expect(await client.searchForStudies({ queryParams: { PatientID: 'nobody' } })).toEqual([]);
  });

  it('gets back what it stored, byte for byte', async () => {
    expect(hashes([await client.retrieveInstance(target)])).toEqual(hashes([native[0]!]));
    expect(hashes(await client.retrieveSeries(target))).toEqual(hashes(native));
    expect(hashes(await client.retrieveStudy({ studyInstanceUID: study }))).toEqual(hashes([...native, compressed]));
    expect(hashes([await client.retrieveInstance(compressedTarget)])).toEqual(hashes([compressed]));
  });

  it('reads metadata at each level', async () => {
    expect(await client.retrieveStudyMetadata({ studyInstanceUID: study })).toHaveLength(3);
    expect(await client.retrieveSeriesMetadata(target)).toHaveLength(2);
    const [instance] = await client.retrieveInstanceMetadata(target);
    expect(instance?.['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Client^Dicomweb' }] });
    expect(instance?.['00280010']).toEqual({ vr: 'US', Value: [48] });
  });

  it('gets frames uncompressed, in the order asked', async () => {
    const frames = await client.retrieveInstanceFrames({ ...target, frameNumbers: [3, 1] });
    const expected = [2, 0].map((index) => pixels(1).subarray(index * frameBytes, (index + 1) * frameBytes));
    expect(frames.map(bytesOf)).toEqual(expected);
    expect(frames[0]?.contentType).toBe('application/octet-stream');
    expect(frames[0]?.transferSyntaxUID).toBe(explicit);
  });

  it('gets compressed frames as they are stored', async () => {
    for (const mediaTypes of [
      [{ mediaType: 'image/jpeg', transferSyntaxUID: jpegBaseline }],
      [
        { mediaType: 'image/jls' },
        { mediaType: 'image/jp2' },
        { mediaType: 'application/octet-stream', transferSyntaxUID: '*' },
        { mediaType: 'image/jpeg' },
      ],
    ]) {
      const frames = await client.retrieveInstanceFrames({ ...compressedTarget, frameNumbers: [2, 3], mediaTypes });
      expect(frames.map(bytesOf)).toEqual([fragments[1], fragments[2]]);
      expect(frames[0]?.contentType).toBe('image/jpeg');
      expect(frames[0]?.transferSyntaxUID).toBe(jpegBaseline);
    }
  });

  it('follows a BulkDataURI', async () => {
    const [instance] = await client.retrieveInstanceMetadata(target);
    const uri = instance?.['7FE00010']?.BulkDataURI ?? '';
    const [value] = await client.retrieveBulkData({ BulkDataURI: uri });
    expect(bytesOf(value!).equals(pixels(1))).toBe(true);
  });

  const png = { mediaTypes: [{ mediaType: 'image/png' }] };
  const viewport = { queryParams: { viewport: '32,24' } };

  it.each<[string, () => Promise<ArrayBuffer[]>, string, number, number]>([
    ['retrieveInstanceRendered', () => client.retrieveInstanceRendered(target), 'jpeg', 64, 48],
    ['retrieveInstanceRendered as PNG', () => client.retrieveInstanceRendered({ ...target, ...png }), 'png', 64, 48],
    [
      'retrieveInstanceRendered in a viewport',
      () => client.retrieveInstanceRendered({ ...target, ...png, ...viewport }),
      'png',
      32,
      24,
    ],
    ['retrieveInstanceThumbnail', () => client.retrieveInstanceThumbnail(target), 'jpeg', 128, 96],
    ['retrieveInstanceThumbnail as PNG', () => client.retrieveInstanceThumbnail({ ...target, ...png }), 'png', 128, 96],
    [
      'retrieveInstanceFramesRendered',
      () => client.retrieveInstanceFramesRendered({ ...target, ...png, frameNumbers: [2] }),
      'png',
      64,
      48,
    ],
    [
      'retrieveInstanceFramesRendered in a viewport',
      () => client.retrieveInstanceFramesRendered({ ...target, ...viewport, frameNumbers: [3] }),
      'jpeg',
      32,
      24,
    ],
    [
      'retrieveInstanceFramesThumbnail',
      () => client.retrieveInstanceFramesThumbnail({ ...target, ...png, frameNumbers: [3] }),
      'png',
      128,
      96,
    ],
  ])('gets a picture by %s', async (_call, picture, format, width, height) => {
    const known = await sharp(bytesOf(await picture())).metadata();
    expect([known.format, known.width, known.height]).toEqual([format, width, height]);
  });

  it('builds a WADO-URI that works', async () => {
    const wado = createClient({ url: new URL(server.web).origin, wadoURLPrefix: 'wado' });
    const url = wado.buildInstanceWadoURIUrl(compressedTarget);
    expect(new URL(url).pathname).toBe('/wado');
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toContain('application/dicom');
    expect(hashes([await answer.arrayBuffer()])).toEqual(hashes([compressed]));
  });

  it('searches series and instances of all studies, and of one', async () => {
    const ofPatient = { queryParams: { PatientID: 'DWC1' } };
    expect(await client.searchForSeries(ofPatient)).toHaveLength(2);
    expect(await client.searchForInstances(ofPatient)).toHaveLength(3);
    expect(await client.searchForInstances({ studyInstanceUID: study })).toHaveLength(3);
    const [series] = await client.searchForSeries({ studyInstanceUID: study, queryParams: { SeriesNumber: '2' } });
    expect(series?.['0020000E']?.Value).toEqual([`${study}.2`]);
  });

  it('stores into a study, and what belongs into another is refused', async () => {
    const again = JSON.parse(
      await client.storeInstances({ datasets: [arrayBuffer(native[0]!)], studyInstanceUID: study }),
    );
    expect(again['00081199'].Value).toHaveLength(1);
    await expect(
      client.storeInstances({ datasets: [arrayBuffer(native[0]!)], studyInstanceUID: '1.2.3' }),
    ).rejects.toMatchObject({ status: 409 });
  });

  it('gets a value without packaging where it is told to', async () => {
    const plain = createClient({ url: server.web, singlepart: 'bulkdata' });
    const BulkDataURI = `${server.web}/studies/${study}/series/${study}.1/instances/${study}.1.2/bulkdata/7FE00010`;
    const value = await plain.retrieveBulkData({ BulkDataURI });
    expect(bytesOf(value).equals(pixels(2))).toBe(true);
  });

  it('says how talkative it is', () => {
    client.setDebug(false);
    client.setVerbose(false);
    expect([client.getDebug(), client.getVerbose()]).toEqual([false, false]);
  });

  it('learns why it does not get something', async () => {
    await expect(client.retrieveStudyMetadata({ studyInstanceUID: '1.2.404' })).rejects.toMatchObject({ status: 404 });
    await expect(client.retrieveInstanceFrames({ ...target, frameNumbers: [4] })).rejects.toMatchObject({
      status: 404,
    });
    await expect(client.searchForStudies({ queryParams: { NoKeyword: '1' } })).rejects.toMatchObject({ status: 400 });
  });

  it('was called by every public method that it has', () => {
    expect(methods).toHaveLength(21);
    expect(methods.filter((name) => !called.has(name))).toEqual([]);
  });
});
