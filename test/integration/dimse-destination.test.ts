import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createCommitmentReports } from '../../src/dimse/commitment-reports.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createScu } from '../../src/dimse/scu/create-scu.ts';
import { createOpenAssociation } from '../../src/dimse/scu/open-association.ts';
import { createPeerAssociations } from '../../src/dimse/scu/peer-associations.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import type { OutgoingInstance } from '../../src/publisher/destination.ts';
import { createDimseDestination } from '../../src/publisher/destinations/dimse.ts';
import type { StoredSearch } from '../../src/search/search.ts';
import {
  createFakeIngest,
  searchNothing,
  startDimseServer,
  stored,
  type TestDimseServer,
  until,
} from '../support/dimse-server.ts';
import { filesAsTheyAre } from '../support/files-as-they-are.ts';
import {
  type DicomManners,
  type MisbehavingDicomReceiver,
  startMisbehavingDicomReceiver,
} from '../support/misbehaving-dicom-receiver.ts';
import {
  outcomesOf,
  outgoingInstance,
  outgoingSeries,
  sending,
  type TestInstance,
} from '../support/outgoing-instances.ts';

const jpeg2000Lossless = '1.2.840.10008.1.2.4.90';
const limits = { ...defaultDimseLimits, responseTimeoutMs: 20_000, associateTimeoutMs: 20_000 };
const open = createOpenAssociation({ aeTitle: 'CAUSEWAY', limits });
const associations = createPeerAssociations({ open });
const scu = createScu({
  open,
  associations,
  ingest: createFakeIngest(),
  retrieve: filesAsTheyAre,
  reports: createCommitmentReports(),
  aeTitle: 'CAUSEWAY',
  privateSopClassUids: [],
});

/** What the peer has, and how it finds it. */
const held: TestInstance[] = [];
let knowsLists: boolean;
let queries: number;
const search: StoredSearch = {
  ...searchNothing,
  async *findAll({ conditions }) {
    queries += 1;
    const uids = valuesIn(conditions);
    const listed = held.filter(({ sopInstanceUid }) => uids.has(sopInstanceUid));
    const inSeries = held.filter(({ seriesInstanceUid }) => uids.has(seriesInstanceUid));
    const asksForSome = [...uids].length > 2;
    const found = asksForSome ? (knowsLists ? listed : []) : inSeries;
    yield {
      matches: found.map(({ sopInstanceUid }): DicomJson => ({ '00080018': { vr: 'UI', Value: [sopInstanceUid] } })),
      warnings: [],
    };
  },
};

/** All UIDs that are asked for, whatever the condition on them is called. */
function valuesIn(conditions: unknown): Set<string> {
  return new Set(JSON.stringify(conditions).match(/2\.25\.\d+/g));
}

let peer: TestDimseServer;
beforeAll(async () => {
  peer = await startDimseServer({ aeTitle: 'PACS', search });
});
beforeEach(() => {
  held.length = 0;
  knowsLists = true;
  queries = 0;
  peer.ingest.outcome = stored;
});
afterAll(async () => {
  await associations.close();
  await peer.server.close({ graceMs: 0 });
});

const destination = (
  port = peer.port,
  commitment = false,
  commitmentMs = 5_000,
  transferSyntaxUids: readonly string[] = [],
) =>
  createDimseDestination(
    { kind: 'dimse', peer: 'PACS', commitment },
    {
      scu,
      commitmentMs,
      peers: {
        get: async (aeTitle) => {
          const known = {
            ...peerDefaults,
            origin: 'api',
            aeTitle,
            host: '127.0.0.1',
            port,
            transferSyntaxUids,
          } as const;
          if (aeTitle === 'PACS') return known;
          throw new CausewayError('not-found', 'There is no such peer.');
        },
      },
    },
  );
const statuses = (outcomes: readonly { readonly status: string }[]) => outcomes.map(({ status }) => status);

