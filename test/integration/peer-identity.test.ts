import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPasscode } from '../../src/kernel/passcode.ts';
import { createApplicationEntity } from '../../src/library/dimse.ts';
import { createMemoryLog } from '../support/dimse-server.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const passcode = 'correct horse';

describe('an archive that knows whom it lets in', () => {
  const archiveLog = createMemoryLog();
  const log = createMemoryLog();
  let archive: TestServer;
  let house: TestServer;

  const api = (method: string, path = '', body?: unknown, headers: Record<string, string> = {}) =>
    fetch(new URL(`/api/peers${path}`, house.web), {
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const at = () => ({ host: '127.0.0.1', port: archive.dimsePort });
  const echo = async () =>
    (await (await api('POST', '/ARCHIVE/echo')).json()) as { readonly reached: boolean; readonly error?: string };

  beforeAll(async () => {
    archive = await startTestServer(
      {
        CAUSEWAY_AE_TITLE: 'ARCHIVE',
        CAUSEWAY_ASSOCIATION_ACCESS: 'peers',
        CAUSEWAY_PEERS: 'CAUSEWAY@127.0.0.1,ELSEWHERE@10.9.8.7',
        CAUSEWAY_DIMSE_USER_IDENTITY: 'required',
        CAUSEWAY_DIMSE_USERS: `alice=${await hashPasscode(passcode)}`,
      },
      archiveLog,
    );
    house = await startTestServer({}, log);
  });
  afterAll(async () => {
    await house.close();
    await archive.close();
  });

  it('is called as the user that it knows', async () => {
    const userIdentity = { userName: 'alice', passcode };
    expect((await api('POST', '', { aeTitle: 'ARCHIVE', ...at(), userIdentity })).status).toBe(201);
    expect(await echo()).toMatchObject({ reached: true });
    expect(archiveLog.lines.some(({ facts }) => facts.user === 'alice')).toBe(true);
  });

  it('rejects one that it does not know, and us without', async () => {
    const wrong = { ...at(), userIdentity: { userName: 'alice', passcode: 'guess' } };
    expect((await api('PUT', '/ARCHIVE', wrong)).status).toBe(200);
    expect(await echo()).toMatchObject({ reached: false, error: expect.stringContaining('A-ASSOCIATE-RJ 1/2/1') });
    expect((await api('PUT', '/ARCHIVE', at())).status).toBe(200);
    expect(await echo()).toMatchObject({ reached: false, error: expect.stringContaining('A-ASSOCIATE-RJ 1/2/1') });
  });

  it('is added once, by whoever is first', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map((maxAssociations) => api('POST', '', { aeTitle: 'TWICE', ...at(), maxAssociations })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    const added = await answers.find(({ status }) => status === 201)!.json();
    expect(await (await api('GET', '/TWICE')).json()).toEqual(added);
    expect((await api('PUT', '/TWICE', at())).status).toBe(200);
  });

  it('is told a passcode that nobody reads back, and that stays while the rest changes', async () => {
    await api('PUT', '/ARCHIVE', { ...at(), userIdentity: { userName: 'alice', passcode } });
    const changed = await api('PUT', '/ARCHIVE', { ...at(), maxAssociations: 2, userIdentity: { userName: 'alice' } });
    expect(await changed.json()).toMatchObject({ maxAssociations: 2, userIdentity: { userName: 'alice' } });
    expect(await echo()).toMatchObject({ reached: true });
    for (const path of ['', '/ARCHIVE']) expect(await (await api('GET', path)).text()).not.toContain(passcode);
    // Nobody is told it who was not told it before.
    const elsewhere = await api('PUT', '/ARCHIVE', { ...at(), port: 105, userIdentity: { userName: 'alice' } });
    expect([elsewhere.status, await elsewhere.text()]).toEqual([400, expect.stringContaining('give it again')]);
    expect(await echo()).toMatchObject({ reached: true });
    const seen = await api('GET', '/ARCHIVE');
    expect(await seen.json()).toMatchObject({ userIdentity: { userName: 'alice', passcodeIsSet: true } });
    const change = (etag: string, body: object) => api('PUT', '/ARCHIVE', body, { 'If-Match': etag });
    const none = await change(seen.headers.get('etag') ?? '', {
      ...at(),
      userIdentity: { userName: 'alice', passcode: '' },
    });
    expect(await none.json()).toMatchObject({ userIdentity: { passcodeIsSet: false } });
    // Who has not seen that change does not undo it.
    expect((await change(seen.headers.get('etag') ?? '', { ...at(), maxAssociations: 3 })).status).toBe(412);
    expect((await change(none.headers.get('etag') ?? '', { ...at(), maxAssociations: 3 })).status).toBe(200);
    // Another user has no passcode until one is given.
    await api('PUT', '/ARCHIVE', { ...at(), userIdentity: { userName: 'bob' } });
    expect(await echo()).toMatchObject({ reached: false });
    expect(JSON.stringify([log.lines, archiveLog.lines])).not.toContain(passcode);
  });

  it.each([
    ['STRANGER', 'The calling AE title is not among the known peers.'],
    ['ELSEWHERE', 'The peer calls from another address than is known of it.'],
  ])('rejects the association of %s before anything else, and its log says why', async (aeTitle, words) => {
    const caller = createApplicationEntity({ aeTitle });
    await expect(caller.echo(`ARCHIVE@127.0.0.1:${archive.dimsePort}`)).rejects.toThrow(
      'our AE title is not recognized; it has to be made known there (A-ASSOCIATE-RJ 1/1/3)',
    );
    await caller.close();
    // Its line is written when the connection is closed.
    await expect
      .poll(() => archiveLog.lines.map(({ facts }) => facts.reason))
      .toContainEqual(`${words} (associationAccess=peers) (A-ASSOCIATE-RJ 1/1/3)`);
  });
});
