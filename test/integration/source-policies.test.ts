import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  [server, folder] = await Promise.all([
    startTestServer({ CAUSEWAY_ON_DIFFERENT_CONTENT_OF: 'dimse:NEWER=replace, dimse:OLDER=keep, stow:127.0.0.1=keep' }),
    mkdtemp(join(tmpdir(), 'causeway-policies-')),
  ]);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const version = (name: string) =>
  buildPart10({
    elements: ctElements({ study: '2.25.60', series: '2.25.61', instance: '2.25.62' }, element('00081030', 'LO', name)),
  });

async function storedVersion(): Promise<unknown> {
  const response = await fetch(`${server.web}/studies/2.25.60/metadata`);
  const [instance] = (await response.json()) as DicomJson[];
  return instance?.['00081030']?.Value?.[0];
}

async function sendBy(aeTitle: string, name: string): Promise<string> {
  const path = join(folder, `${name}.dcm`);
  await writeFile(path, version(name));
  const args = ['-v', '-aet', aeTitle, '-aec', 'CAUSEWAY', '127.0.0.1', String(server.dimsePort), path];
  return (await runProgram('storescu', args)).output;
}

describe.skipIf(!hasProgram('storescu'))('different content under a known SOP Instance UID (needs dcmtk)', () => {
  it('is refused, taken or passed over with a warning as the configuration says of its sender', async () => {
    expect((await stow(server.web, [version('first')])).status).toBe(200);
    expect(await sendBy('ANYONE', 'second')).toMatch(/0x0?111/);
    expect(await storedVersion()).toBe('first');
    expect(await sendBy('OLDER', 'third')).toMatch(/Warning: ElementsDiscarded/);
    expect(await storedVersion()).toBe('first');
    expect(await sendBy('NEWER', 'fourth')).toMatch(/Success/);
    expect(await storedVersion()).toBe('fourth');
    const response = await stow(server.web, [version('fifth')]);
    expect(response.status).toBe(202);
    const answer = (await response.json()) as DicomJson;
    expect(answer['00081198']).toBeUndefined();
    expect(answer['00081199']?.Value).toEqual([
      expect.objectContaining({
        '00000902': { vr: 'LO', Value: [expect.stringContaining('different content stays')] },
        '00081155': { vr: 'UI', Value: ['2.25.62'] },
        '00081196': { vr: 'US', Value: [0xb006] },
      }),
    ]);
    expect(await storedVersion()).toBe('fourth');
  });
});
