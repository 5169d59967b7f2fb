import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';
import { prepareInstance } from '../../../src/dimse/send-instance.ts';
import type { Peer } from '../../../src/dimse/service.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { buildPart10, ctElements } from '../../support/dicom-builder.ts';
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

/** What a peer that takes one transfer syntax gets of a file that comes in pieces, and in which order it happens. */
async function sentPieces(pieces: readonly Buffer[], as: 'stored' | 'converted', transferSyntaxUid: string) {
  const steps: string[] = [];
  const received: Uint8Array[] = [];
  const peer: Peer = {
    contexts: [{ id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUid }],
    request: () => Promise.reject(new Error('not asked for')),
    async invoke(_contextId, command, dataSet = []) {
      steps.push('command');
      for await (const chunk of dataSet) received.push(chunk);
      return { ...command, status: 0 };
    },
  };
  async function* file() {
    yield buildPart10({ elements: [], claimedTransferSyntaxUid: transferSyntaxUid });
    yield* pieces;
    steps.push('end of the file');
  }
  const parts = { file, producible: () => [transferSyntaxUid], converted: async () => file() };
  const instance = {
    sopClassUid: uids.ctImageStorage,
    sopInstanceUid: '1.2.3',
    transferSyntaxUid: as === 'stored' ? transferSyntaxUid : '1.2.840.10008.1.2.4.90',
    size: Number.POSITIVE_INFINITY,
  };
  const { send } = await prepareInstance(peer, parts, instance);
  const failure = await send({ priority: 0 }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { steps, dataSet: Buffer.concat(received), failure };
}

describe('an instance whose length its end tells', () => {
  const { deflatedExplicitVrLittleEndian } = transferSyntaxUids;
  const isOdd = { code: 'malformed', message: expect.stringContaining('odd number of bytes') };

  it('is converted as a whole before anything is sent, and not sent if it is odd', async () => {
    const odd = await sentPieces([Buffer.alloc(9), Buffer.alloc(1_000_000)], 'converted', uids.explicitLittleEndian);
    expect(odd.failure).toMatchObject(isOdd);
    expect(odd.steps).toEqual(['end of the file']);
    const even = await sentPieces(
      [Buffer.alloc(9), Buffer.alloc(1_000_001, 'x')],
      'converted',
      uids.explicitLittleEndian,
    );
    expect(even.steps).toEqual(['end of the file', 'command']);
    expect(even.dataSet.equals(Buffer.concat([Buffer.alloc(9), Buffer.alloc(1_000_001, 'x')]))).toBe(true);
  });

  it('goes out while it is converted if it is long, and fails by itself if it is odd', async () => {
    const pieces = Array.from({ length: 5 }, (_, at) => Buffer.alloc(1_000_001, at));
    const long = await sentPieces(pieces, 'converted', uids.explicitLittleEndian);
    expect(long.failure).toMatchObject(isOdd);
    expect(long.steps).toEqual(['command', 'end of the file']);
    expect(long.dataSet.equals(Buffer.concat(pieces))).toBe(true);
  });

  it('gets the NULL that is to be behind an odd number of deflated bytes', async () => {
    const { failure, dataSet } = await sentPieces([Buffer.of(1, 2, 3)], 'stored', deflatedExplicitVrLittleEndian);
    expect(failure).toBeUndefined();
    expect(dataSet).toEqual(Buffer.of(1, 2, 3, 0));
  });
});

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

describe('an instance for a peer that prefers transfer syntaxes', () => {
  const { jpegLsLossless, jpegBaseline, jpeg2000Lossless } = transferSyntaxUids;
  const { explicitLittleEndian, implicitLittleEndian } = uids;
  const basicTextSr = '1.2.840.10008.5.1.4.1.1.88.11';
  const native = [explicitLittleEndian, implicitLittleEndian];

  /** In which transfer syntax it goes out. @param unable what turns out not to be possible when it is tried */
  async function sentIn(
    preferred: readonly string[],
    stored: { readonly transferSyntaxUid: string; readonly sopClassUid?: string },
    unable: readonly string[] = [],
  ): Promise<string> {
    const { sopClassUid = uids.ctImageStorage, transferSyntaxUid } = stored;
    const contexts = [...new Set([...preferred, ...native])].map((uid, at) => ({
      id: 2 * at + 1,
      abstractSyntaxUid: sopClassUid,
      transferSyntaxUid: uid,
    }));
    let used = 0;
    const peer: Peer = {
      contexts,
      request: () => Promise.reject(new Error('not asked for')),
      async invoke(contextId, command) {
        used = contextId;
        return { ...command, status: 0 };
      },
    };
    const file = buildPart10({ elements: ctElements() });
    const parts = {
      async *file() {
        yield file;
      },
      producible: () => [explicitLittleEndian, jpegLsLossless, jpeg2000Lossless, jpegBaseline],
      async converted(_: unknown, uid: string) {
        if (unable.includes(uid)) throw new CausewayError('transfer-syntax-unsupported', 'It cannot be done.');
        return parts.file();
      },
    };
    const instance = { sopClassUid, sopInstanceUid: '1.2.3', transferSyntaxUid, size: Number.POSITIVE_INFINITY };
    const { send } = await prepareInstance(peer, parts, instance, preferred);
    await send({ priority: 0 });
    return contexts.find(({ id }) => id === used)!.transferSyntaxUid;
  }

  it('goes out in the first that can be had, be it stored in another of them', async () => {
    const native = { transferSyntaxUid: explicitLittleEndian };
    expect(await sentIn([jpegLsLossless, explicitLittleEndian], native)).toBe(jpegLsLossless);
    expect(await sentIn([implicitLittleEndian, explicitLittleEndian], native)).toBe(implicitLittleEndian);
    expect(await sentIn([explicitLittleEndian, jpegLsLossless], { transferSyntaxUid: jpegLsLossless })).toBe(
      explicitLittleEndian,
    );
  });

  it('goes out in the next where the first turns out not to be possible, at last without compression', async () => {
    const stored = { transferSyntaxUid: explicitLittleEndian };
    expect(await sentIn([jpegLsLossless, jpeg2000Lossless], stored, [jpegLsLossless])).toBe(jpeg2000Lossless);
    expect(await sentIn([jpegLsLossless], stored, [jpegLsLossless])).toBe(explicitLittleEndian);
  });

  it('is not compressed if it has no pixels', async () => {
    const report = { sopClassUid: basicTextSr, transferSyntaxUid: explicitLittleEndian };
    expect(await sentIn([jpegLsLossless], report)).toBe(explicitLittleEndian);
    expect(await sentIn([jpegLsLossless, implicitLittleEndian], report)).toBe(implicitLittleEndian);
  });

  it('loses nothing by it, and is not compressed anew if it has lost something before', async () => {
    const stored = { transferSyntaxUid: explicitLittleEndian };
    expect(await sentIn([jpegBaseline, jpegLsLossless], stored)).toBe(jpegLsLossless);
    expect(await sentIn([jpegLsLossless, jpegBaseline], { transferSyntaxUid: jpegBaseline })).toBe(jpegBaseline);
  });
});
