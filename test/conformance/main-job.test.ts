import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSetOf } from '../support/dimse-server.ts';
import { startDimseTap } from '../support/dimse-tap.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { hasSharedFiles, sharedFiles, sharedSeries } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/**
 * Carry the four UIDs, but are no Part 10 files: data sets without preamble and file meta information, which dcmsend does
 * not send and PS3.18 §10.5 does not let through.
 */
const bareDataSets = ['rtstruct.dcm', 'ExplVR_LitEndNoMeta.dcm'];

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(!hasSharedFiles || !hasProgram('dcmsend'))(
  'real files sent by DCMTK (needs ../shared and dcmtk)',
  () => {
    let server: TestServer;
    let sent: Map<string, string>;

    beforeAll(async () => {
      server = await startTestServer();
    });
    afterAll(async () => {
      await server.close();
    });

    const files = sharedFiles().filter(
      ({ name, storable }) =>
        name.startsWith('real/') && storable && !bareDataSets.some((bare) => name.endsWith(`/${bare}`)),
    );
    const unique = files.filter(
      (file, at) => files.findIndex(({ sopInstanceUid }) => sopInstanceUid === file.sopInstanceUid) === at,
    );
    const series = sharedSeries('ct_philips_58');

    async function dcmsend(port: number, paths: readonly string[]): Promise<string> {
      const options = ['-aec', 'CAUSEWAY', '--no-uid-checks', '--no-halt', '-v'];
      const { output } = await runProgram('dcmsend', [...options, '127.0.0.1', String(port), ...paths]);
      return output;
    }

    it('are stored, every one, and come back with the data set bytes that were sent', {
      timeout: 120_000,
    }, async () => {
      const paths = [...unique.map(({ path }) => path), ...series];
      const tap = await startDimseTap(server.dimsePort);
      const output = await dcmsend(tap.port, paths);
      await tap.close();
      sent = tap.dataSets();
      const count = (what: RegExp) => Number(what.exec(output)?.[1]);
      const kept = count(/with status SUCCESS\s*: (\d+)/) + count(/with status WARNING\s*: (\d+)/);
      expect(kept, output).toBe(count(/- sent to the peer\s*: (\d+)/));
      expect(sent.size).toBeGreaterThan(180);
      for (const [sopInstanceUid, hash] of sent) {
        expect(sha256(dataSetOf(await retrieve(sopInstanceUid))), sopInstanceUid).toBe(hash);
      }
    });

    it('are stored by STOW-RS where dcmsend cannot send them, and come back byte for byte', async () => {
      const rest = unique.filter(({ sopInstanceUid }) => !sent.has(sopInstanceUid));
      for (const { path, name, sopInstanceUid } of rest) {
        const bytes = readFileSync(path);
        const answer = await stow(server.web, [bytes]);
        expect(answer.status, `${name}: ${await answer.text()}`).toBe(200);
        const stored = await retrieve(sopInstanceUid);
        expect(sha256(stored.subarray(128)), name).toBe(sha256(bytes.subarray(128)));
      }
      expect(rest.length).toBeLessThan(10);
    });

    it('are found by name, id, date, modality and UID', async () => {
      const query = async (parameters: string) => {
        const answer = await fetch(`${server.web}/studies?${parameters}`);
        expect(answer.status, parameters).toBe(200);
        return (await answer.json()) as Record<string, { Value?: unknown[] }>[];
      };
      const all = await query('limit=1000');
      expect(all.length).toBeGreaterThanOrEqual(new Set(unique.map(({ studyInstanceUid }) => studyInstanceUid)).size);
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
