import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, ctElements, element, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { hasProgram, runProgram } from '../support/peer-programs.ts';

import { startTestServer, type TestServer } from '../support/test-server.ts';

const debianPython = '/usr/bin/python3';
const hasPydicom = spawnSync(debianPython, ['-c', 'import pydicom']).status === 0;
const study = '1.2.826.0.1.3680043.10.999.2';

function file(series: number, instance: number): Buffer {
  const uids = { study, series: `${study}.${series}`, instance: `${study}.${series}.${instance}` };
  return buildPart10({
    elements: ctElements(
      uids,
      element('00080005', 'CS', 'ISO_IR 192'),
      element('00080020', 'DA', '20240229'),
      element('00080030', 'TM', '101112'),
      element('00080050', 'SH', 'A1'),
      element('00200010', 'SH', 'S1'),
      element('00200011', 'IS', String(series)),
      element('00200013', 'IS', String(instance)),
      ...pixelElements({ rows: 64, columns: 64, pixelData: Buffer.alloc(64 * 64 * 2, instance) }),
    ),
  });
}

describe.runIf(hasProgram('unzip') && hasProgram('dcmdump'))('a study as a ZIP archive', () => {
  const sent = [1, 2].flatMap((series) => [1, 2, 3].map((instance) => file(series, instance)));
  let server: TestServer;
  let folder: string;

  beforeAll(async () => {
    server = await startTestServer();
    folder = await mkdtemp(join(tmpdir(), 'causeway-file-set-'));
    expect((await stow(server.web, sent)).status).toBe(200);
    const response = await fetch(`${server.web}/studies/${study}`, { headers: { Accept: 'application/zip' } });
    expect(response.status).toBe(200);
    await writeFile(join(folder, 'study.zip'), Buffer.from(await response.arrayBuffer()));
    await runProgram('unzip', ['-q', 'study.zip', '-d', 'files'], { cwd: folder });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is one that unzip finds no fault with', async () => {
    const { code, output } = await runProgram('unzip', ['-t', 'study.zip'], { cwd: folder });
    expect(output).toContain('No errors detected');
    expect(code).toBe(0);
  });

  it('holds every file byte for byte under its file ID', async () => {
    const found = [1, 2].flatMap((series) => [1, 2, 3].map((instance) => `DICOM/SE00000${series}/IM00000${instance}`));
    expect(await Promise.all(found.map((name) => readFile(join(folder, 'files', name))))).toEqual(sent);
  });

  it('has a DICOMDIR that dcmdump reads without a warning', async () => {
    const { code, output } = await runProgram('dcmdump', [join(folder, 'files', 'DICOMDIR')]);
    expect(code).toBe(0);
    expect(output).not.toMatch(/^[EW]:/m);
    expect(output.match(/\(0004,1430\) CS \[IMAGE\]/g)).toHaveLength(6);
  });

  it.runIf(hasProgram('dcmmkdir'))(
    'has a DICOMDIR with the same tree and keys as that which dcmmkdir writes',
    async () => {
      const files = join(folder, 'files');
      await mkdir(join(folder, 'theirs'));
      const theirs = join(folder, 'theirs', 'DICOMDIR');
      const made = await runProgram('dcmmkdir', ['-Pgp', '+r', '+id', files, '+D', theirs, 'DICOM'], { cwd: files });
      expect(made.code, made.output).toBe(0);
      expect(await recordsOf(join(files, 'DICOMDIR'))).toEqual(await recordsOf(theirs));
    },
  );

  it.runIf(hasProgram('dcmmkdir'))('has a DICOMDIR to which dcmmkdir can append', async () => {
    const files = join(folder, 'files');
    await writeFile(join(files, 'NEW'), file(3, 1));
    const appended = await runProgram('dcmmkdir', ['-Pgp', '+A', 'NEW'], { cwd: files });
    expect(appended.code, appended.output).toBe(0);
    expect((await recordsOf(join(files, 'DICOMDIR'))).filter((one) => one.includes('IMAGE'))).toHaveLength(7);
    await rm(join(files, 'NEW'));
  });

  it.runIf(hasPydicom)('has a DICOMDIR through which pydicom finds every file', async () => {
    await runProgram('unzip', ['-qo', 'study.zip', '-d', 'files'], { cwd: folder });
    const script = join(import.meta.dirname, 'pydicom-file-set.py');
    const { code, output } = await runProgram(debianPython, [script, join(folder, 'files', 'DICOMDIR')]);
    expect(code, output).toBe(0);
    const found = JSON.parse(output) as Record<string, object>;
    expect(Object.keys(found)).toHaveLength(6);
    for (const [uid, one] of Object.entries(found)) {
      expect(one).toEqual({ file: uid, patient: true, study: true, series: true });
    }
  });
});

/** The records of a directory without their offsets, in no order; DCMTK writes text of the default repertoire only. */
async function recordsOf(path: string): Promise<string[]> {
  const { output } = await runProgram('dcmdump', ['+L', '-Un', path]);
  return output
    .split(/^ {2}\(fffe,e000\).*$/m)
    .slice(1)
    .map((record) =>
      record
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => /^\(/.test(line) && !/^\((0004,1400|0004,1420|0008,0005|fffe,....)\)/.test(line))
        .map((line) => line.replace(/\s+#.*$/, ''))
        .join('\n'),
    )
    .sort();
}
