import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, element, encapsulated, inTagOrder, pixelElements } from '../support/dicom-builder.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const study = '1.2.826.0.1.3680043.10.999.20';
const jpegBaseline = '1.2.840.10008.1.2.4.50';

function instance(series: number, number: number, transferSyntaxUid?: string): Buffer {
  const bytes = Buffer.from(Array.from({ length: 2 * 32 * 24 }, (_, at) => (at * 11 + number * 37) & 0xff));
  // What looks like the boundary of a multipart body, and like its end.
  bytes.write('\r\n--boundary--\r\n\r\n', 100, 'latin1');
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(997, number)]);
  return buildPart10({
    ...(transferSyntaxUid === undefined ? {} : { transferSyntaxUid }),
    elements: inTagOrder([
      element('00080005', 'CS', 'ISO_IR 192'),
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
      element('00080018', 'UI', `${study}.${series}.${number}`),
      element('00080020', 'DA', '20240301'),
      element('00080060', 'CS', 'CT'),
      element('00081030', 'LO', 'Schädel nativ'),
      element('00090010', 'LO', 'CAUSEWAY TEST'),
      element('00091001', 'LO', 'private'),
      element('00100010', 'PN', 'Müller^Jörg'),
      element('00100020', 'LO', 'ORTHANC-1'),
      element('0020000D', 'UI', study),
      element('0020000E', 'UI', `${study}.${series}`),
      element('00200011', 'IS', String(series)),
      element('00200013', 'IS', String(number)),
      ...pixelElements({
        rows: 24,
        columns: 32,
        ...(transferSyntaxUid === jpegBaseline
          ? { bitsAllocated: 8, pixelData: encapsulated([jpeg]) }
          : { pixelData: bytes }),
      }),
    ]),
  });
}

