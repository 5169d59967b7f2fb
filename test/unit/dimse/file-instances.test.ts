import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { transferSyntaxUids } from '../../../src/dicom/transfer-syntaxes.ts';
import { type FileInstance, readFileInstance } from '../../../src/dimse/file-instances.ts';
import { prepareInstance, type SendableInstance, type SendingParts } from '../../../src/dimse/send-instance.ts';
import type { Peer } from '../../../src/dimse/service.ts';
import { buildPart10, ctElements, encodeDataSet, pixelElements } from '../../support/dicom-builder.ts';
import { uids } from '../../support/dimse-raw-client.ts';
import { filesAsTheyAre } from '../../support/files-as-they-are.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-file-instances-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const elements = ctElements({ instance: '1.2.3' }, ...pixelElements({ rows: 8, columns: 8 }));
const dataSet = encodeDataSet(elements, { explicitVr: true, bigEndian: false });

function write(content: Uint8Array): string {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return path;
}

/** Sends a file, and returns the data set that the peer gets, if it gets it to its end. */
function sent(instance: FileInstance, before: () => void = () => {}): Promise<Buffer> {
  before();
  return sentBy(filesAsTheyAre, instance);
}

async function sentBy<I extends SendableInstance>(parts: SendingParts<I>, instance: I): Promise<Buffer> {
  let received: Buffer | undefined;
  const { sopClassUid: abstractSyntaxUid, transferSyntaxUid } = instance;
  const peer: Peer = {
    contexts: [{ id: 1, abstractSyntaxUid, transferSyntaxUid }],
    request: () => Promise.reject(new Error('not asked for')),
    async invoke(_contextId, command, bytes = []) {
      received = await buffer(Readable.from(bytes));
      return { ...command, status: 0 };
    },
  };
  const { send } = await prepareInstance(peer, parts, instance);
  await send({ priority: 0 });
  return received!;
}

const heads: readonly (readonly [string, Buffer])[] = [
  ['as it should be', buildPart10({ elements })],
  ['whose group length is wrong', buildPart10({ elements, groupLength: 20 })],
  ['without group length', buildPart10({ elements, groupLength: 'absent' })],
  ['without preamble', buildPart10({ elements, preamble: Buffer.alloc(0) })],
  ['without File Meta Information', dataSet],
];

describe('a file on its way to a peer', () => {
  it.each(heads)('%s is sent with all of its data set and nothing else', async (_how, file) => {
    const instance = await readFileInstance(write(file));
    expect(instance).toMatchObject({ sopInstanceUid: '1.2.3', transferSyntaxUid: uids.explicitLittleEndian });
    expect(await sent(instance)).toEqual(dataSet);
  });

  it('is sent deflated if it is', async () => {
    const deflated = buildPart10({ elements, transferSyntaxUid: transferSyntaxUids.deflatedExplicitVrLittleEndian });
    const instance = await readFileInstance(write(deflated));
    expect(instance).toMatchObject({ sopInstanceUid: '1.2.3', deflated: true });
    const bytes = await sent(instance);
    const stored = deflated.subarray(instance.dataSetOffset);
    expect(bytes.subarray(0, stored.length)).toEqual(stored);
  });

  it('is known to be cut off, however late', async () => {
    const large = buildPart10({ elements: ctElements({}, ...pixelElements({ rows: 1500, columns: 1500 })) });
    await expect(readFileInstance(write(large.subarray(0, -2)))).rejects.toMatchObject({ code: 'truncated' });
  });

  it('is told from what is no DICOM', async () => {
    await expect(readFileInstance(write(Buffer.from('no DICOM'.repeat(100))))).rejects.toMatchObject({
      code: 'not-dicom',
    });
    const unknown = buildPart10({ elements, claimedTransferSyntaxUid: '1.2.3.4' });
    await expect(readFileInstance(write(unknown))).rejects.toMatchObject({ code: 'transfer-syntax-unsupported' });
  });

  describe.each([
    ['small', 8],
    ['large', 1_500],
  ])('and %s', (_size, rows) => {
    const file = buildPart10({ elements: ctElements({}, ...pixelElements({ rows, columns: rows })) });

    it.each([
      ['shorter', (path: string) => truncateSync(path, file.length - 100)],
      ['longer', (path: string) => appendFileSync(path, Buffer.alloc(100))],
      ['empty', (path: string) => truncateSync(path, 0)],
    ])('does not arrive as a whole where it has become %s', async (_how, change) => {
      const path = write(file);
      const instance = await readFileInstance(path);
      await expect(sent(instance, () => change(path))).rejects.toMatchObject({ code: 'stored-file-damaged' });
    });
  });
});

describe('a stream on its way to a peer', () => {
  const names = { sopClassUid: uids.ctImageStorage, sopInstanceUid: '1.2.3' };
  const stream = { ...names, transferSyntaxUid: uids.explicitLittleEndian, size: Number.POSITIVE_INFINITY };

  /** What the peer gets of a file that comes in pieces of so many bytes. */
  function streamed(file: Buffer, pieceBytes: number, instance: SendableInstance = stream): Promise<Buffer> {
    const nobody = () => Promise.reject(new Error('not asked for'));
    const parts = {
      async *file() {
        for (let at = 0; at < file.length; at += pieceBytes) yield file.subarray(at, at + pieceBytes);
      },
      producible: () => [],
      converted: nobody,
    };
    return sentBy(parts, instance);
  }

  it.each(heads)('%s is sent with all of its data set and nothing else', async (_how, file) => {
    for (const pieceBytes of [1, 7, 133, file.length]) expect(await streamed(file, pieceBytes)).toEqual(dataSet);
  });

  it('is sent deflated if it is', async () => {
    const transferSyntaxUid = transferSyntaxUids.deflatedExplicitVrLittleEndian;
    const deflated = buildPart10({ elements, transferSyntaxUid });
    const { dataSetOffset } = await readFileInstance(write(deflated));
    const stored = deflated.subarray(dataSetOffset);
    // With the NULL that is to be behind an odd number of bytes.
    const padded = Buffer.concat([stored, Buffer.alloc(stored.length % 2)]);
    for (const pieceBytes of [1, deflated.length]) {
      expect(await streamed(deflated, pieceBytes, { ...stream, transferSyntaxUid })).toEqual(padded);
    }
  });

  const file = buildPart10({ elements });
  it.each([
    ['is empty', 0, 'not-dicom'],
    ['ends inside its head', 200, 'truncated'],
    ['ends where its data set should begin', file.length - dataSet.length, 'truncated'],
  ])('that %s is not sent', async (_how, bytes, code) => {
    await expect(streamed(file.subarray(0, bytes), 64)).rejects.toMatchObject({ code });
  });

  it('that is no DICOM is not sent', async () => {
    await expect(streamed(Buffer.alloc(1_000, 'x'), 64)).rejects.toMatchObject({ code: 'not-dicom' });
  });
});
