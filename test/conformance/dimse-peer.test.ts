import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { textValues } from '../../src/dicom/match-values.ts';
import { calledPeer } from '../../src/dimse/scu/called-peer.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { dataSetOf } from '../support/dimse-server.ts';
import { pixelDataOf, sopInstanceUidOf } from '../support/explicit-values.ts';
import { freePort } from '../support/free-port.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasSharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { hasViewer, launchChromium, openViewer } from '../support/viewer-page.ts';

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(!hasOrthanc || !hasSharedFiles)('Orthanc as a DIMSE peer (needs orthanc and ../shared)', () => {
  let server: TestServer;
  let orthanc: Orthanc;
  const slices = sharedSeries('ct_philips_58').map((path) => readFileSync(path));
  let study: string;
  const peer = async () => calledPeer(await server.house.peers.get('ORTHANC'));
  const find = async (identifier: DicomJson): Promise<DicomJson[]> => {
    const found: DicomJson[] = [];
    for await (const match of server.house.scu.find(await peer(), identifier, silentLog)) found.push(match.identifier);
    return found;
  };
  const imagesOfStudy = (): DicomJson => ({
    '00080052': { vr: 'CS', Value: ['IMAGE'] },
    '00080018': { vr: 'UI' },
    '0020000D': { vr: 'UI', Value: [study] },
    '0020000E': { vr: 'UI' },
  });
  async function storedHashes(): Promise<string[]> {
    const hashes: string[] = [];
    for await (const instance of server.house.retrieve.instances({ studyInstanceUid: study })) {
      const chunks: Buffer[] = [];
      for await (const chunk of server.house.retrieve.file(instance)) chunks.push(chunk as Buffer);
      hashes.push(hash(dataSetOf(Buffer.concat(chunks))));
    }
    return hashes.sort();
  }
  const eraseStudy = () => fetch(`${server.web}/studies/${study}`, { method: 'DELETE' });
  const sent = slices.map((bytes) => hash(dataSetOf(bytes))).sort();

  beforeAll(async () => {
    const dimsePort = await freePort();
    server = await startTestServer({ CAUSEWAY_DIMSE_PORT: String(dimsePort) });
    orthanc = await startOrthanc(
      {},
      {
        aeTitle: 'ORTHANC',
        modalities: { causeway: ['CAUSEWAY', '127.0.0.1', dimsePort] },
        settings: { DicomAlwaysAllowFind: true, DicomAlwaysAllowGet: true },
      },
    );
    const added = await fetch(new URL('/api/peers', server.web), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ aeTitle: 'ORTHANC', host: '127.0.0.1', port: orthanc.dicomPort }),
    });
    expect(added.status, await added.text()).toBe(201);
    for (const bytes of slices) await orthanc.request('POST', '/instances', bytes);
    const [id] = (await (await orthanc.request('GET', '/studies')).json()) as string[];
    const described = (await (await orthanc.request('GET', `/studies/${id}`)).json()) as {
      MainDicomTags: { StudyInstanceUID: string };
    };
    study = described.MainDicomTags.StudyInstanceUID;
  });
  afterAll(async () => {
    await orthanc.stop();
    await server.close();
  });

  it('answers an echo that somebody asks for over the web', async () => {
    const answer = await fetch(new URL('/api/peers/ORTHANC/echo', server.web), { method: 'POST' });
    expect(await answer.json()).toEqual({ reached: true, durationMs: expect.any(Number) });
  });

  it('is queried', async () => {
    const [found] = await find({
      '00080052': { vr: 'CS', Value: ['STUDY'] },
      '00100010': { vr: 'PN' },
      '0020000D': { vr: 'UI' },
      '00201208': { vr: 'IS' },
    });
    expect(textValues(found!['0020000D'])).toEqual([study]);
    expect(textValues(found!['00201208'])).toEqual(['58']);
    expect(await find(imagesOfStudy())).toHaveLength(58);
  });

  it('is left in the middle of an answer, and asked again', async () => {
    const some: DicomJson[] = [];
    for await (const match of server.house.scu.find(await peer(), imagesOfStudy(), silentLog)) {
      some.push(match.identifier);
      if (some.length === 3) break;
    }
    expect(some).toHaveLength(3);
    expect(await find(imagesOfStudy())).toHaveLength(58);
  });

  it('sends a study by C-GET, every data set as it is there', async () => {
    const progress: number[] = [];
    const result = await server.house.scu.get(
      await peer(),
      { studyInstanceUid: study },
      { onProgress: ({ completed }) => progress.push(completed) },
      silentLog,
    );
    expect(result).toMatchObject({ completed: 58, failed: 0, warning: 0, cancelled: false });
    expect(progress.length).toBeGreaterThan(10);
    expect(await storedHashes()).toEqual(sent);
    await eraseStudy();
  });

  it('sends a study by C-MOVE to us', async () => {
    const result = await server.house.scu.move(await peer(), { studyInstanceUid: study }, 'CAUSEWAY', {}, silentLog);
    expect(result).toMatchObject({ failed: 0, cancelled: false });
    expect(await storedHashes()).toEqual(sent);
  });

  it('says why it does not move to somebody whom it does not know', async () => {
    await expect(
      server.house.scu.move(await peer(), { studyInstanceUid: study }, 'NOBODY', {}, silentLog),
    ).rejects.toMatchObject({ message: expect.stringMatching(/C-MOVE with [0-9A-F]{4}/) });
  });

  it('takes what it is sent', async () => {
    const [any] = (await (await orthanc.request('GET', '/studies')).json()) as string[];
    await orthanc.request('DELETE', `/studies/${any}`);
    const outcomes: string[] = [];
    const { scu, retrieve } = server.house;
    const instances = () => retrieve.instances({ studyInstanceUid: study });
    for await (const { outcome } of scu.send(await peer(), instances, {}, silentLog)) outcomes.push(outcome);
    expect(outcomes).toEqual(Array.from({ length: 58 }, () => 'sent'));
    const ids = (await (await orthanc.request('GET', '/instances')).json()) as string[];
    const there: Buffer[] = [];
    for (const id of ids) {
      there.push(Buffer.from(await (await orthanc.request('GET', `/instances/${id}/file`)).arrayBuffer()));
    }
    expect(there.map((bytes) => hash(dataSetOf(bytes))).sort()).toEqual(sent);
  });

  it('asks us, too: by C-ECHO, C-FIND, C-MOVE to itself and C-STORE', async () => {
    const ids = async () => (await (await orthanc.request('GET', '/instances')).json()) as string[];
    const thereBefore = (await ids()).sort();
    await orthanc.request('POST', '/modalities/causeway/echo', {});
    const [any] = (await (await orthanc.request('GET', '/studies')).json()) as string[];
    await orthanc.request('DELETE', `/studies/${any}`);
    const asked = await orthanc.request('POST', '/modalities/causeway/query', {
      Level: 'Study',
      Query: { StudyInstanceUID: study, PatientName: '', NumberOfStudyRelatedInstances: '' },
    });
    const { ID: id } = (await asked.json()) as { ID: string };
    const answer = (await (await orthanc.request('GET', `/queries/${id}/answers/0/content?simplify`)).json()) as object;
    expect(answer).toMatchObject({ StudyInstanceUID: study, NumberOfStudyRelatedInstances: '58' });
    await orthanc.request('POST', `/queries/${id}/answers/0/retrieve`, { TargetAet: 'ORTHANC' });
    // Its identifiers are hashes of the UIDs.
    expect((await ids()).sort()).toEqual(thereBefore);

    await eraseStudy();
    await orthanc.request('POST', '/modalities/causeway/store', await ids());
    expect(await storedHashes()).toEqual(sent);
  });

  const ctImage = '1.2.840.10008.5.1.4.1.1.2';
  const sopInstanceUids = async (): Promise<string[]> => {
    const uids: string[] = [];
    for await (const one of server.house.retrieve.instances({ studyInstanceUid: study })) uids.push(one.sopInstanceUid);
    return uids;
  };

  it('commits to what it was sent, and says what it has never seen', async () => {
    const asked = (await sopInstanceUids()).map((sopInstanceUid) => ({ sopClassUid: ctImage, sopInstanceUid }));
    const unknown = { sopClassUid: ctImage, sopInstanceUid: '1.2.3.4' };
    const report = await server.house.scu.commit(await peer(), [...asked, unknown], { timeoutMs: 20_000 }, silentLog);
    expect(report.committed).toHaveLength(58);
    expect(report.failed).toEqual([{ ...unknown, failureReason: 0x0112 }]);
  });

  it('hears what we commit to, after it released the association', async () => {
    const uids = await sopInstanceUids();
    const started = await orthanc.request('POST', '/modalities/causeway/storage-commitment', {
      DicomInstances: [
        ...uids.slice(0, 5).map((uid) => [ctImage, uid]),
        [ctImage, '1.2.3.4'],
        ['1.2.840.10008.5.1.4.1.1.4', uids[0]],
      ],
    });
    const { ID: id } = (await started.json()) as { ID: string };
    const report = async () =>
      (await (await orthanc.request('GET', `/storage-commitment/${id}`)).json()) as {
        Status: string;
        Success: { SOPInstanceUID: string }[];
        Failures: { SOPInstanceUID: string; FailureReason: number }[];
      };
    await expect.poll(async () => (await report()).Status, { timeout: 25_000, interval: 200 }).toBe('Failure');
    const { Success: committed, Failures: failures } = await report();
    expect(committed.map((one) => one.SOPInstanceUID)).toEqual(uids.slice(0, 5));
    expect(failures).toMatchObject([
      { SOPInstanceUID: '1.2.3.4', FailureReason: 0x0112 },
      { SOPInstanceUID: uids[0], FailureReason: 0x0119 },
    ]);
  }, 60_000);

  describe('is reached by DICOMweb', () => {
    const over = (path: string) => new URL(`/peers/ORTHANC/dicom-web${path}`, server.web);
    const json = async (path: string) => (await (await fetch(over(path))).json()) as DicomJson[];
    const associationsReleased = async (): Promise<number> => {
      const metrics = await (await fetch(new URL('/metrics', server.web))).text();
      return Number(/causeway_associations_total\{end="released"\} (\d+)/.exec(metrics)?.[1] ?? 0);
    };
    async function isRetrievedBy(retrieveBy: 'move' | 'auto'): Promise<void> {
      const put = await fetch(new URL('/api/peers/ORTHANC', server.web), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ host: '127.0.0.1', port: orthanc.dicomPort, retrieveBy }),
      });
      expect(put.status, await put.text()).toBe(200);
    }

    it('and searched on all levels', async () => {
      await eraseStudy();
      const [found] = await json('/studies?includefield=StudyDescription');
      expect(found).toMatchObject({ '0020000D': { Value: [study] }, '00201208': { Value: [58] } });
      expect(textValues(found!['00081190'])).toEqual([over(`/studies/${study}`).href]);
      expect(await json(`/studies?StudyInstanceUID=1.2.3`)).toEqual([]);
      const [series] = await json(`/studies/${study}/series`);
      const instances = await json(`/studies/${study}/instances?limit=1000`);
      expect(instances).toHaveLength(58);
      const uids = (matches: DicomJson[]) => matches.map((one) => textValues(one['00080018'])[0]);
      const page = await json(
        `/studies/${study}/series/${textValues(series!['0020000E'])[0]}/instances?limit=7&offset=5`,
      );
      expect(uids(page)).toEqual(uids(instances).slice(5, 12));
      const count = await fetch(over(`/studies/${study}/instances/count`));
      expect(await count.json()).toEqual({ count: 58 });
    });

    it.skipIf(!hasViewer)(
      'and shown by OHIF, which knows nothing of DIMSE, by C-FIND and C-MOVE (needs npm run viewer, chromium)',
      async () => {
        await eraseStudy();
        await isRetrievedBy('move');
        const before = await associationsReleased();
        const browser = await launchChromium();
        try {
          const path = `/peers/ORTHANC/viewer/viewer?StudyInstanceUIDs=${study}`;
          const { errors, shown, showing } = await openViewer(
            await browser.newContext(),
            new URL(path, server.web).href,
          );
          await showing(0);
          const { images, imageId, values } = await shown();
          expect(images).toBe(58);
          expect(imageId).toContain('/peers/ORTHANC/dicom-web/studies/');
          const file = slices.find((slice) => sopInstanceUidOf(slice) === /instances\/([0-9.]+)\//.exec(imageId)?.[1])!;
          const pixelData = pixelDataOf(file, 'OW');
          const expected = Buffer.alloc(pixelData.length);
          for (let at = 0; at < expected.length; at += 2) expected.writeInt16LE(pixelData.readInt16LE(at) - 1024, at);
          expect(values.equals(expected)).toBe(true);
          expect(errors).toEqual([]);
          // Orthanc has opened associations to us: that is how C-MOVE brings what C-GET would have brought over ours.
          await expect.poll(associationsReleased).toBeGreaterThan(before);
        } finally {
          await isRetrievedBy('auto');
          await browser.close();
        }
      },
      60_000,
    );

    it('and read: what is not here is fetched first, once for all who want it', async () => {
      await eraseStudy();
      const uids = (await json(`/studies/${study}/instances?limit=1000`)).map((one) => textValues(one['00080018'])[0]);
      const [a, b] = await Promise.all([json(`/studies/${study}/metadata`), json(`/studies/${study}/metadata`)]);
      expect(a.map((one) => textValues(one['00080018'])[0]).sort()).toEqual(uids.sort());
      expect(b).toEqual(a);
      expect(await storedHashes()).toEqual(sent);
      const [{ '0020000E': series } = {}] = a;
      const path = `/studies/${study}/series/${textValues(series)[0]}/instances/${uids[0]}`;
      const picture = await fetch(over(`${path}/rendered?accept=image/png`));
      expect(picture.headers.get('content-type')).toBe('image/png');
      await picture.arrayBuffer();
    });

    it('by WADO-URI, too', async () => {
      await eraseStudy();
      const [{ '00080018': instance, '0020000E': series } = {}] = await json(`/studies/${study}/instances?limit=1`);
      const uri = new URL('/peers/ORTHANC/wado', server.web);
      const uids = { studyUID: study, seriesUID: textValues(series)[0]!, objectUID: textValues(instance)[0]! };
      uri.search = String(new URLSearchParams({ requestType: 'WADO', ...uids, contentType: 'application/dicom' }));
      const answer = await fetch(uri);
      expect(answer.headers.get('content-type')).toContain('application/dicom');
      expect(sent).toContain(hash(dataSetOf(Buffer.from(await answer.arrayBuffer()))));
      uri.pathname = '/peers/NOBODY/wado';
      expect((await fetch(uri)).status).toBe(404);
    });

    it('by C-MOVE where that is how it is known', async () => {
      await eraseStudy();
      await isRetrievedBy('move');
      expect(await json(`/studies/${study}/metadata`)).toHaveLength(58);
      expect(await storedHashes()).toEqual(sent);
    });

    it('and stored to', async () => {
      const [any] = (await (await orthanc.request('GET', '/studies')).json()) as string[];
      await orthanc.request('DELETE', `/studies/${any}`);
      const answer = await stow(over('').href, slices.slice(0, 3));
      expect(answer.status, await answer.text()).toBe(200);
      expect((await (await orthanc.request('GET', '/instances')).json()) as string[]).toHaveLength(3);
    });

    it('but not deleted from, nor followed', async () => {
      const deletion = await fetch(over(`/studies/${study}`), { method: 'DELETE' });
      expect(deletion.status).toBe(404);
      expect(await deletion.json()).toMatchObject({ detail: expect.stringContaining('Peers have no such resource') });
      expect((await fetch(over('/changefeed'))).status).toBe(404);
      expect((await fetch(new URL('/peers/NOBODY/dicom-web/studies', server.web))).status).toBe(404);
    });

    it('and tells in words that it cannot be reached', async () => {
      await fetch(new URL('/api/peers', server.web), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ aeTitle: 'GONE', host: '127.0.0.1', port: await freePort() }),
      });
      const answer = await fetch(new URL('/peers/GONE/dicom-web/studies', server.web));
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('cannot be reached') });
    });
  });
});
