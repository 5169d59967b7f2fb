import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPart10Scanner } from '../../src/dicom/part10-scanner.ts';
import { associateRaw, echoRq, releaseRq, storeRq, uids } from '../support/dimse-raw-client.ts';
import { hasSharedFiles, malformedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What is wrong with these lies in the file header, which C-STORE does not send. */
const onlyInTheHeader = new Set(['15_truncated_meta', '94_empty_file', '95_text_file']);

/** The data set behind the file header, as a modality would send it, with the UIDs and transfer syntax of the header. */
function asSent(file: Buffer): { dataSet: Buffer; sopInstanceUid: string; transferSyntaxUid: string } {
  const hasHeader = file.subarray(128, 132).toString('latin1') === 'DICM';
  const scanner = createPart10Scanner();
  try {
    scanner.push(file);
  } catch {
    // What it learned before it refused is enough.
  }
  const { sopInstanceUid = '1.2.3.4', transferSyntaxUid = uids.explicitLittleEndian } = scanner.identity;
  const firstOfDataSet = hasHeader ? file.indexOf(Buffer.from([0x08, 0x00]), 132 + 12) : 0;
  return { dataSet: file.subarray(Math.max(firstOfDataSet, 0)), sopInstanceUid, transferSyntaxUid };
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
      const { dataSet, sopInstanceUid, transferSyntaxUid } = asSent(readFileSync(path));
      const client = await associateRaw(server.dimsePort, {
        contexts: [
          { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUids: [transferSyntaxUid] },
          { id: 3, abstractSyntaxUid: uids.verification, transferSyntaxUids: [uids.implicitLittleEndian] },
        ],
      });
      client.send(storeRq(dataSet, { sopInstanceUid, sopClassUid: uids.ctImageStorage }));
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
