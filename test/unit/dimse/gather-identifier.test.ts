import { describe, expect, it } from 'vitest';
import { writeIdentifier } from '../../../src/dicom/identifier.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { gatherIdentifier } from '../../../src/dimse/gather-identifier.ts';
import { createHeldBytes, heldByRequests } from '../../../src/dimse/held-bytes.ts';
import { beginIdentifierOperation } from '../../../src/dimse/scp/identifier-operation.ts';
import type { DimseRequest, DimseResponse } from '../../../src/dimse/service.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { uids } from '../../support/dimse-raw-client.ts';

const identifier: DicomJson = {
  '00080018': { vr: 'UI', Value: Array.from({ length: 6_000 }, (_, at) => `1.2.${at}`) },
};
const encoded = writeIdentifier(identifier, uids.implicitLittleEndian);

describe('what is held of an Identifier', () => {
  it('is no more for coming byte by byte', () => {
    const bytes = Buffer.alloc(400_000);
    const gatherer = gatherIdentifier();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < bytes.length; at += 1) gatherer.write(bytes.subarray(0, 1));
    globalThis.gc?.();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
    const whole = gatherIdentifier();
    for (const byte of encoded) whole.write(Buffer.from([byte]));
    expect(whole.read(uids.implicitLittleEndian)).toEqual(identifier);
  });

  it('is bounded for each, and for all that share a limit until they are dropped', () => {
    const held = createHeldBytes({ maxBytes: 150_000, maxBytesOfAddress: 200_000, smallBytes: 0 });
    const share = held.of('10.0.0.1');
    const read = (gatherer: ReturnType<typeof gatherIdentifier>) => gatherer.read(uids.implicitLittleEndian);
    const long = gatherIdentifier(1_000, share);
    long.write(encoded);
    expect(() => read(long)).toThrow('The Identifier is longer than 1000 bytes.');
    const others = [1, 2, 3, 4].map(() => gatherIdentifier(100_000, share));
    for (const other of others) other.write(encoded);
    expect(() => read(others[3]!)).toThrow('All requests on their way are longer than 150000 bytes together.');
    expect(read(others[0]!)).toEqual(identifier);
    for (const other of others) other.drop();
    expect(held.bytes).toBe(0);
    const next = gatherIdentifier(100_000, share);
    next.write(encoded);
    expect(read(next)).toEqual(identifier);
  });
});

describe('a request with an Identifier', () => {
  function begun(refusal: string | undefined) {
    const responses: DimseResponse[] = [];
    const request = {
      association: { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' },
      context: { id: 1, abstractSyntaxUid: '1.2', transferSyntaxUid: uids.implicitLittleEndian },
      hasDataSet: true,
      log: silentLog,
    } as DimseRequest;
    const operation = beginIdentifierOperation(request, async (response) => void responses.push(response), {
      what: 'query',
      operation: 'query',
      access: async () => refusal,
      root: 'study',
      wrongContext: '',
      async perform({ readIdentifier }) {
        expect(readIdentifier()).toEqual(identifier);
        responses.push({ status: 0 });
      },
    });
    return { operation, responses };
  }

  it('is not held of whoever may not make it', async () => {
    const { operation, responses } = begun('Nobody knows you.');
    await operation.write!(encoded);
    await operation.write!(encoded);
    expect(heldByRequests.bytes).toBe(0);
    await operation.finish();
    expect(responses).toEqual([expect.objectContaining({ status: 0x0124, errorComment: 'Nobody knows you.' })]);
  });

  it('is held until it is answered', async () => {
    const { operation, responses } = begun(undefined);
    await operation.write!(encoded.subarray(0, 11));
    await operation.write!(encoded.subarray(11));
    expect(heldByRequests.bytes).toBeGreaterThan(0);
    await operation.finish();
    expect(responses).toEqual([{ status: 0 }]);
    expect(heldByRequests.bytes).toBe(0);
  });

  it('is dropped where the association ends in the middle of it', async () => {
    const { operation } = begun(undefined);
    await operation.write!(encoded);
    await operation.abort!();
    expect(heldByRequests.bytes).toBe(0);
  });

  it('is not held where the association ends before it is known who may make it', async () => {
    const { operation } = begun(undefined);
    const written = operation.write!(encoded);
    expect(written).toBeInstanceOf(Promise);
    await operation.abort!();
    await written;
    expect(heldByRequests.bytes).toBe(0);
  });
});
