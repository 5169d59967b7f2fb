import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { freePort } from '../support/free-port.ts';
import { answerJson, type HttpReceiver, startHttpReceiver } from '../support/http-receiver.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { newUid } from '../support/outgoing-instances.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const canRun = hasOrthanc && hasProgram('dcmsend');

/** Site A receives from a modality and forwards to five kinds of places at once. */
describe.skipIf(!canRun)('two sites (needs Orthanc and DCMTK)', () => {
  let directory: string;
  let a: TestServer;
  let b: TestServer;
  let orthanc: Orthanc;
  let cloud: HttpReceiver;
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
        element('00200013', 'IS', String(at + 1)),
        ...pixelElements({ rows: 8, columns: 8, pixelData: Buffer.alloc(128, at) }),
      ),
    }),
  );
  const result = () =>
    buildPart10({ elements: ctElements({ study, series: `${series}1`.slice(0, 64), instance: resultUid }) });

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
    [a, b, orthanc, cloud] = await Promise.all([
      startTestServer({ CAUSEWAY_DIMSE_PORT: String(dimsePort), CAUSEWAY_AE_TITLE: 'SITE_A' }),
      startTestServer({ CAUSEWAY_AE_TITLE: 'SITE_B' }),
      startOrthanc({}, { aeTitle: 'ORTHANC', modalities: { a: ['SITE_A', '127.0.0.1', dimsePort] } }),
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
    await a.house.peers.put({ ...peerDefaults, aeTitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.dicomPort });
    const folder = join(directory, 'folder');
    const back = join(directory, 'back');
    await Promise.all([folder, back].map((path) => mkdir(path)));
    const publisher = (name: string, destination: object, more: object = {}) => ({ name, destination, ...more });
    await a.house.configurations.put(
      {
        api: [
          { name: 'qure', url: cloud.origin, source: 'site-a', token: 'cloud-token', threads: 2, computePer: 'series' },
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
    await Promise.all([a?.close(), b?.close(), orthanc?.stop(), cloud?.close()]);
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
    for (const name of ['site-b', 'orthanc', 'cloud', 'bucket', 'folder']) {
      expect(publishers.find(({ publisher }) => publisher === name)).toMatchObject({
        selected: 6,
        accepted: 6,
        missing: 0,
        complete: true,
      });
    }
  }, 120_000);

  it('is byte for byte what the modality sent where nothing was to be changed', async () => {
    for (const [at, instance] of instances.entries()) {
      const stored = async (server: TestServer) =>
        Buffer.from(
          await (
            await fetch(`${server.web}/studies/${study}/series/${series}/instances/${instance}`, {
              headers: { accept: 'application/dicom; transfer-syntax=*' },
            })
          ).arrayBuffer(),
        );
      const original = await stored(a);
      expect(original.includes(files[at]!.subarray(-128))).toBe(true);
      expect((await stored(b)).equals(original)).toBe(true);
      const copy = await readFile(join(directory, 'folder', study, series, `${instance}.dcm`));
      expect(copy.equals(original)).toBe(true);
      expect(uploaded.some((body) => body.includes(original))).toBe(true);
    }
    const known = (await (await orthanc.request('GET', '/statistics')).json()) as { CountInstances: number };
    expect(known.CountInstances).toBe(6);
  });

  it('has results back under the study that they are about, once, and sends on those that are asked for', async () => {
    const found = (await (
      await fetch(`${a.web}/studies/${study}/instances?includefield=00080060`, {
        headers: { accept: 'application/dicom+json' },
      })
    ).json()) as { '00080016': { Value: string[] }; '00080018': { Value: string[] } }[];
    expect(found).toHaveLength(9);
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
});
