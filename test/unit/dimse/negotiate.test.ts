import { describe, expect, it } from 'vitest';
import { storageSopClasses } from '../../../src/dicom/storage-sop-classes.ts';
import { transferSyntaxes } from '../../../src/dicom/transfer-syntaxes.ts';
import { encodeAssociateAccept } from '../../../src/dimse/association/associate-accept.ts';
import { decodeAssociateRequest } from '../../../src/dimse/association/associate-request.ts';
import { findRejection, negotiate } from '../../../src/dimse/association/negotiate.ts';
import { createEchoService } from '../../../src/dimse/scp/echo.ts';
import { createStoreService } from '../../../src/dimse/scp/store.ts';
import { associateRq, counted, item, type RawAssociate, readAccept, uids } from '../../support/dimse-raw-client.ts';
import { createFakeIngest } from '../../support/dimse-server.ts';

const policy = {
  aeTitle: 'CAUSEWAY',
  strictAeTitle: false,
  maxPduBytes: 131072,
  maxOperations: 8,
  services: [
    createEchoService(),
    createStoreService({
      ingest: createFakeIngest(),
      access: async () => undefined,
      privateSopClassUids: ['1.2.250.1.59.1'],
    }),
  ],
};

/** The answer as a caller reads it from the wire. */
function answer(options: RawAssociate, isIdentified = false) {
  const request = decodeAssociateRequest(associateRq(options).subarray(6));
  expect(findRejection(request, policy)).toBeUndefined();
  const encoded = encodeAssociateAccept(request, negotiate(request, policy, isIdentified));
  expect(encoded.readUInt32BE(2)).toBe(encoded.length - 6);
  return readAccept({ type: encoded.readUInt8(0), body: encoded.subarray(6) });
}

function answerContext(abstractSyntaxUid: string, transferSyntaxUids: readonly string[], options: RawAssociate = {}) {
  const [context] = answer({ contexts: [{ id: 1, abstractSyntaxUid, transferSyntaxUids }], ...options }).contexts;
  return context;
}

describe('presentation contexts', () => {
  it('are answered in any order of their ids', () => {
    const contexts = [9, 255, 1, 5].map((id) => ({
      id,
      abstractSyntaxUid: uids.ctImageStorage,
      transferSyntaxUids: [uids.explicitLittleEndian],
    }));
    expect(answer({ contexts }).contexts.map(({ id, result }) => [id, result])).toEqual([
      [9, 0],
      [255, 0],
      [1, 0],
      [5, 0],
    ]);
  });

  const { implicitLittleEndian: implicit, explicitLittleEndian: explicit, jpegBaseline: jpeg } = uids;
  it.each([
    [[implicit, explicit, jpeg], explicit],
    [[implicit, jpeg, explicit], jpeg],
    [['1.2.3.4', jpeg], jpeg],
    [[implicit], implicit],
    [['1.2.3.4', implicit], implicit],
  ])('of %j takes %s: the first that is known and keeps the value representations', (proposed, chosen) => {
    expect(answerContext(uids.ctImageStorage, proposed)).toEqual({ id: 1, result: 0, transferSyntaxUid: chosen });
  });

  it('are all answered where there are as many as there can be', () => {
    const proposed = storageSopClasses.slice(0, 128).map(({ uid }, at) => ({
      id: 2 * at + 1,
      abstractSyntaxUid: uid,
      transferSyntaxUids: [implicit, explicit],
    }));
    const { contexts } = answer({ contexts: proposed });
    expect(contexts).toHaveLength(128);
    for (const [at, context] of contexts.entries()) {
      expect(context).toEqual({ id: 2 * at + 1, result: 0, transferSyntaxUid: explicit });
    }
  });

  it('with an abstract syntax that nobody serves are refused with 3', () => {
    expect(answerContext('1.2.840.10008.5.1.4.1.2.2.1', [explicit])?.result).toBe(3);
    expect(answerContext('', [explicit])?.result).toBe(3);
  });

  it('with transfer syntaxes that cannot be kept are refused with 4', () => {
    expect(answerContext(uids.ctImageStorage, ['1.2.840.113619.5.2'])?.result).toBe(4);
    expect(answerContext(uids.ctImageStorage, [])?.result).toBe(4);
  });

  it('of every storage SOP class are accepted, in every transfer syntax that is known', () => {
    for (const { uid } of storageSopClasses) expect(answerContext(uid, [explicit])?.result, uid).toBe(0);
    for (const { uid } of transferSyntaxes)
      expect(answerContext(uids.ctImageStorage, [uid])).toMatchObject({ result: 0 });
  });

  it('of private SOP classes are accepted where they are configured', () => {
    expect(answerContext('1.2.250.1.59.1', [explicit])?.result).toBe(0);
    expect(answerContext('1.2.250.1.59.2', [explicit])?.result).toBe(3);
  });

  it('of an unknown SOP class are accepted where the caller says that it specializes a storage class', () => {
    const common = (serviceClass: string, related: string) =>
      item(0x57, counted('1.2.3.9'), counted(serviceClass), counted(counted(related).toString('latin1')));
    const storage = '1.2.840.10008.4.2';
    const result = (userItem: Buffer) => answerContext('1.2.3.9', [explicit], { userItems: [userItem] })?.result;
    expect(result(common(storage, uids.ctImageStorage))).toBe(0);
    expect(result(common(storage, '1.2.3.8'))).toBe(3);
    expect(result(common('1.2.840.10008.4.9', uids.ctImageStorage))).toBe(3);
  });
});

