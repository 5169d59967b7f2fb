import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createForgetFetched } from '../../src/bridge/forget-fetched.ts';
import { createCommitment } from '../../src/commitment/create-commitment.ts';
import { calledPeer } from '../../src/dimse/scu/called-peer.ts';
import { createCommitmentStore } from '../../src/index/commitment-store.ts';
import { createFetchedStudies } from '../../src/index/fetched-studies.ts';
import { createSearchIndex } from '../../src/index/search-index.ts';
import type { InstanceSource } from '../../src/ingest/ingest.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createSearch } from '../../src/search/create-search.ts';
import { buildPart10, ctElements, element, inTagOrder, pixelElements, sequence } from '../support/dicom-builder.ts';
import { freePort } from '../support/free-port.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { presentationState } from '../support/presentation-states.ts';
import { createTestServices, send, type TestServices, testSource } from '../support/services.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const sopClassUid = '1.2.840.10008.5.1.4.1.1.2';
const uidsOf = (study: number, instance = 1) => ({
  studyInstanceUid: `2.25.77000${study}`,
  seriesInstanceUid: `2.25.77000${study}.1`,
  sopInstanceUid: `2.25.77000${study}.1.${instance}`,
});
function file(study: number, instance = 1, description = 'fetched'): Buffer {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = uidsOf(study, instance);
  const uids = { study: studyInstanceUid, series: seriesInstanceUid, instance: sopInstanceUid };
  return buildPart10({ elements: ctElements(uids, element('00081030', 'LO', description)) });
}
const fetched: InstanceSource = { door: 'dimse', id: 'test', callingAeTitle: 'ARCHIVE', isFetched: true };

