import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';
import { prepareInstance } from '../../../src/dimse/send-instance.ts';
import type { Peer } from '../../../src/dimse/service.ts';
import { uids } from '../../support/dimse-raw-client.ts';

const dataSetOffset = 200;

/** Sends a file of so many bytes as it is stored, and returns the data set that the peer gets. */
async function sent(size: number, transferSyntaxUid: string): Promise<Buffer> {
  const file = Buffer.alloc(size, 'x');
  let received: Buffer | undefined;
  const context = { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUid };
  const peer: Peer = {
    contexts: [context],
    request: () => Promise.reject(new Error('not asked for')),
    async invoke(_contextId, command, dataSet = []) {
      received = await buffer(Readable.from(dataSet));
      return { ...command, status: 0 };
    },
  };
  const parts = {
    file: async function* () {
      for (let at = 0; at < file.length; at += 65_537) yield file.subarray(at, at + 65_537);
    },
    producible: () => [],
    converted: () => Promise.reject(new Error('not asked for')),
  };
  const instance = {
    sopClassUid: uids.ctImageStorage,
    sopInstanceUid: '1.2.3',
    transferSyntaxUid,
    size,
    dataSetOffset,
  };
  const { send } = await prepareInstance(peer, parts, instance);
  await send({ priority: 0 });
  return received!;
}

describe.each([
  ['a small', 1_000],
  ['a large', 5_000_000],
])('%s instance with', (_size, bytes) => {
  it('an even number of bytes is sent as it is', async () => {
    const dataSet = await sent(bytes, uids.explicitLittleEndian);
    expect(dataSet.equals(Buffer.alloc(bytes - dataSetOffset, 'x'))).toBe(true);
  });

  it('an odd number of bytes is not sent, as nobody knows what it lacks', async () => {
    await expect(sent(bytes + 1, uids.explicitLittleEndian)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('odd number of bytes'),
    });
  });

  it('an odd number of deflated bytes gets the NULL that is to be behind them', async () => {
    const dataSet = await sent(bytes + 1, transferSyntaxUids.deflatedExplicitVrLittleEndian);
    const padded = Buffer.concat([Buffer.alloc(bytes + 1 - dataSetOffset, 'x'), Buffer.alloc(1)]);
    expect(dataSet.equals(padded)).toBe(true);
  });
});
