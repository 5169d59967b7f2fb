import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserIdentity } from '../../src/dimse/association/associate-request.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createOpenAssociation } from '../../src/dimse/scu/open-association.ts';
import { createUserIdentityCheck, parseDimseUser } from '../../src/dimse/user-identity.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { fitsPasscode, hashPasscode, isPasscodeHash } from '../../src/kernel/passcode.ts';
import { buildPart10, ctElements } from '../support/dicom-builder.ts';
import { dimseWithCleanup } from '../support/dimse-cleanup.ts';
import { associateRq, connectRaw, counted, echoRq, item, readAccept, uids } from '../support/dimse-raw-client.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';

const { start, track } = dimseWithCleanup();
const passcode = 'correct horse';
let hash: string;
let users: NonNullable<ReturnType<typeof parseDimseUser>>[];

beforeAll(async () => {
  hash = await hashPasscode(passcode);
  users = [`alice=${hash}`, 'ct1'].map((user) => parseDimseUser(user)!);
});

const checking = (checks: 'checked' | 'required') =>
  start({ checkUserIdentity: createUserIdentityCheck(checks, users) });
const identity = (type: number, primary: string, secondary = '', responseRequested = 1) =>
  item(0x58, Buffer.from([type, responseRequested]), counted(primary), counted(secondary));
const rejected = { type: 3, body: Buffer.from([0, 1, 2, 1]) };

describe('a user identity', () => {
  it('is of no consequence, and not acknowledged, unless it is to be checked', async () => {
    const { port } = await start();
    const client = await track(connectRaw(port));
    client.send(associateRq({ userItems: [identity(2, 'mallory', 'guess')] }), echoRq());
    expect(readAccept(await client.nextPdu()).userItem(0x59)).toBeUndefined();
    expect(await client.nextCommand()).toMatchObject({ status: 0 });
  });

  it.each([
    ['a user with the passcode', () => identity(2, 'alice', passcode)],
    ['a user who needs none', () => identity(1, 'ct1')],
  ])('of %s is acknowledged where that is asked for, and is in the log', async (_who, userItem) => {
    const dimse = await checking('required');
    // What comes behind the request waits until the passcode is checked.
    for (let times = 0; times < 2; times += 1) {
      const client = await track(connectRaw(dimse.port));
      client.send(associateRq({ userItems: [userItem()] }), echoRq());
      expect(readAccept(await client.nextPdu()).userItem(0x59)).toEqual(Buffer.from([0, 0]));
      expect(await client.nextCommand()).toMatchObject({ status: 0 });
    }
    const lines = dimse.log.lines.filter(({ facts }) => facts.user === 'alice' || facts.user === 'ct1');
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(dimse.log.lines)).not.toContain(passcode);
  });

  it('is not acknowledged where that is not asked for', async () => {
    const { port } = await checking('required');
    const client = await track(connectRaw(port));
    client.send(associateRq({ userItems: [identity(2, 'alice', passcode, 0)] }));
    expect(readAccept(await client.nextPdu()).userItem(0x59)).toBeUndefined();
  });

  it.each([
    ['with a wrong passcode', () => identity(2, 'alice', 'guess'), 'The passcode of user alice is wrong.'],
    ['of a user who is not known', () => identity(2, 'mallory', passcode), 'not among those of dimseUsers'],
    ['without the passcode', () => identity(1, 'alice'), 'User alice gives no passcode.'],
    ['with a passcode for who has none', () => identity(2, 'ct1', ''), 'The passcode of user ct1 is wrong.'],
    ['by a Kerberos ticket', () => identity(3, 'ticket'), 'cannot be checked: Kerberos ticket'],
    ['by a JSON Web Token', () => identity(5, 'ey'), 'cannot be checked: JSON Web Token'],
    ['of no type that there is', () => identity(9, 'x'), 'cannot be checked: type 9'],
  ])('%s is rejected, and the log says why', async (_what, userItem, words) => {
    const dimse = await checking('checked');
    const client = await track(connectRaw(dimse.port));
    client.send(associateRq({ userItems: [userItem()] }));
    expect(await client.nextPdu()).toEqual(rejected);
    await client.closed;
    await expect
      .poll(() => dimse.log.lines.at(-1)?.facts)
      .toMatchObject({
        end: 'rejected',
        reason: expect.stringContaining(words),
      });
    expect(JSON.stringify(dimse.log.lines)).not.toMatch(/mallory|guess|correct horse/);
  });

  it('has to be there only where it is required', async () => {
    for (const [checks, type] of [
      ['checked', 2],
      ['required', 3],
    ] as const) {
      const client = await track(connectRaw((await checking(checks)).port));
      client.send(associateRq());
      expect((await client.nextPdu()).type).toBe(type);
    }
  });

  it('a caller who is gone before its passcode is checked leaves nothing', async () => {
    const dimse = await checking('required');
    const client = await track(connectRaw(dimse.port));
    client.send(associateRq({ userItems: [identity(2, 'alice', passcode)] }));
    client.socket.resetAndDestroy();
    await expect.poll(() => dimse.log.lines.map(({ message }) => message)).toContain('Association ended.');
  });
});

