import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommandSet, decodeCommandSet, encodeCommandSet } from '../../../src/dimse/command/command-set.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uid = fc.stringMatching(/^[0-9.]{1,64}$/);
const tag = fc.stringMatching(/^[0-9A-F]{8}$/);
const text = fc.stringMatching(/^[!-~]([ -~]{0,14}[!-~])?$/);

const command: fc.Arbitrary<CommandSet> = fc.record(
  {
    commandField: uint16,
    affectedSopClassUid: uid,
    messageId: uint16,
    messageIdBeingRespondedTo: uint16,
    moveDestination: text,
    commandDataSetType: uint16,
    status: uint16,
    offendingElement: fc.array(tag, { minLength: 1, maxLength: 3 }),
    errorComment: text,
    affectedSopInstanceUid: uid,
    numberOfRemainingSuboperations: uint16,
    moveOriginatorAeTitle: text,
  },
  { requiredKeys: ['commandField'] },
);

describe('command set', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(command, (given) => {
        expect(decodeCommandSet(encodeCommandSet(given))).toEqual(given);
      }),
    );
  });

  it('is written in ascending order of its elements, in even lengths, with its group length', () => {
    fc.assert(
      fc.property(command, (given) => {
        const bytes = encodeCommandSet(given);
        expect(bytes.readUInt32LE(8)).toBe(bytes.length - 12);
        let last = -1;
        for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32LE(at + 4)) {
          expect(bytes.readUInt16LE(at)).toBe(0);
          expect(bytes.readUInt16LE(at + 2)).toBeGreaterThan(last);
          expect(bytes.readUInt32LE(at + 4) % 2).toBe(0);
          last = bytes.readUInt16LE(at + 2);
        }
      }),
    );
  });

  it('is written as PS3.7 lays it out', () => {
    const bytes = encodeCommandSet({ commandField: 0x8030, messageIdBeingRespondedTo: 1, affectedSopClassUid: '1.2' });
    expect(bytes.toString('hex')).toBe(
      [
        '0000000004000000',
        '20000000',
        '0000020004000000',
        '312e3200',
        '0000000102000000',
        '3080',
        '0000200102000000',
        '0100',
      ].join(''),
    );
  });

  const elementOf = (element: number, value: Buffer, group = 0) => {
    const header = Buffer.alloc(8);
    header.writeUInt16LE(group);
    header.writeUInt16LE(element, 2);
    header.writeUInt32LE(value.length, 4);
    return Buffer.concat([header, value]);
  };
  const echo = elementOf(0x0100, Buffer.from([0x30, 0]));

  it('bears a missing group length, unknown and empty elements, and padding of any kind', () => {
    const uidPadded = elementOf(0x0002, Buffer.from('1.2.840.10008.1.1 \0'));
    const bytes = Buffer.concat([
      uidPadded,
      elementOf(0x0001, Buffer.alloc(4)),
      echo,
      elementOf(0x1000, Buffer.alloc(0)),
    ]);
    expect(decodeCommandSet(bytes)).toEqual({ commandField: 0x30, affectedSopClassUid: '1.2.840.10008.1.1' });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'Command Field'],
    ['an element of another group', Buffer.concat([echo, elementOf(1, Buffer.alloc(2), 8)]), 'group 0000'],
    ['half a header', Buffer.concat([echo, Buffer.alloc(5)]), 'ends within'],
    [
      'an element longer than itself',
      Buffer.concat([echo, elementOf(0x0110, Buffer.alloc(2)).subarray(0, 9)]),
      'longer',
    ],
    ['a number of four bytes', elementOf(0x0100, Buffer.alloc(4)), 'two bytes'],
    ['a tag of three bytes', Buffer.concat([echo, elementOf(0x0901, Buffer.alloc(3))]), 'four bytes'],
  ])('with %s is malformed', (_name, bytes, message) => {
    expect(() => decodeCommandSet(bytes)).toThrow(message);
  });

  it('of anything at all is read or said to be malformed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          decodeCommandSet(Buffer.concat([echo, noise]));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CausewayError);
        }
      }),
    );
  });
});