describe('a DICOM node without storage commitment', () => {
  it('is asked by C-FIND what it has, of each series', async () => {
    const [first, second] = [outgoingSeries(3), outgoingSeries(2)];
    held.push(first[0]!, first[2]!, ...second);
    const outcomes = await destination().confirm!([...first, ...second], sending());
    expect(statuses(outcomes)).toEqual(['confirmed', 'missing', 'confirmed', 'confirmed', 'confirmed']);
    expect(outcomes[1]).toMatchObject({
      sopInstanceUid: first[1]!.sopInstanceUid,
      answer: 'C-FIND does not find it',
    });
  });

  it('is asked for the whole series where it knows no lists of UIDs', async () => {
    const batch = outgoingSeries(3);
    held.push(...batch.slice(1));
    knowsLists = false;
    expect(statuses(await destination().confirm!(batch, sending()))).toEqual(['missing', 'confirmed', 'confirmed']);
    expect(queries).toBe(2);
  });

  it('is asked for many UIDs in several questions', async () => {
    const batch = outgoingSeries(120);
    held.push(...batch);
    expect(new Set(statuses(await destination().confirm!(batch, sending())))).toEqual(new Set(['confirmed']));
    expect(queries).toBe(3);
  });

  it('confirms nothing where it cannot be asked', async () => {
    await expect(destination(1).confirm!(outgoingSeries(1), sending())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a DICOM node that does not take all of a batch', () => {
  it('refuses one, and has the others', async () => {
    const batch = outgoingSeries(3);
    peer.ingest.outcome = ({ bytes }) =>
      bytes.includes(batch[1]!.sopInstanceUid)
        ? { status: 'refused', code: 'uid-invalid', message: 'Not this one.', details: {} }
        : stored();
    const outcomes = await outcomesOf(destination().send(batch, sending()));
    expect(statuses(outcomes)).toEqual(['accepted', 'refused', 'accepted']);
    expect(outcomes[1]!.answer).toMatch(/\([0-9A-F]{4}\)/);
  });

  it('never gets one of an odd number of bytes, as it is or converted, and has the others', async () => {
    const [even, odd, compressed] = outgoingSeries(3);
    async function* oddFile(fileBytes: number) {
      yield even!.file;
      yield Buffer.alloc(fileBytes - even!.file.length);
    }
    const stored = { ...odd!, size: 1_001, open: () => oddFile(1_001) };
    const converted: OutgoingInstance = {
      ...compressed!,
      transferSyntaxUid: jpeg2000Lossless,
      otherwise: { transferSyntaxUids: [compressed!.transferSyntaxUid], open: async () => oddFile(9_000_001) },
    };
    const told = await outcomesOf(
      destination(peer.port, false, 5_000, [even!.transferSyntaxUid]).send([stored, converted, even!], sending()),
    );
    expect(statuses(told)).toEqual(['refused', 'refused', 'accepted']);
    expect(told.slice(0, 2).map(({ answer }) => answer)).toEqual([
      expect.stringContaining('odd number of bytes'),
      expect.stringContaining('odd number of bytes'),
    ]);
  });

  it('does not manage to store one: it is sent again', async () => {
    const batch = outgoingSeries(2);
    peer.ingest.outcome = ({ bytes }) =>
      bytes.includes(batch[0]!.sopInstanceUid)
        ? { status: 'refused', code: 'storage-full', message: 'Full.', details: {} }
        : stored();
    const [full] = await outcomesOf(destination().send(batch, sending()));
    expect(full).toMatchObject({ status: 'failed', answer: expect.stringContaining('short of resources') });
  });

  it('goes away in the middle: what it had acknowledged stays accepted, and the rest is not lost', async () => {
    const dying = await startDimseServer({ aeTitle: 'PACS' });
    const batch = outgoingSeries(4);
    let closed: Promise<void> | undefined;
    let letGo = (): void => {};
    dying.ingest.beforeFinish = async ({ bytes }) => {
      if (!bytes.includes(batch[1]!.sopInstanceUid)) return;
      // Not answered before everything is over.
      closed = dying.server.close({ graceMs: 0 });
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    };
    const told: string[] = [];
    const failure = await (async () => {
      for await (const { status, sopInstanceUid } of destination(dying.port).send(batch, sending())) {
        told.push(`${status} ${batch.findIndex((one) => one.sopInstanceUid === sopInstanceUid)}`);
      }
    })().catch((thrown: unknown) => thrown);
    expect(told[0]).toBe('accepted 0');
    expect(told.filter((one) => one.startsWith('accepted'))).toHaveLength(1);
    // Who is not there cannot be asked to take the rest: that is for later.
    expect(failure).toMatchObject({ code: 'unavailable' });
    letGo();
    await closed;
  });
});

it('says in words that there is no such peer', async () => {
  const nobody = createDimseDestination(
    { kind: 'dimse', peer: 'NOBODY', commitment: false },
    { scu, peers: { get: async () => Promise.reject(new CausewayError('not-found', 'There is no such peer.')) } },
  );
  await expect(outcomesOf(nobody.send([outgoingInstance()], sending()))).rejects.toMatchObject({
    code: 'bad-request',
    message: 'There is no known peer NOBODY.',
  });
});

describe('a DICOM node with moods', () => {
  let moody: MisbehavingDicomReceiver;
  beforeAll(async () => {
    moody = await startMisbehavingDicomReceiver({
      aeTitle: 'PACS',
      reportTo: () => ({ aeTitle: 'CAUSEWAY', port: 1 }),
      neverTold: 1,
    });
  });
  afterAll(() => moody.close());
  const archive = (commitmentMs?: number) => destination(moody.port, true, commitmentMs);

  it.each<[DicomManners, string, string]>([
    ['well', 'accepted', 'Stored (0000)'],
    ['lie', 'accepted', 'Stored (0000)'],
    ['busy', 'failed', 'The receiver is short of resources (A700): It is busy.'],
    ['baffled', 'refused', 'The receiver cannot understand the data set (C000): It makes nothing of this.'],
  ])('that is %s answers: %s', async (manners, status, answer) => {
    moody.behave(manners);
    const outcomes = await outcomesOf(archive().send(outgoingSeries(2), sending()));
    expect(outcomes).toMatchObject([
      { status, answer },
      { status, answer },
    ]);
  });

  it.each<[DicomManners, string]>([
    ['refuse', 'The peer closed the connection without an answer; it may want TLS, or not know us.'],
    ['reject', expect.stringContaining('our AE title is not recognized; it has to be made known there')],
  ])('cannot be reached where it is in the mood to %s', async (manners, message) => {
    moody.behave(manners);
    const failure = { code: 'unavailable', message };
    await expect(outcomesOf(archive().send(outgoingSeries(2), sending()))).rejects.toMatchObject(failure);
    await expect(archive().confirm!(outgoingSeries(2), sending())).rejects.toMatchObject(failure);
  });

  it.each<[DicomManners, DicomManners, string, string]>([
    ['well', 'well', 'confirmed', 'The receiver has committed to it'],
    ['lie', 'well', 'missing', 'Not committed: the receiver does not have it (0112)'],
    ['well', 'forget', 'unknown', 'Not committed: the receiver did not manage to look (0110)'],
    // It has what it was sent and answers: whatever else is sent there need not wait for it.
    ['well', 'silent', 'unknown', 'The peer has not reported on storage commitment for 0.2 s.'],
  ])('that was %s when it was sent to, and is %s when it is asked', async (before, then, status, answer) => {
    const batch = outgoingSeries(2);
    moody.behave(before);
    expect(statuses(await outcomesOf(archive().send(batch, sending())))).toEqual(['accepted', 'accepted']);
    moody.behave(then);
    expect(await archive(then === 'silent' ? 200 : undefined).confirm!(batch, sending())).toMatchObject([
      { status, answer },
      { status, answer },
    ]);
  });

  it('is not waited for when the task has ended', async () => {
    const batch = outgoingSeries(1);
    moody.behave('well');
    await outcomesOf(archive().send(batch, sending()));
    moody.behave('silent');
    const ending = new AbortController();
    const asked = moody.deeds['N-ACTION'] ?? 0;
    const confirmed = archive(60_000).confirm!(batch, sending({ signal: ending.signal }));
    await until(() => (moody.deeds['N-ACTION'] ?? 0) > asked);
    ending.abort();
    await expect(confirmed).rejects.toMatchObject({ code: 'aborted' });
  });
});