describe('what is fetched from a peer and is not to be kept', () => {
  let services: TestServices;
  let study = 100;
  const erased = (number = study, unaskedForMs = 0) =>
    services.erase.eraseFetched(uidsOf(number).studyInstanceUid, unaskedForMs);
  const isThere = async (number = study, instance = 1) =>
    (await services.index.instance(uidsOf(number, instance))) !== undefined;
  const asked = (number = study) => createFetchedStudies(services.database.pool).asked(uidsOf(number).studyInstanceUid);

  /** As if publishers had read on. */
  async function readByPublishers(): Promise<void> {
    // Changes are numbered once no transaction runs that could come before them, be it of another test.
    await expect
      .poll(
        async () => {
          await services.index.lastSequence();
          return (await services.database.pool.query('select from changes where sequence is null')).rowCount;
        },
        { timeout: 20_000 },
      )
      .toBe(0);
    await services.database.pool.query('update publishing_cursor set sequence = last.sequence from last_change last');
  }

  beforeAll(async () => {
    services = await createTestServices();
    // As where there are publishers, which read what happens.
    await services.database.pool.query('update publishing_cursor set is_idle = false');
  });
  afterAll(() => services.close());
  beforeEach(async () => {
    study += 1;
    await asked();
    await send(services.ingest, file(study), fetched);
    await readByPublishers();
  });

  it('goes with its file when it was not asked for so long, and can be fetched again', async () => {
    const before = (await services.blobKeys()).length;
    expect(await erased(study, 60_000)).toBe(0);
    expect(await isThere()).toBe(true);
    expect(await erased()).toBe(1);
    expect(await isThere()).toBe(false);
    expect(await services.blobKeys()).toHaveLength(before - 1);
    expect(await send(services.ingest, file(study), fetched)).toMatchObject({ status: 'stored' });
  });

  it('stays where nobody has written down that it was asked for', async () => {
    await erased();
    await send(services.ingest, file(study), fetched);
    await readByPublishers();
    expect(await erased()).toBe(0);
    expect(await isThere()).toBe(true);
  });

  it.each([
    ['is sent by somebody else as well', 'fetched', 'duplicate'],
    ['is there in another version when somebody sends theirs, which is to be passed over', 'another', 'kept'],
    ['is there in another version that somebody replaces', 'another', 'replaced'],
  ])('stays if it %s', async (_, description, status) => {
    const policy = status === 'replaced' ? 'replace' : 'keep';
    const ingest = services.ingestWith({ onDifferentContent: policy });
    expect(await send(ingest, file(study, 1, description), testSource)).toMatchObject({ status });
    await readByPublishers();
    expect(await erased()).toBe(0);
    expect(await isThere()).toBe(true);
  });

  it('takes nothing with it that came by another door, and makes nothing its own', async () => {
    await send(services.ingest, file(study, 2), testSource);
    expect(await send(services.ingest, file(study, 2), fetched)).toMatchObject({ status: 'duplicate' });
    const replacing = services.ingestWith({ onDifferentContent: 'replace' });
    expect(await send(replacing, file(study, 2, 'newer'), fetched)).toMatchObject({ status: 'replaced' });
    await readByPublishers();
    expect(await erased()).toBe(1);
    expect([await isThere(study, 1), await isThere(study, 2)]).toEqual([false, true]);
  });

  it('does not take the place of other content, whatever may elsewhere', async () => {
    const replacing = services.ingestWith({ onDifferentContent: 'replace' });
    const source = { ...fetched, neverReplaces: true };
    expect(await send(replacing, file(study, 1, 'converted'), source)).toMatchObject({ status: 'kept' });
    await send(replacing, file(study, 2, 'original'), testSource);
    expect(await send(replacing, file(study, 2, 'converted'), source)).toMatchObject({ status: 'kept' });
  });

  it('stays once somebody was promised by storage commitment that it does', async () => {
    const search = createSearch({ index: createSearchIndex({ pool: services.database.pool }) });
    const commitment = createCommitment({
      search,
      index: services.index,
      sizeOf: services.blobs.size,
      store: createCommitmentStore(services.database.pool),
      log: silentLog,
    });
    const asked = [1, 2].map((instance) => ({ sopClassUid, sopInstanceUid: uidsOf(study, instance).sopInstanceUid }));
    const request = commitment.begin('CT1');
    await request.take(asked);
    expect(await request.finish('2.25.1', 60_000)).toMatchObject({ committed: 1, failed: 1 });
    expect(await erased()).toBe(0);
    expect(await isThere()).toBe(true);
  });

  it('stays while a publisher has not read of it or has something to do with it', async () => {
    const { pool } = services.database;
    const { studyInstanceUid, seriesInstanceUid } = uidsOf(study);
    await pool.query('update publishing_cursor set sequence = sequence - 1');
    expect(await erased()).toBe(0);
    await readByPublishers();
    await pool.query(
      `insert into arrivals select 'p', study_id, series_id, $1, $2, 1, 1, now() from instances join series using (study_id, series_id)
       where series_instance_uid = $2`,
      [studyInstanceUid, seriesInstanceUid],
    );
    expect(await erased()).toBe(0);
    expect(await isThere()).toBe(true);
    await pool.query('delete from arrivals');
    expect(await erased()).toBe(1);
  });

  it('is not lost to somebody who finds it there and stores it, and then it is erased', async () => {
    let wasErased = 0;
    const index = {
      ...services.index,
      claim: async (targets: Parameters<typeof services.index.claim>[0]) => {
        wasErased += await erased();
        return services.index.claim(targets);
      },
    };
    expect(await send(services.ingestWith({ index }), file(study), testSource)).toMatchObject({ status: 'stored' });
    expect(wasErased).toBe(1);
    const stored = await services.index.instance(uidsOf(study));
    expect((await buffer(services.blobs.read(stored!.blobKey))).length).toBe(stored!.size);
    await asked();
    await readByPublishers();
    expect(await erased()).toBe(0);
  });

  it('waits for nobody to read of it where there are no publishers', async () => {
    const { pool } = services.database;
    await pool.query('update publishing_cursor set sequence = sequence - 1, is_idle = true');
    expect(await erased()).toBe(1);
    await pool.query('update publishing_cursor set is_idle = false');
  });

  it('is never lost to somebody who stores it while it is erased', async () => {
    for (let round = 0; round < 15; round++) {
      study += 1;
      await asked();
      await send(services.ingest, file(study), fetched);
      await readByPublishers();
      const [outcome] = await Promise.all([send(services.ingest, file(study), testSource), erased()]);
      expect(['stored', 'duplicate']).toContain(outcome.status);
      const stored = await services.index.instance(uidsOf(study));
      expect((await buffer(services.blobs.read(stored!.blobKey))).length).toBe(stored!.size);
    }
  });

  it('is looked for again and again', async () => {
    const loop = createForgetFetched({
      studies: createFetchedStudies(services.database.pool),
      erase: services.erase,
      keepMs: 0,
      pollMs: 20,
      log: silentLog,
    });
    loop.start();
    await expect.poll(() => isThere()).toBe(false);
    await loop.close();
  });
});

