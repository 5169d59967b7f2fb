import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAssociateRequest } from '../../../src/dimse/association/associate-request.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { associateRq, counted, item, type RawAssociate, uids } from '../../support/dimse-raw-client.ts';

function decode(options: RawAssociate = {}) {
  return decodeAssociateRequest(associateRq(options).subarray(6));
}

describe('A-ASSOCIATE-RQ', () => {
  it('tells titles without their padding', () => {
    expect(decode({ calledAeTitle: ' CAUSEWAY\0', callingAeTitle: 'CT 1' })).toMatchObject({
      protocolVersion: 1,
      calledAeTitle: 'CAUSEWAY',
      callingAeTitle: 'CT 1',
      applicationContextName: '1.2.840.10008.3.1.1.1',
      implementationClassUid: '1.2.3.4',
    });
  });

  it('tells presentation contexts in the order in which they are proposed, whatever their ids', () => {
    const contexts = [255, 3, 77, 1].map((id) => ({
      id,
      abstractSyntaxUid: `1.2.${id}`,
      transferSyntaxUids: [uids.jpegBaseline, uids.implicitLittleEndian],
    }));
    expect(decode({ contexts }).presentationContexts).toEqual(contexts);
  });

  it('tells every kind of user information', () => {
    const userItems = [
      item(0x53, Buffer.from([0, 5, 1, 0])),
      item(0x54, counted('1.2'), Buffer.from([1, 0])),
      item(0x55, Buffer.from('VERSION 1 ')),
      item(0x56, counted('1.3'), Buffer.from([9, 8])),
      item(0x57, counted('1.4'), counted('1.2.840.10008.4.2'), counted(`${counted('1.5')}${counted('1.6')}`)),
      item(0x58, Buffer.from([2, 1]), counted('user'), counted('secret')),
      item(0x99, Buffer.from('unknown')),
    ];
    expect(decode({ userItems, maxPduBytes: 0 })).toMatchObject({
      maxPduBytes: 0,
      asynchronousOperations: { invoked: 5, performed: 256 },
      roleSelections: [{ sopClassUid: '1.2', scu: true, scp: false }],
      implementationVersionName: 'VERSION 1',
      extendedNegotiations: [{ sopClassUid: '1.3', applicationInfo: Buffer.from([9, 8]) }],
      commonExtendedNegotiations: [
        { sopClassUid: '1.4', serviceClassUid: '1.2.840.10008.4.2', relatedGeneralSopClassUids: ['1.5', '1.6'] },
      ],
      userIdentity: {
        type: 2,
        responseRequested: true,
        primary: Buffer.from('user'),
        secondary: Buffer.from('secret'),
      },
    });
  });

  it('bears UIDs that are padded and a missing user information', () => {
    const contexts = [{ id: 1, abstractSyntaxUid: '1.2.3\0', transferSyntaxUids: ['1.2.840.10008.1.2 '] }];
    expect(decode({ contexts }).presentationContexts[0]).toMatchObject({
      abstractSyntaxUid: '1.2.3',
      transferSyntaxUids: ['1.2.840.10008.1.2'],
    });
    expect(decodeAssociateRequest(associateRq().subarray(6, 74))).toMatchObject({
      maxPduBytes: 0,
      presentationContexts: [],
    });
  });

  const context = (id: number) => ({ id, abstractSyntaxUid: '1.2', transferSyntaxUids: ['1.3'] });
  it.each([
    ['an even context id', { contexts: [context(2)] }, 'not odd'],
    ['a context id of 0', { contexts: [context(0)] }, 'not odd'],
    ['a context id that comes twice', { contexts: [context(5), context(5)] }, 'twice'],
    ['a maximum length without room for data', { maxPduBytes: 7 }, 'no room'],
    ['a sub-item that ends early', { userItems: [item(0x53, Buffer.from([0, 1]))] }, 'ends at byte'],
    [
      'a role selection whose UID is longer than it',
      { userItems: [item(0x54, Buffer.from([1, 0, 1]))] },
      'ends at byte',
    ],
  ])('with %s is malformed', (_name, options, message) => {
    expect(() => decode(options)).toThrow(message);
  });

  it('damaged anywhere is read or said to be malformed', () => {
    const whole = associateRq({
      userItems: [item(0x57, counted('1.4'), counted('1.5'), counted(`${counted('1.6')}`)), item(0x54, counted('1.2'))],
    }).subarray(6);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        try {
          decodeAssociateRequest(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CausewayError);
          expect(thrown).toMatchObject({ code: 'malformed' });
        }
      }),
    );
  });
});
