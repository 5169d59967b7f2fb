import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInstanceScan } from '../../src/ingest/inflating.ts';
import { associateRaw, echoRq, releaseRq, storeRq, uids } from '../support/dimse-raw-client.ts';
import { hasSharedFiles, malformedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What is wrong with these lies in the file header, which C-STORE does not send. */
const onlyInTheHeader = new Set(['15_truncated_meta', '94_empty_file', '95_text_file']);

/** The data set behind the file header, as a modality would send it, with the UIDs and transfer syntax of the header. */
async function asSent(file: Buffer): Promise<{
  dataSet: Buffer;
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
}> {
  const hasHeader = file.subarray(128, 132).toString('latin1') === 'DICM';
  const scan = createInstanceScan();
  try {
    await scan.push(file);
    await scan.end();
  } catch {
    // What it learned before it refused is enough.
  }
  const {
    sopClassUid = uids.ctImageStorage,
    sopInstanceUid = '1.2.3.4',
    transferSyntaxUid = uids.explicitLittleEndian,
  } = scan.identity;
  const dataSet = file.subarray(hasHeader ? endOfHeader(file) : 0);
  return { dataSet, sopClassUid, sopInstanceUid, transferSyntaxUid };
}

/** Where group 0002 ends, found by walking it, as its length may be wrong or missing. */
function endOfHeader(file: Buffer): number {
  let at = 132;
  while (at + 8 <= file.length && file.readUInt16LE(at) === 0x0002) {
    const isLong = ['OB', 'OW', 'SQ', 'UN', 'UT'].includes(file.toString('latin1', at + 4, at + 6));
    at += isLong ? 12 + file.readUInt32LE(at + 8) : 8 + file.readUInt16LE(at + 6);
  }
  return Math.min(at, file.length);
}

describe.skipIf(!hasSharedFiles)('malformed files sent by C-STORE (needs ../shared)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it.each(malformedFiles().filter(({ name }) => !onlyInTheHeader.has(name)))(
    '$name: $why → $expect',
    async ({ path, expect: expected }) => {
      const { dataSet, sopClassUid, sopInstanceUid, transferSyntaxUid } = await asSent(readFileSync(path));
      const client = await associateRaw(server.dimsePort, {
        contexts: [
          { id: 1, abstractSyntaxUid: sopClassUid, transferSyntaxUids: [transferSyntaxUid] },
          { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
        ],
      });
      client.send(storeRq(dataSet, { sopInstanceUid, sopClassUid }));
      const answer = await client.nextCommand();
      const status = answer.status ?? -1;
      const accepted = status === 0 || (status & 0xf000) === 0xb000;
      if (expected === 'accept') expect(accepted, JSON.stringify(answer)).toBe(true);
      if (expected === 'reject') expect(accepted, JSON.stringify(answer)).toBe(false);
      if (!accepted) expect(answer.errorComment ?? '', JSON.stringify(answer)).not.toBe('');
      client.send(echoRq(2));
      expect((await client.nextCommand()).status).toBe(0);
      client.send(releaseRq);
      await client.closed;
    },
  );
});