/** Real files of unlike kinds, where they are there: in Explicit VR Little Endian, or lossy, so that they go out as they are. */
const realNames = [
  'real/dcmjs-org+dcmjs/test/sample-op.dcm',
  'real/pydicom+pydicom/test_files/test-SR.dcm',
  'synth/video/h264_hp41.dcm',
  'synth/us/cine_jpeg_bot.dcm',
  'synth/wsi/level1.dcm',
  'synth/docs/pdf.dcm',
];
function realFile(name: string) {
  const file = sharedFiles().find((one) => one.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  return { ...file, bytes: readFileSync(file.path) };
}

const files = [instance(1, 1), instance(1, 2), instance(2, 1, jpegBaseline)];

function hashes(contents: readonly Uint8Array[]): string[] {
  return contents.map((content) => createHash('sha256').update(content).digest('hex')).sort();
}

type Answer = Readonly<Record<string, unknown>>;

describe.skipIf(!hasOrthanc)('Orthanc as a DICOMweb client (needs Orthanc with its DICOMweb plugin)', () => {
  let source: TestServer;
  let sink: TestServer;
  let orthanc: Orthanc;

  beforeAll(async () => {
    [source, sink] = await Promise.all([startTestServer(), startTestServer()]);
    orthanc = await startOrthanc({
      source: { Url: source.web },
      sink: { Url: sink.web, HasDelete: '1', ChunkedTransfers: '1' },
      'sink at once': { Url: sink.web, ChunkedTransfers: '0' },
    });
    const real = hasSharedFiles ? realNames.map((name) => realFile(name).bytes) : [];
    const answer = await stow(source.web, [...files, ...real]);
    expect(answer.status).toBe(200);
  });
  afterAll(async () => {
    await orthanc?.stop();
    await Promise.all([source?.close(), sink?.close()]);
  });

  /** A call of the client in the plugin: `get`, `qido`, `retrieve`, `stow` or `delete`. */
  const call = (server: string, name: string, body: Answer) =>
    orthanc.request('POST', `/dicom-web/servers/${encodeURIComponent(server)}/${name}`, body);

  async function qido(uri: string, query: Answer = {}): Promise<Record<string, { readonly Value?: unknown }>[]> {
    return JSON.parse(await (await call('source', 'qido', { Uri: uri, Arguments: query })).text());
  }

  const idsOf = async (query: Answer): Promise<string[]> =>
    JSON.parse(await (await orthanc.request('POST', '/tools/find', { Level: 'Instance', Query: query })).text());

  /** Files that Orthanc holds, as it got them. */
  async function heldBy(query: Answer): Promise<Buffer[]> {
    const ids = await idsOf(query);
    return Promise.all(
      ids.map(async (id) => Buffer.from(await (await orthanc.request('GET', `/instances/${id}/file`)).arrayBuffer())),
    );
  }

  async function forget(): Promise<void> {
    for (const id of JSON.parse(await (await orthanc.request('GET', '/studies')).text()))
      await orthanc.request('DELETE', `/studies/${id}`);
  }

  async function upload(contents: readonly Buffer[]): Promise<string[]> {
    const ids: string[] = [];
    for (const content of contents) {
      const answer: Answer = JSON.parse(await (await orthanc.request('POST', '/instances', content)).text());
      ids.push(String(answer['ID']));
    }
    return ids;
  }

  /** Everything that a Causeway holds of a study, as it is stored. */
  async function storedIn(web: string, studyInstanceUid: string): Promise<Buffer[]> {
    const answer = await fetch(`${web}/studies/${studyInstanceUid}`, {
      headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    if (answer.status !== 200) return [];
    const body = Buffer.from(await answer.arrayBuffer());
    return splitMultipart(body, answer.headers.get('content-type') ?? '').map((part) => part.body);
  }

  it('queries studies, series and instances', async () => {
    const [found, ...others] = await qido('/studies', { PatientName: 'muller^jo*', StudyDate: '20240101-20240331' });
    expect(others).toEqual([]);
    expect(found!['0020000D']?.Value).toBe(study);
    expect(found!['00100010']?.Value).toBe('Müller^Jörg');
    expect(found!['00081190']?.Value).toBe(`${source.web}/studies/${study}`);
    const described = await qido('/studies', { PatientID: 'ORTHANC-1', includefield: 'StudyDescription' });
    expect(described.map((one) => one['00081030']?.Value)).toEqual(['Schädel nativ']);
    const series = await qido(`/studies/${study}/series`);
    expect(series.map((one) => one['0020000E']?.Value).sort()).toEqual([`${study}.1`, `${study}.2`]);
    const instances = await qido(`/studies/${study}/series/${study}.1/instances`, { InstanceNumber: '2' });
    expect(instances.map((one) => one['00080018']?.Value)).toEqual([`${study}.1.2`]);
    expect(await qido('/studies', { PatientID: 'nobody' })).toEqual([]);
  });

  it('learns why a query is refused', async () => {
    await expect(qido('/studies', { NoSuchKeyword: '1' })).rejects.toThrow(/Orthanc POST .*\/qido: /);
  });

  it.each([
    ['a study', { Study: study }, files],
    ['a series', { Study: study, Series: `${study}.1` }, files.slice(0, 2)],
    ['an instance', { Study: study, Series: `${study}.1`, Instance: `${study}.1.2` }, [files[1]!]],
    ['a compressed series', { Study: study, Series: `${study}.2` }, [files[2]!]],
  ])('retrieves %s byte for byte', async (_what, resource, expected) => {
    await forget();
    const answer = await call('source', 'retrieve', { Resources: [resource], Synchronous: true });
    const { ReceivedInstancesCount } = JSON.parse(await answer.text());
    expect(Number(ReceivedInstancesCount)).toBe(expected.length);
    expect(hashes(await heldBy({ StudyInstanceUID: study }))).toEqual(hashes(expected));
  });

  it('retrieves nothing of a study that is not there', async () => {
    await expect(call('source', 'retrieve', { Resources: [{ Study: '1.2.404' }], Synchronous: true })).rejects.toThrow(
      /\/retrieve: /,
    );
  });

  it.skipIf(!hasSharedFiles).each(realNames)('retrieves %s byte for byte, and sends it on', async (name) => {
    const file = realFile(name);
    await forget();
    const resource = { Study: file.studyInstanceUid, Series: file.seriesInstanceUid, Instance: file.sopInstanceUid };
    await call('source', 'retrieve', { Resources: [resource], Synchronous: true });
    expect(hashes(await heldBy({ SOPInstanceUID: file.sopInstanceUid }))).toEqual(hashes([file.bytes]));
    const ids = await idsOf({ SOPInstanceUID: file.sopInstanceUid });
    await call('sink', 'stow', { Resources: ids, Synchronous: true });
    expect(hashes(await storedIn(sink.web, file.studyInstanceUid))).toContain(hashes([file.bytes])[0]);
  });

  it.each(['sink', 'sink at once'])(
    'stows a study to %s, once and again, and it is kept byte for byte',
    async (server) => {
      await forget();
      const ids = await upload(files);
      for (let time = 0; time < 2; time++) {
        const answer = await call(server, 'stow', { Resources: ids, Synchronous: true });
        expect(answer.status).toBe(200);
        expect(hashes(await storedIn(sink.web, study))).toEqual(hashes(files));
      }
    },
  );

  it('gets metadata and pictures', async () => {
    const series = `/studies/${study}/series/${study}.1`;
    const metadata = await call('source', 'get', {
      Uri: `${series}/metadata`,
      HttpHeaders: { Accept: 'application/dicom+json' },
    });
    const instances: Record<string, { Value?: unknown[] }>[] = JSON.parse(await metadata.text());
    expect(instances.map((one) => one['00080018']?.Value?.[0])).toEqual([`${study}.1.1`, `${study}.1.2`]);
    expect(instances[0]!['00091001']?.Value).toEqual(['private']);
    const png = await call('source', 'get', {
      Uri: `${series}/instances/${study}.1.1/rendered`,
      HttpHeaders: { Accept: 'image/png' },
    });
    expect(Buffer.from(await png.arrayBuffer()).subarray(0, 8)).toEqual(
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    );
  });

  it('deletes a study', async () => {
    await stow(sink.web, files);
    await call('sink', 'delete', { Level: 'Study', StudyInstanceUID: study });
    expect((await fetch(`${sink.web}/studies/${study}/metadata`)).status).toBe(410);
  });
});
