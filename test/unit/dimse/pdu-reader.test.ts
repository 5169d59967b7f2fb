import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPduReader, type PduReader } from '../../../src/dimse/association/pdu-reader.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { pdu, pdv } from '../../support/dimse-raw-client.ts';

const limits = { maxPduBytes: 4096, maxAssociatePduBytes: 4096 };

/** What was read, with the bytes of each presentation data value put together again. */
type Read =
  | { readonly type: number; readonly body: string }
  | { readonly contextId: number; readonly isCommand: boolean; readonly ends: boolean; readonly bytes: string };

/** Reads chunk by chunk; a value whose fragments came apart is one entry, as `values` says how long each is. */
function readAll(reader: PduReader, chunks: readonly Buffer[]): Read[] {
  const read: Read[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let part = reader.next(); part !== undefined; part = reader.next()) {
      if (part.kind === 'pdu') {
        read.push({ type: part.type, body: part.body.toString('hex') });
        continue;
      }
      const { contextId, isCommand, ends } = part;
      const bytes = part.bytes.toString('hex');
      const last = read.at(-1);
      const continues = last !== undefined && 'bytes' in last && !last.ends && last.contextId === contextId;
      if (continues && last.isCommand === isCommand)
        read[read.length - 1] = { ...last, ends, bytes: last.bytes + bytes };
      else read.push({ contextId, isCommand, ends, bytes });
    }
  }
  return read;
}

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

const value = fc.record({
  contextId: fc.integer({ min: 0, max: 255 }),
  control: fc.integer({ min: 0, max: 255 }),
  fragment: fc.uint8Array({ maxLength: 40 }),
});

const anyPdu = fc.oneof(
  fc.array(value, { minLength: 1, maxLength: 5 }).map((values) => {
    return pdu(4, ...values.map(({ contextId, control, fragment }) => pdv(contextId, control, fragment)));
  }),
  fc.uint8Array({ minLength: 1, maxLength: 100 }).map((body) => pdu(1, body)),
  fc.constantFrom(5, 6, 7).map((type) => pdu(type, Buffer.alloc(4))),
);

describe('PDU reader', () => {
  it('reads the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(anyPdu, { maxLength: 6 }), fc.array(fc.nat(2000), { maxLength: 20 }), (pdus, cuts) => {
        const bytes = Buffer.concat(pdus);
        const whole = readAll(createPduReader(limits), [bytes]);
        const reader = createPduReader(limits);
        expect(readAll(reader, splitAt(bytes, cuts))).toEqual(whole);
        expect(reader.midPdu).toBe(false);
      }),
    );
  });

  it('reads on from what it kept when the memory of a chunk is used again', () => {
    fc.assert(
      fc.property(fc.array(anyPdu, { maxLength: 6 }), fc.array(fc.nat(2000), { maxLength: 20 }), (pdus, cuts) => {
        const bytes = Buffer.concat(pdus);
        const whole = readAll(createPduReader(limits), [bytes]);
        const reader = createPduReader(limits);
        const keeping: PduReader = {
          ...reader,
          push(chunk) {
            const memory = Buffer.from(chunk);
            reader.push(memory);
            reader.keep();
            memory.fill(0xee);
          },
        };
        expect(readAll(keeping, splitAt(bytes, cuts))).toEqual(whole);
      }),
    );
  });

  it('reads byte by byte', () => {
    const bytes = Buffer.concat([
      pdu(5, Buffer.alloc(4)),
      pdu(4, pdv(1, 3, Buffer.from('ab')), pdv(3, 2, Buffer.from(''))),
    ]);
    const chunks = [...bytes].map((byte) => Buffer.from([byte]));
    expect(readAll(createPduReader(limits), chunks)).toEqual([
      { type: 5, body: '00000000' },
      { contextId: 1, isCommand: true, ends: true, bytes: '6162' },
      { contextId: 3, isCommand: false, ends: true, bytes: '' },
    ]);
  });

  it('hands out views of what was pushed, not copies', () => {
    const chunk = pdu(4, pdv(1, 0, Buffer.alloc(1000)));
    const reader = createPduReader(limits);
    reader.push(chunk);
    const part = reader.next();
    expect(part?.kind === 'fragment' && part.bytes.buffer).toBe(chunk.buffer);
  });

  it('says that it is in the middle of a PDU from its first byte to its last', () => {
    const bytes = pdu(5, Buffer.alloc(4));
    const reader = createPduReader(limits);
    for (const [index, byte] of bytes.entries()) {
      expect(reader.midPdu).toBe(index > 0);
      reader.push(Buffer.from([byte]));
      reader.next();
    }
    expect(reader.midPdu).toBe(false);
  });

  it.each([
    [0x04, 4096 + 7],
    [0x04, 0xffffffff],
    [0x01, 4097],
    [0x01, 0],
    [0x05, 5],
    [0x07, 0],
  ])('refuses type %d with a length of %d from its header', (type, length) => {
    const header = Buffer.from([type, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(length, 2);
    const reader = createPduReader(limits);
    reader.push(header);
    expect(() => reader.next()).toThrow(CausewayError);
  });

  it('bears a peer that counts the header of six bytes into the maximum length', () => {
    const reader = createPduReader(limits);
    reader.push(pdu(4, pdv(1, 2, Buffer.alloc(4096))));
    expect(reader.next()).toMatchObject({ kind: 'fragment', ends: true });
  });

  it('of anything at all reads parts or says what is wrong, and holds no more than it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), fc.boolean(), (noise, likely) => {
        const reader = createPduReader(limits);
        const start = likely ? [Buffer.from([4, 0, 0, 0, 1])] : [];
        let bytesOut = 0;
        try {
          for (const chunk of [...start, ...noise]) {
            reader.push(Buffer.from(chunk));
            for (let part = reader.next(); part !== undefined; part = reader.next()) {
              bytesOut += part.kind === 'pdu' ? part.body.length : part.bytes.length;
            }
          }
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'malformed', details: { abortReason: expect.any(Number) } });
        }
        expect(bytesOut).toBeLessThanOrEqual(8 * 300 + 5);
      }),
    );
  });
});
