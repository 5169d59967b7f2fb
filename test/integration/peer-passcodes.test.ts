import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnownPeer } from '../../src/index/known-peer.ts';
import { createPeerStore, type PeerStore } from '../../src/index/peer-store.ts';
import { createSealing } from '../../src/kernel/sealing.ts';
import { peerDefaults } from '../../src/peers/parse-known-peer.ts';
import { createMemoryLog } from '../support/dimse-server.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';

const passcode = 'correct horse';
const peer = (aeTitle: string, user: KnownPeer['user']): KnownPeer => ({
  ...peerDefaults,
  aeTitle,
  host: '10.0.0.1',
  port: 104,
  user,
});

describe('the passcode of a peer', () => {
  const log = createMemoryLog();
  let database: TestDatabase;
  let store: PeerStore;
  const key = randomBytes(32);
  const storeWith = (key: Buffer, isShared: boolean) =>
    createPeerStore({ pool: database.pool, sealing: createSealing({ key, isShared: async () => isShared }), log });
  const passcodes = async (from: PeerStore = store) => (await from.all()).map(({ user }) => user?.passcode);
  const rowsAsText = async () =>
    (await database.pool.query<{ row: string }>('select peers::text as row from peers')).rows
      .map(({ row }) => row)
      .join();

  beforeAll(async () => {
    database = await createTestDatabase();
    store = storeWith(key, true);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query('delete from peers');
    await store.put(peer('PACS1', { name: 'alice', passcode }), 'ops');
  });

  it('lies in the database only encrypted', async () => {
    expect(await passcodes()).toEqual([passcode]);
    const text = await rowsAsText();
    expect(text).toContain('alice');
    expect(text).not.toContain(passcode);
    expect(text).not.toContain(Buffer.from(passcode).toString('hex'));
  });

  it('that was written before that is read, and encrypted when the peer is written again', async () => {
    await database.pool.query('update peers set sealed_user_passcode = null, user_passcode = $1', [passcode]);
    const [known] = await store.all();
    expect(known?.user).toEqual({ name: 'alice', passcode });
    await store.put({ ...known!, maxAssociations: 2 }, 'ops');
    expect(await rowsAsText()).not.toContain(passcode);
    expect(await passcodes()).toEqual([passcode]);
  });

  it('is left out by a node with another key, which says so once, keeps it and knows the peer all the same', async () => {
    const other = storeWith(randomBytes(32), true);
    expect(await passcodes(other)).toEqual([undefined]);
    expect(await passcodes(storeWith(key, false))).toEqual([undefined]);
    const [known] = await other.all();
    await other.put({ ...known!, maxAssociations: 3 }, 'ops', { keepsPasscode: true });
    expect(log.lines.filter(({ facts }) => facts.peer === 'PACS1')).toHaveLength(2);
    expect(await passcodes()).toEqual([passcode]);
    expect((await store.all())[0]).toMatchObject({ maxAssociations: 3, hasPasscode: true });
  });

  it.each([
    ['host', { host: '10.0.0.2' }],
    ['port', { port: 105 }],
    ['TLS', { tls: { checkHostName: false } }],
    ['user', { user: { name: 'bob', passcode: undefined } }],
  ])('goes nowhere else: with another %s it does not stay, whoever says that it is to', async (_, change) => {
    const [known] = await store.all();
    await store.put({ ...known!, user: { name: 'alice', passcode: undefined }, ...change }, 'ops', {
      keepsPasscode: true,
    });
    expect((await store.all())[0]).toMatchObject({ hasPasscode: false, ...change });
  });

  it('and all else of a peer is changed only by who has seen what is there', async () => {
    const [known] = await store.all();
    const change = { expected: known!.version, keepsPasscode: true };
    const written = await store.put({ ...known!, port: 105 }, 'ops', change);
    expect(written).toMatchObject({ isNew: false });
    expect(written?.version).not.toBe(known!.version);
    expect(await store.put({ ...known!, port: 106 }, 'ops', change)).toBeUndefined();
    expect(await store.put({ ...known!, aeTitle: 'GONE' }, 'ops', change)).toBeUndefined();
    expect(await store.all()).toMatchObject([{ aeTitle: 'PACS1', port: 105, version: written?.version }]);
  });

  it('is of no use beside another user or peer', async () => {
    await store.put(peer('EVIL', { name: 'alice', passcode: 'guess' }), 'ops');
    await database.pool.query(
      `update peers set sealed_user_passcode = (select sealed_user_passcode from peers where ae_title = 'PACS1') where ae_title = 'EVIL'`,
    );
    expect(await passcodes()).toEqual([undefined, passcode]);
    await store.put(peer('PACS1', { name: 'bob', passcode: undefined }), 'ops');
    expect((await store.all()).map(({ user }) => user)).toContainEqual({ name: 'bob', passcode: undefined });
  });

  describe('where the answer of the database is lost after the commit', () => {
    /** Loses the answer to the next change of a peer. */
    function forgetful(): PeerStore {
      let isLost = false;
      const query = async (text: string, values?: unknown[]) => {
        const result = await database.pool.query(text, values);
        if (isLost || text.startsWith('select')) return result;
        isLost = true;
        throw new Error('Connection terminated unexpectedly');
      };
      const sealing = createSealing({ key, isShared: async () => true });
      return createPeerStore({ pool: { query } as unknown as TestDatabase['pool'], sealing, log });
    }

    it('is added all the same, and changed', async () => {
      const user = { name: 'alice', passcode };
      const versions = async () => (await store.all()).map(({ aeTitle, version }) => ({ aeTitle, version }));
      const added = await forgetful().add(peer('PACS2', user), 'test');
      expect(await versions()).toContainEqual({ aeTitle: 'PACS2', ...added });
      const [pacs1] = await store.all();
      const changed = await forgetful().put(
        { ...peer('PACS1', { name: 'alice', passcode: undefined }), maxAssociations: 7 },
        'test',
        { expected: pacs1!.version, keepsPasscode: true },
      );
      expect(changed?.isNew).toBe(false);
      expect(await versions()).toContainEqual({ aeTitle: 'PACS1', version: changed?.version });
      expect(await passcodes()).toEqual([passcode, passcode]);
    });

    it('is not taken for one that somebody else has added, though its passcode be the same', async () => {
      expect(await forgetful().add(peer('PACS1', { name: 'alice', passcode }), 'test')).toBeUndefined();
    });
  });
});
