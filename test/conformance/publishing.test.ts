import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import { movedDates } from '../../src/publisher/vault-pseudonyms.ts';
import { scanned } from '../support/deidentify-file.ts';
import { buildPart10, ctElements, element, inTagOrder, pixelElements, sequence } from '../support/dicom-builder.ts';
import { dataSetOf } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { type Answering, answerJson, type HttpReceiver, startHttpReceiver } from '../support/http-receiver.ts';
import { isIn, secretsOf } from '../support/leaks.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { newUid } from '../support/outgoing-instances.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const canRun = hasOrthanc && hasProgram('dcmsend');

/** What s3rver keeps below its folder. */
async function objectsIn(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder, { recursive: true });
  return Promise.all(names.filter((name) => name.endsWith('_object')).map((name) => readFile(join(folder, name))));
}

/** Site A receives from a modality and forwards to five kinds of places at once, to one of them without names as well. */
describe.skipIf(!canRun)('two sites (needs Orthanc and DCMTK)', () => {
  let directory: string;
  let a: TestServer;
  let b: TestServer;
  let orthanc: Orthanc;
  let cloud: HttpReceiver;
  let blind: HttpReceiver;
  let s3: Server;
  const uploaded: Buffer[] = [];
  const study = newUid();
  const series = newUid();
  const instances = Array.from({ length: 6 }, newUid);
  const resultUid = newUid();
  const files = instances.map((instance, at) =>
    buildPart10({
      elements: ctElements(
        { study, series, instance },
        element('00080020', 'DA', '20240215'),
        element('00080021', 'DA', '20240216'),
        element('00080050', 'SH', 'ACC-7731'),
        element('00080080', 'LO', 'St. Nowhere'),
        element('00080090', 'PN', 'Roe^Jane'),
        sequence('00081140', [
          [
            element('00081150', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
            element('00081155', 'UI', instances[(at + 1) % instances.length]!),
          ],
        ]),
        element('00100021', 'LO', 'St. Nowhere'),
        element('00100030', 'DA', '19610307'),
        element('00101000', 'LO', 'MRN-558812'),
        element('00200013', 'IS', String(at + 1)),
        ...pixelElements({ rows: 8, columns: 8, pixelData: Buffer.alloc(128, at) }),
      ),
    }),
  );
  const result = () =>
    buildPart10({ elements: ctElements({ study, series: `${series}1`.slice(0, 64), instance: resultUid }) });

  /** What the cloud that knows nobody finds, by the name of the kind in its answer; pictures have pixels. */
  const blindFindings = [
    { kind: 'sc', sopClassUid: '1.2.840.10008.5.1.4.1.1.7', modality: 'OT', isPicture: true },
    { kind: 'sr', sopClassUid: '1.2.840.10008.5.1.4.1.1.88.22', modality: 'SR', isPicture: false },
    { kind: 'seg', sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4', modality: 'SEG', isPicture: true },
    { kind: 'gsps', sopClassUid: '1.2.840.10008.5.1.4.1.1.11.1', modality: 'PR', isPicture: false },
  ].map((finding) => ({ ...finding, series: newUid(), instance: newUid() }));
  const receivedBlind: DicomJson[] = [];
  const textOf = (attributes: DicomJson, tag: string) => String(attributes[tag]?.Value?.[0] ?? '');

  /** A finding about what came, by the names under which it came: all that this cloud knows. */
  const findingOf = (attributes: DicomJson, finding: (typeof blindFindings)[number]) => {
    const of = (tag: string) => textOf(attributes, tag);
    const patient = attributes['00100010']?.Value?.[0] as { Alphabetic: string };
    const images = sequence(finding.kind === 'sr' ? '00081199' : '0008114A', [
      [element('00081150', 'UI', of('00080016')), element('00081155', 'UI', of('00080018'))],
    ]);
    const ofSeries = [images, element('0020000E', 'UI', of('0020000E'))];
    const evidence = [sequence('00081115', [ofSeries]), element('0020000D', 'UI', of('0020000D'))];
    return buildPart10({
      elements: inTagOrder([
        element('00080016', 'UI', finding.sopClassUid),
        element('00080018', 'UI', finding.instance),
        element('00080020', 'DA', of('00080020')),
        element('00080060', 'CS', finding.modality),
        finding.kind === 'sr' ? sequence('0040A375', [evidence]) : sequence('00081115', [ofSeries]),
        element('00100010', 'PN', patient.Alphabetic),
        element('00100020', 'LO', of('00100020')),
        element('0020000D', 'UI', of('0020000D')),
        element('0020000E', 'UI', finding.series),
        ...(finding.isPicture ? pixelElements({ rows: 8, columns: 8, bitsAllocated: 8 }) : []),
      ]),
    });
  };
  const answerBlind: Answering = async ({ path, body, headers }, response) => {
    const [first] = receivedBlind;
    if (path === '/studies/') {
      const form = await new Response(Uint8Array.from(body), {
        headers: { 'content-type': headers['content-type']! },
      }).formData();
      const files = [...form.values()].filter((value): value is File => typeof value !== 'string');
      for (const file of files)
        receivedBlind.push((await scanned(new Uint8Array(await file.arrayBuffer()))).attributes);
      const uids = [...new Set(receivedBlind.map((one) => textOf(one, '0020000E')))];
      answerJson(response, 200, { message: 'Success', series_instance_uids: uids });
    } else if (path.startsWith('/files/')) {
      response.end(findingOf(first!, blindFindings.find(({ kind }) => path === `/files/${kind}.dcm`)!));
    } else {
      const files = Object.fromEntries(blindFindings.map(({ kind }) => [kind, [`${blind.origin}/files/${kind}.dcm`]]));
      answerJson(response, 200, { success: true, message: 'Results retrieved!', result: { files } });
    }
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'causeway-sites-'));
    const dimsePort = await freePort();
    const s3rver = new S3rver({
      directory: join(directory, 's3'),
      silent: true,
      configureBuckets: [{ name: 'images', configs: [] }],
    });
    await s3rver.configureBuckets();
    s3 = createServer(s3rver.callback()).listen(0, '127.0.0.1');
    [a, b, orthanc, blind, cloud] = await Promise.all([
      startTestServer({ CAUSEWAY_DIMSE_PORT: String(dimsePort), CAUSEWAY_AE_TITLE: 'SITE_A' }),
      startTestServer({ CAUSEWAY_AE_TITLE: 'SITE_B' }),
      startOrthanc({}, { aeTitle: 'ORTHANC', modalities: { a: ['SITE_A', '127.0.0.1', dimsePort] } }),
      startHttpReceiver(answerBlind),
      startHttpReceiver(({ path, body, headers }, response) => {
        if (headers['authorization'] !== 'Token cloud-token' || headers['source'] !== 'site-a') {
          answerJson(response, 401, { success: false, message: 'Access denied!' });
        } else if (path === '/studies/') {
          uploaded.push(body);
          answerJson(response, 200, { message: 'Success', series_instance_uids: [series] });
        } else if (path === '/files/sc.dcm') response.end(result());
        else if (path === '/files/report.pdf') response.end('%PDF-1.4 nothing found');
        else if (path === '/files/report.json') response.end(JSON.stringify({ finding: 'nothing', series }));
        else {
          const link = (name: string) => [`${cloud.origin}/files/${name}`];
          const links = { sc: link('sc.dcm'), pdf: link('report.pdf'), json: link('report.json') };
          answerJson(response, 200, { success: true, message: 'Results retrieved!', result: { files: links } });
        }
      }),
    ]);
    await a.house.peers.put({ ...peerDefaults, aeTitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.dicomPort }, 'ops');
    const folder = join(directory, 'folder');
    const back = join(directory, 'back');
    await Promise.all([folder, back].map((path) => mkdir(path)));
    const publisher = (name: string, destination: object, more: object = {}) => ({ name, destination, ...more });
    await a.house.configurations.put(
      {
        api: [
          { name: 'qure', url: cloud.origin, source: 'site-a', token: 'cloud-token', threads: 2, computePer: 'series' },
          { name: 'blind', url: blind.origin, source: 'site-a' },
        ],
        upload: { quietSeconds: 1, batchSize: 4 },
        publishers: [
          publisher('site-b', { kind: 'stow', url: b.web, auth: { kind: 'none' } }),
          publisher('orthanc', { kind: 'dimse', peer: 'ORTHANC', commitment: true }),
          publisher(
            'cloud',
            { kind: 'api', endpoint: 'qure' },
            {
              results: { pollSeconds: 1, waitSeconds: 60, publishBackTo: ['back'] },
            },
          ),
          publisher(
            'blind',
            { kind: 'api', endpoint: 'blind' },
            {
              upload: { deidentify: { profile: 'basic' } },
              results: { pollSeconds: 1, waitSeconds: 60 },
            },
          ),
          publisher('bucket', {
            kind: 'bucket',
            url: 's3://images/a',
            endpoint: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`,
            accessKeyId: 'S3RVER',
            secretAccessKey: 'S3RVER',
          }),
          publisher('folder', { kind: 'folder', path: folder }),
          publisher('back', { kind: 'folder', path: back }, { expression: "Modality == 'DOC'" }),
        ],
      },
      { by: 'test', comment: '' },
    );
    const paths = files.map((_file, at) => join(directory, `${at}.dcm`));
    await Promise.all(paths.map((path, at) => writeFile(path, files[at]!)));
    const sent = await runProgram('dcmsend', ['-aec', 'SITE_A', '127.0.0.1', String(a.dimsePort), ...paths]);
    expect(sent.code, sent.output).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([a?.close(), b?.close(), orthanc?.stop(), cloud?.close(), blind?.close()]);
    s3?.closeAllConnections();
    s3?.close();
    await rm(directory, { recursive: true, force: true });
  });

  interface Ledger {
    readonly publishers: readonly { readonly publisher: string; readonly complete: boolean }[];
  }
  const json = async (path: string) => (await fetch(`${a.local}${path}`)).json();
  const graphsUntilEnded = async () => {
    for (;;) {
      const { items } = (await json('/api/graphs?limit=100')) as {
        items: { publisher: string; status: string; failure?: string }[];
      };
      const ended = items.filter(({ status }) => status !== 'INITIAL');
      if (ended.length === items.length && items.filter(({ publisher }) => publisher === 'back').length >= 2)
        return items;
      if (ended.some(({ status }) => status === 'FAILED')) return items;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };

  it('has everything everywhere, and the ledger says so', async () => {
    const graphs = await graphsUntilEnded();
    expect(graphs.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
    const { publishers } = (await json(`/api/deliveries?study=${study}`)) as Ledger;
    for (const name of ['site-b', 'orthanc', 'cloud', 'blind', 'bucket', 'folder']) {
      expect(publishers.find(({ publisher }) => publisher === name)).toMatchObject({
        selected: 6,
        accepted: 6,
        missing: 0,
        complete: true,
      });
    }
  }, 120_000);

  const stored = async (server: TestServer, instance: string): Promise<Buffer> => {
    const url = `${server.web}/studies/${study}/series/${series}/instances/${instance}`;
    const answer = await fetch(url, { headers: { accept: 'application/dicom; transfer-syntax=*' } });
    return Buffer.from(await answer.arrayBuffer());
  };
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  it('is byte for byte what the modality sent where nothing was to be changed', async () => {
    const inBucket = await objectsIn(join(directory, 's3'));
    const inOrthanc: Buffer[] = [];
    for (const id of (await (await orthanc.request('GET', '/instances')).json()) as string[]) {
      inOrthanc.push(Buffer.from(await (await orthanc.request('GET', `/instances/${id}/file`)).arrayBuffer()));
    }
    expect([inBucket.length, inOrthanc.length]).toEqual([6, 6]);
    for (const [at, instance] of instances.entries()) {
      const original = await stored(a, instance);
      expect(dataSetOf(original).equals(dataSetOf(files[at]!))).toBe(true);
      expect((await stored(b, instance)).equals(original)).toBe(true);
      const copy = await readFile(join(directory, 'folder', study, series, `${instance}.dcm`));
      expect(copy.equals(original)).toBe(true);
      expect(uploaded.some((body) => body.includes(original))).toBe(true);
      expect(inBucket.some((object) => object.equals(original))).toBe(true);
      // Files of Orthanc have a File Meta Information of its own.
      expect(inOrthanc.some((file) => dataSetOf(file).equals(dataSetOf(original)))).toBe(true);
    }
  });

  it('has rows in its ledger that say what each receiver has', async () => {
    const hashes = new Map<string, string>();
    for (const instance of instances) hashes.set(instance, sha256(await stored(a, instance)));
    for (const name of ['site-b', 'orthanc', 'cloud', 'bucket', 'folder']) {
      const { items } = (await json(`/api/deliveries?study=${study}&publisher=${name}&limit=100`)) as {
        items: { sopInstanceUid: string; status: string; confirmedAt?: string; sent: { sha256: string } }[];
      };
      const rows = items.filter(({ sopInstanceUid }) => hashes.has(sopInstanceUid));
      expect([name, rows.map(({ sopInstanceUid }) => sopInstanceUid).sort()]).toEqual([name, [...instances].sort()]);
      for (const { sopInstanceUid, status, confirmedAt, sent } of rows) {
        expect([name, status, sent.sha256]).toEqual([name, 'accepted', hashes.get(sopInstanceUid)]);
        // An API that computes by series has no way to ask it for one instance.
        if (name !== 'cloud') expect([name, confirmedAt]).toEqual([name, expect.any(String)]);
      }
    }
  });

  it('has results back under the study that they are about, once, and sends on those that are asked for', async () => {
    const found = (await (
      await fetch(`${a.web}/studies/${study}/instances?includefield=00080060`, {
        headers: { accept: 'application/dicom+json' },
      })
    ).json()) as { '00080016': { Value: string[] }; '00080018': { Value: string[] } }[];
    expect(found).toHaveLength(13);
    const classes = found.map((one) => one['00080016'].Value[0]);
    expect(classes.filter((uid) => uid === '1.2.840.10008.5.1.4.1.1.104.1')).toHaveLength(1);
    expect(classes.filter((uid) => uid === '1.2.840.10008.5.1.4.1.1.88.11')).toHaveLength(1);
    const names = await readdir(join(directory, 'back', study), { recursive: true });
    const sentOn = names.filter((name) => name.endsWith('.dcm'));
    expect(sentOn).toHaveLength(1);
    const document = await readFile(join(directory, 'back', study, sentOn[0]!));
    expect(document.includes('%PDF-1.4 nothing found')).toBe(true);
    expect(document.includes('Doe^John')).toBe(true);
  });

  it('sends nothing by which anybody is known to who is to know nobody', async () => {
    const originals = await Promise.all(files.map((file) => scanned(file)));
    const secrets = new Set(originals.flatMap((original) => [...secretsOf(original, movedDates)]));
    const identifying = ['Doe^John', 'Roe^Jane', 'MRN-558812', 'ACC-7731', 'St. Nowhere', '19610307', '20240215'];
    for (const value of [...identifying, '20240216', study, series, ...instances]) expect(secrets).toContain(value);
    const asked = blind.requests.map(({ path, headers, body }) =>
      Buffer.concat([Buffer.from(`${path}\n${JSON.stringify(headers)}\n`), body]).toString('latin1'),
    );
    // Two batches, and at least one question after results.
    expect(asked.length).toBeGreaterThanOrEqual(3);
    expect([...secrets].filter((secret) => asked.some((text) => isIn(text, secret)))).toEqual([]);
    expect(receivedBlind.map((one) => textOf(one, '00200013')).sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    for (const one of receivedBlind) {
      const { Alphabetic: name } = one['00100010']!.Value![0] as { Alphabetic: string };
      expect([name, textOf(one, '00100020')]).toEqual([`Pseudonym^${textOf(one, '00100020')}`, expect.any(String)]);
      expect(textOf(one, '00100020')).not.toBe('ID1');
      // References hold among pseudonyms.
      const [referenced] = one['00081140']!.Value as DicomJson[];
      expect(receivedBlind.map((other) => textOf(other, '00080018'))).toContain(textOf(referenced!, '00081155'));
    }
    expect(new Set(receivedBlind.map((one) => textOf(one, '0020000E'))).size).toBe(1);
  });

  it.each(blindFindings)(
    'has the $kind that came back about a pseudonym under the patient, study and series that it is about',
    async (finding) => {
      const url = `${a.web}/studies/${study}/series/${finding.series}/instances/${finding.instance}/metadata`;
      const answer = await fetch(url, { headers: { accept: 'application/dicom+json' } });
      const [attributes] = (await answer.json()) as [DicomJson];
      expect(textOf(attributes, '00080016')).toBe(finding.sopClassUid);
      expect(attributes['00100010']?.Value).toEqual([{ Alphabetic: 'Doe^John' }]);
      const values = ['00080020', '00100020', '00100030', '0020000D'].map((tag) => textOf(attributes, tag));
      expect(values).toEqual(['20240215', 'ID1', '19610307', study]);
      const [evidence = attributes] = (attributes['0040A375']?.Value ?? []) as DicomJson[];
      if (finding.kind === 'sr') expect(textOf(evidence, '0020000D')).toBe(study);
      const [about] = evidence['00081115']!.Value as DicomJson[];
      expect(textOf(about!, '0020000E')).toBe(series);
      const [image] = (about!['0008114A'] ?? about!['00081199'])!.Value as DicomJson[];
      expect(instances).toContain(textOf(image!, '00081155'));
    },
  );
});