describe('a user identity of ours', () => {
  const alice = (secondary: string): UserIdentity => ({
    type: 2,
    responseRequested: true,
    primary: Buffer.from('alice'),
    secondary: Buffer.from(secondary),
  });
  const open = createOpenAssociation({ aeTitle: 'CAUSEWAY', limits: defaultDimseLimits });
  const contexts = [{ id: 1, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] }];
  const call = (port: number, userIdentity: UserIdentity) =>
    open({ aeTitle: 'OTHER', host: '127.0.0.1', port, contexts, userIdentity, log: silentLog });

  it('opens an association where it is right, and fails in words where it is not', async () => {
    const { port } = await checking('required');
    const association = await call(port, alice(passcode));
    expect(association.userIdentityResponse).toEqual(Buffer.alloc(0));
    await association.release();
    await expect(call(port, alice('guess'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('1/2/1'),
    });
  });

  it('is not believed to be accepted by who does not say so', async () => {
    const { port } = await start();
    await expect(call(port, alice(passcode))).rejects.toThrow(
      'The peer does not say that it accepts our user identity.',
    );
  });
});

describe('what is kept of a passcode', () => {
  it('fits that passcode only, is another each time and cannot be made too costly', async () => {
    expect(await fitsPasscode(passcode, hash)).toBe(true);
    expect(await fitsPasscode(`${passcode} `, hash)).toBe(false);
    expect(await hashPasscode(passcode)).not.toBe(hash);
    expect(hash).not.toContain('correct');
    expect(isPasscodeHash(hash.replace('scrypt:14', 'scrypt:30'))).toBe(false);
    for (const wrong of ['=scrypt', 'alice=secret', `alice=${hash}x`, ' '])
      expect(parseDimseUser(wrong)).toBeUndefined();
  });
});

describe.skipIf(!hasProgram('storescu'))('storescu (needs dcmtk)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-identity-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['user and password', ['-usr', 'alice', '-pwd', passcode, '-rsp'], 0],
    ['a user without', ['-usr', 'ct1', '-rsp'], 0],
    ['a wrong password', ['-usr', 'alice', '-pwd', 'guess'], 1],
    ['an empty password', ['-usr', 'alice', '-epw'], 1],
  ])('with %s', async (_what, options, failure) => {
    const { port, ingest } = await checking('required');
    const file = join(folder, 'ct.dcm');
    writeFileSync(file, buildPart10({ elements: ctElements() }));
    const { code, output } = await runProgram('storescu', ['-d', ...options, '127.0.0.1', String(port), file]);
    expect(code === 0 ? 0 : 1, output).toBe(failure);
    expect(ingest.finished).toHaveLength(failure === 0 ? 1 : 0);
    if (failure === 1) expect(output).toMatch(/Rejected Permanent.*ACSE/s);
  });
});
