import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
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
  searchForSeries(options: { studyInstanceUID: string }): Promise<DicomJson[]>;
  searchForInstances(options: { studyInstanceUID: string; seriesInstanceUID: string }): Promise<DicomJson[]>;
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
  retrieveInstanceRendered(options: InstanceTarget & { mediaTypes?: MediaType[] }): Promise<ArrayBuffer[]>;
  retrieveInstanceFramesRendered(
    options: InstanceTarget & { frameNumbers: number[]; mediaTypes?: MediaType[] },
  ): Promise<ArrayBuffer[] | ArrayBuffer>;
}

interface Frame extends ArrayBuffer {
  readonly transferSyntaxUID?: string;
  readonly contentType?: string;
}

interface MediaType {
  mediaType: string;
  transferSyntaxUID?: string;
}

const { api } = createRequire(import.meta.url)('dicomweb-client') as {
  api: { DICOMwebClient: new (options: { url: string; verbose: boolean }) => DicomwebClient };
};

let server: TestServer;
let client: DicomwebClient;

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

function bytesOf(content: ArrayBuffer): Buffer {
  return Buffer.from(new Uint8Array(content));
}

function hashes(contents: readonly (ArrayBuffer | Uint8Array)[]): string[] {
  return contents.map((content) => createHash('sha256').update(new Uint8Array(content)).digest('hex')).sort();
}

beforeAll(async () => {
  Object.assign(globalThis, { XMLHttpRequest: XmlHttpRequest });
  server = await startTestServer();
  client = new api.DICOMwebClient({ url: server.web, verbose: false });
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

  it('gets pictures', async () => {
    const jpeg = await client.retrieveInstanceRendered(target);
    expect(bytesOf(jpeg[0]!).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    const png = await client.retrieveInstanceFramesRendered({
      ...target,
      frameNumbers: [2],
      mediaTypes: [{ mediaType: 'image/png' }],
    });
    const picture = bytesOf(Array.isArray(png) ? png[0]! : png);
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
  });

  it('learns why it does not get something', async () => {
    await expect(client.retrieveStudyMetadata({ studyInstanceUID: '1.2.404' })).rejects.toMatchObject({ status: 404 });
    await expect(client.retrieveInstanceFrames({ ...target, frameNumbers: [4] })).rejects.toMatchObject({
      status: 404,
    });
    await expect(client.searchForStudies({ queryParams: { NoKeyword: '1' } })).rejects.toMatchObject({ status: 400 });
  });
});