describe('options', () => {
  it.each([
    [0, 0, 8, 1],
    [1, 1, 1, 1],
    [5, 0, 5, 1],
    [99, 99, 8, 1],
  ])('a window of %d/%d is answered %d/%d', (invoked, performed, ourInvoked, ourPerformed) => {
    const userItems = [item(0x53, Buffer.from([0, invoked, 0, performed]))];
    expect(answer({ userItems }).userItem(0x53)).toEqual(Buffer.from([0, ourInvoked, 0, ourPerformed]));
  });

  it('the caller may be SCU, and not SCP, of what was accepted', () => {
    const role = (uid: string, scu: number, scp: number) => item(0x54, counted(uid), Buffer.from([scu, scp]));
    expect(answer({ userItems: [role(uids.ctImageStorage, 1, 1)] }).userItem(0x54)).toEqual(
      Buffer.concat([counted(uids.ctImageStorage), Buffer.from([1, 0])]),
    );
    expect(answer({ userItems: [role('1.2.3.4.5', 1, 1)] }).userItem(0x54)).toBeUndefined();
  });

  it('a caller who receives gets native pixels where it takes them, with explicit VR if it takes that', () => {
    const role = item(0x54, counted(uids.ctImageStorage), Buffer.from([0, 1]));
    const { jpegBaseline: jpeg, implicitLittleEndian: implicit, explicitLittleEndian: explicit } = uids;
    const invoking = { ...policy, services: [{ ...policy.services[1]!, invokes: () => true }] };
    const chosen = (...transferSyntaxUids: string[]) => {
      const contexts = [{ id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids }];
      const request = decodeAssociateRequest(associateRq({ contexts, userItems: [role] }).subarray(6));
      return negotiate(request, invoking).contexts[0]?.transferSyntaxUid;
    };
    expect(chosen(jpeg, implicit, explicit)).toBe(explicit);
    expect(chosen(jpeg, implicit)).toBe(implicit);
    expect(chosen(jpeg)).toBe(jpeg);
  });

  it('a user identity is acknowledged where it was checked and that is asked for', () => {
    const identity = (asked: number) => item(0x58, Buffer.from([1, asked]), counted('user'), counted(''));
    expect(answer({ userItems: [identity(1)] }, true).userItem(0x59)).toEqual(Buffer.from([0, 0]));
    expect(answer({ userItems: [identity(0)] }, true).userItem(0x59)).toBeUndefined();
    expect(answer({ userItems: [identity(1)] }, false).userItem(0x59)).toBeUndefined();
  });

  it('what is not asked for is not answered', () => {
    const { userItem } = answer({});
    for (const type of [0x53, 0x54, 0x56, 0x59]) expect(userItem(type)).toBeUndefined();
    expect(userItem(0x52)?.toString()).toMatch(/^2\.25\.\d+$/);
    expect(userItem(0x55)?.length).toBeLessThanOrEqual(16);
  });
});