describe('a house that does not keep what it fetches', () => {
  let archive: TestServer;
  let house: TestServer;
  const studies = [1, 2, 3];
  const peer = (retrieveBy: string) =>
    fetch(new URL('/api/peers/ARCHIVE', house.web), {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ host: '127.0.0.1', port: archive.dimsePort, retrieveBy }),
    });
  const bridged = async (study: number) => {
    const path = `/peers/ARCHIVE/dicom-web/studies/${uidsOf(study).studyInstanceUid}/metadata`;
    return (await (await fetch(new URL(path, house.web))).json()) as unknown[];
  };
  const erased = (study: number) => house.house.erase.eraseFetched(uidsOf(study).studyInstanceUid, 0);

  beforeAll(async () => {
    const dimsePort = await freePort();
    [archive, house] = await Promise.all([
      startTestServer({ CAUSEWAY_AE_TITLE: 'ARCHIVE', CAUSEWAY_PEERS: `CAUSEWAY@127.0.0.1:${dimsePort}` }),
      startTestServer({ CAUSEWAY_KEEP_FETCHED: '60', CAUSEWAY_DIMSE_PORT: String(dimsePort) }),
    ]);
    const files = [...studies.flatMap((study) => [file(study, 1), file(study, 2)]), file(3, 3)];
    expect((await stow(archive.web, files)).status).toBe(200);
  });
  afterAll(async () => {
    await house.close();
    await archive.close();
  });

  it.each([
    [1, 'get'],
    [2, 'move'],
  ])('erases study %i, which came by C-%s, and fetches it again', async (study, retrieveBy) => {
    expect((await peer(retrieveBy)).ok).toBe(true);
    expect(await bridged(study)).toHaveLength(2);
    // Not before publishers have read of it.
    await expect.poll(() => erased(study)).toBe(2);
    const whole = await fetch(
      new URL(
        `/peers/ARCHIVE/dicom-web/studies/${uidsOf(study).studyInstanceUid}/series/${uidsOf(study).seriesInstanceUid}`,
        house.web,
      ),
      { headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' } },
    );
    const parts = splitMultipart(Buffer.from(await whole.arrayBuffer()), whole.headers.get('content-type') ?? '');
    expect(parts).toHaveLength(2);
  });

  it('fetches what a presentation state shows, be it that the state is what is asked for or that it is named', async () => {
    expect((await peer('get')).ok).toBe(true);
    const of = (series: number) => ({
      study: '2.25.770009',
      series: `2.25.770009.${series}`,
      instance: `2.25.770009.${series}.1`,
    });
    const [image, missing, state, otherImage, otherState] = [of(1), of(2), of(3), of(4), of(5)];
    const frames = pixelElements({ rows: 40, columns: 60, frames: 2, pixelData: new Uint8Array(2 * 2 * 40 * 60) });
    const references = [image, missing].map(({ series, instance }) => [
      sequence('00081140', [[element('00081150', 'UI', sopClassUid), element('00081155', 'UI', instance)]]),
      element('0020000E', 'UI', series),
    ]);
    const files = [
      ...[image, otherImage].map((uids) => buildPart10({ elements: inTagOrder(ctElements(uids, ...frames)) })),
      presentationState(state, image, [sequence('00081115', references)]),
      presentationState(otherState, otherImage),
    ];
    expect((await stow(archive.web, files)).status).toBe(200);
    const here = async ({ series }: { series: string }) =>
      (await fetch(`${house.web}/studies/${image.study}/series/${series}/metadata`)).status;

    const path = `studies/${state.study}/series/${state.series}/instances/${state.instance}/rendered`;
    const shown = await fetch(new URL(`/peers/ARCHIVE/dicom-web/${path}?accept=image/png`, house.web));
    expect(shown.headers.get('content-type'), await shown.text()).toContain('image/png');
    expect(shown.headers.get('warning')).toContain('1 of');
    expect(await Promise.all([here(image), here(state)])).toEqual([200, 200]);

    expect(await Promise.all([here(otherImage), here(otherState)])).toEqual([404, 404]);
    const query = new URLSearchParams({
      ...{ requestType: 'WADO', studyUID: image.study, seriesUID: otherImage.series, objectUID: otherImage.instance },
      ...{ presentationSeriesUID: otherState.series, presentationUID: otherState.instance, contentType: 'image/gif' },
    });
    const played = await fetch(new URL(`/peers/ARCHIVE/wado?${query}`, house.web));
    expect(played.headers.get('content-type'), await played.text()).toContain('image/gif');
    expect(await here(otherState)).toBe(200);
  });

  it('keeps what the peer sends of its own accord, be it before or after it was fetched', async () => {
    expect((await peer('move')).ok).toBe(true);
    const { scu, retrieve, peers } = archive.house;
    const push = async (instance: number) => {
      const instances = () => retrieve.instances(uidsOf(3, instance));
      const sent = scu.send(calledPeer(await peers.get('CAUSEWAY')), instances, {}, silentLog);
      for await (const { outcome } of sent) expect(outcome).toBe('sent');
    };
    await push(1);
    expect(await bridged(3)).toHaveLength(3);
    await push(2);
    await expect.poll(() => erased(3)).toBe(1);
    const local = await fetch(`${house.web}/studies/${uidsOf(3).studyInstanceUid}/metadata`);
    expect(await local.json()).toHaveLength(2);
  });

  it('gives as of the peer what the peer has, not what else is here of the study or was erased there', async () => {
    expect((await peer('get')).ok).toBe(true);
    const { studyInstanceUid, seriesInstanceUid } = uidsOf(1);
    const path = `/peers/ARCHIVE/dicom-web/studies/${studyInstanceUid}/series/${seriesInstanceUid}`;
    const of = async (rest: string) => fetch(new URL(`${path}${rest}`, house.web));
    expect(await bridged(1)).toHaveLength(2);
    expect((await stow(house.web, [file(1, 9, 'derived here')])).status).toBe(200);
    const gone = `${archive.web}/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${uidsOf(1, 2).sopInstanceUid}`;
    expect((await fetch(gone, { method: 'DELETE' })).ok).toBe(true);
    const metadata = (await (await of('/metadata')).json()) as { '00080018': { Value: string[] } }[];
    expect(metadata.map((one) => one['00080018'].Value[0])).toEqual([uidsOf(1, 1).sopInstanceUid]);
    expect((await of(`/instances/${uidsOf(1, 9).sopInstanceUid}/metadata`)).status).toBe(404);
    const local = await fetch(`${house.web}/studies/${studyInstanceUid}/metadata`);
    expect(await local.json()).toHaveLength(3);
  });

  it('asks for series of many studies at once, as the archive agrees to relational queries', async () => {
    const { scu, peers } = house.house;
    expect(await scu.takesRelationalQueries(calledPeer(await peers.get('ARCHIVE')), silentLog)).toBe(true);
    const found = await fetch(new URL('/peers/ARCHIVE/dicom-web/series?PatientID=ID1', house.web));
    const series = ((await found.json()) as { '0020000E': { Value: string[] } }[]).map(
      (one) => one['0020000E'].Value[0],
    );
    expect(series).toEqual(expect.arrayContaining(studies.map((study) => uidsOf(study).seriesInstanceUid)));
  });
});
