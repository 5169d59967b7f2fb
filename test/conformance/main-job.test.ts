import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What DCMTK 3.6.7 itself cannot read or name, and so cannot send; these go in by STOW-RS instead. */
const beyondDcmtk = new Map([
  ['1.2.840.10008.1.2.4.110', 'JPEG XL'],
  ['1.2.840.10008.1.2.4.111', 'JPEG XL'],
  ['1.2.840.10008.1.2.4.112', 'JPEG XL'],
  ['1.2.840.10008.1.2.4.201', 'HTJ2K'],
  ['1.2.840.10008.1.2.4.202', 'HTJ2K'],
  ['1.2.840.10008.1.2.4.203', 'HTJ2K'],
  ['1.2.840.10008.1.2.8.1', 'deflated frames'],
]);

function dataSetOf(part10: Buffer): Buffer {
  // (0002,0000) counts the bytes of the file meta information that follow it.
  return part10.subarray(144 + part10.readUInt32LE(140));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(!hasSharedFiles || !hasProgram('dcmsend'))(
  'real files sent by DCMTK (needs ../shared and dcmtk)',
  () => {
    let server: TestServer;
    let dir: string;
    /** Hash of the data set, as an independent receiver (DCMTK's bit-preserving storescp) got it, by SOP Instance UID. */
    const sent = new Map<string, string>();

    beforeAll(async () => {
      server = await startTestServer();
      dir = mkdtempSync(join(tmpdir(), 'causeway-main-job-'));
    });
    afterAll(async () => {
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    });

    const files = sharedFiles().filter(({ name, storable }) => name.startsWith('real/') && storable);
    const unique = files.filter(
      (file, at) => files.findIndex(({ sopInstanceUid }) => sopInstanceUid === file.sopInstanceUid) === at,
    );
    const byDimse = unique.filter(({ transferSyntaxUid }) => !beyondDcmtk.has(transferSyntaxUid));
    const series = sharedSeries('ct_philips_58');

    async function dcmsend(port: number, paths: readonly string[]): Promise<string> {
      const list = ['-aec', 'CAUSEWAY', '--no-uid-checks', '-v', '127.0.0.1', String(port), ...paths];
      const { code, output } = await runProgram('dcmsend', list);
      expect(code, output).toBe(0);
      return output;
    }

    async function dataSetsAsReceivedByStorescp(paths: readonly string[]): Promise<void> {
      const received = join(dir, 'storescp');
      mkdirSync(received);
      const port = await freePort();
      const storescp = spawn('storescp', ['+xa', '+B', '-pm', '-od', received, String(port)], {
        stdio: 'ignore',
        env: { ...process.env, TCP_NODELAY: '1' },
      });
      try {
        await answersEcho(port);
        await dcmsend(port, paths);
      } finally {
        storescp.kill();
      }
      for (const name of readdirSync(received)) {
        const bytes = readFileSync(join(received, name));
        sent.set(sopInstanceUidOf(bytes), sha256(dataSetOf(bytes)));
      }
    }

    it('are stored, every one, and come back with the data set bytes that were sent', async () => {
      const paths = [...byDimse.map(({ path }) => path), ...series];
      const output = await dcmsend(server.dimsePort, paths);
      expect(output).not.toMatch(/refused|failed with|Status code: [^0]/i);
      await dataSetsAsReceivedByStorescp(paths);
      expect(sent.size).toBeGreaterThanOrEqual(byDimse.length);
      for (const [sopInstanceUid, hash] of sent) {
        expect(sha256(dataSetOf(await retrieve(sopInstanceUid))), sopInstanceUid).toBe(hash);
      }
    });

    it.each(unique.filter(({ transferSyntaxUid }) => beyondDcmtk.has(transferSyntaxUid)))(
      'are stored by STOW-RS where DCMTK does not know the transfer syntax: $name',
      async (file) => {
        const bytes = readFileSync(file.path);
        const answer = await stow(server.web, [bytes]);
        expect(answer.status, await answer.text()).toBe(200);
        expect(sha256((await retrieve(file.sopInstanceUid)).subarray(128))).toBe(sha256(bytes.subarray(128)));
      },
    );

    it('are found by name, id, date, modality and UID', async () => {
      const query = async (parameters: string) => {
        const answer = await fetch(`${server.web}/studies?${parameters}`);
        expect(answer.status, parameters).toBe(200);
        return (await answer.json()) as Record<string, { Value?: unknown[] }>[];
      };
      const all = await query('limit=1000');
      expect(all.length).toBe(new Set(unique.map(({ studyInstanceUid }) => studyInstanceUid)).size);
      for (const study of all.slice(0, 40)) {
        const uid = study['0020000D']?.Value?.[0];
        const uids = (matches: typeof all) => matches.map((match) => match['0020000D']?.Value?.[0]);
        const name = study['00100010']?.Value?.[0] as { Alphabetic?: string } | undefined;
        const patientId = study['00100020']?.Value?.[0];
        const date = study['00080020']?.Value?.[0];
        const keys = [
          `StudyInstanceUID=${uid}`,
          ...(name?.Alphabetic ? [`PatientName=${encodeURIComponent(name.Alphabetic.toUpperCase())}`] : []),
          ...(patientId ? [`00100020=${encodeURIComponent(String(patientId))}`] : []),
          ...(date ? [`StudyDate=${String(date)}-${String(date)}`] : []),
          ...(study['00080061']?.Value?.[0] ? [`ModalitiesInStudy=${String(study['00080061'].Value[0])}`] : []),
        ];
        for (const key of keys) expect(uids(await query(`${key}&limit=1000`)), key).toContain(uid);
      }
    });

    async function retrieve(sopInstanceUid: string): Promise<Buffer> {
      const found = await fetch(`${server.web}/instances?SOPInstanceUID=${sopInstanceUid}`);
      const [match] = (await found.json()) as Record<string, { Value: string[] }>[];
      const [study, series, instance] = ['0020000D', '0020000E', '00080018'].map((tag) => match?.[tag]?.Value[0]);
      const answer = await fetch(`${server.web}/studies/${study}/series/${series}/instances/${instance}`, {
        headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
      });
      expect(answer.status).toBe(200);
      const parts = splitMultipart(Buffer.from(await answer.arrayBuffer()), answer.headers.get('content-type') ?? '');
      expect(parts).toHaveLength(1);
      return parts[0]!.body;
    }
  },
);

/** (0002,0003) of a file whose meta group was written by DCMTK. */
function sopInstanceUidOf(part10: Buffer): string {
  const at = part10.indexOf(Buffer.from([0x02, 0x00, 0x03, 0x00, 0x55, 0x49]));
  const length = part10.readUInt16LE(at + 6);
  return part10
    .subarray(at + 8, at + 8 + length)
    .toString('latin1')
    .replace(/\0$/, '');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

async function answersEcho(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { code } = await runProgram('echoscu', ['127.0.0.1', String(port)]);
    if (code === 0) return;
  }
  throw new Error('storescp does not answer');
}
