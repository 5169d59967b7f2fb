import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, element, inTagOrder, pixelElements, sequence } from '../support/dicom-builder.ts';
import { dataSetOf } from '../support/dimse-server.ts';
import { freePort } from '../support/free-port.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasProgram, type ProgramResult, runProgram } from '../support/peer-programs.ts';
import { build } from '../support/spawned-server.ts';

const home = resolve(import.meta.dirname, '../..');
const examplesDir = join(home, 'docs/examples/dimse');
const examples = readdirSync(examplesDir).map((name) => basename(name, '.ts'));
const sourceOf = (name: string): string => readFileSync(join(examplesDir, `${name}.ts`), 'utf8');
const study = '1.2.826.0.1.3680043.10.999.4';
const numbers = [1, 2, 3, 4, 5];

function slice(number: number): Buffer {
  return buildPart10({
    elements: inTagOrder([
      element('00080005', 'CS', 'ISO_IR 192'),
      element('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'),
      element('00080018', 'UI', `${study}.1.${number}`),
      element('00080020', 'DA', '20240301'),
      element('00080030', 'TM', '101112'),
      element('00080060', 'CS', 'CT'),
      element('00100010', 'PN', 'Müller^Jörg'),
      element('00100020', 'LO', 'LIB-1'),
      element('0020000D', 'UI', study),
      element('0020000E', 'UI', `${study}.1`),
      element('00200010', 'SH', 'S1'),
      element('00200011', 'IS', '1'),
      element('00200013', 'IS', String(number)),
      ...pixelElements({ rows: 8, columns: 8, pixelData: Buffer.alloc(128, number) }),
    ]),
  });
}

const hash = (file: Buffer): string => createHash('sha256').update(dataSetOf(file)).digest('hex');
const hashesIn = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => hash(readFileSync(join(folder, name))))
    .sort();
const sent = numbers.map((number) => hash(slice(number))).sort();

describe('the page about the library', () => {
  it('has examples of fewer than 20 lines', () => {
    expect(examples).toHaveLength(9);
    for (const name of examples) expect(sourceOf(name).trimEnd().split('\n').length, name).toBeLessThan(20);
  });
});

describe.skipIf(!hasOrthanc || !hasProgram('wlmscpfs'))('causeway/dimse, packed and installed elsewhere', () => {
  let consumer: string;
  let orthanc: Orthanc;
  let ourPort: number;
  let worklistPort: number;

  /** Runs an example as it stands on the page, but for the addresses in it. */
  function prepare(name: string): string {
    const source = sourceOf(name)
      .replaceAll('127.0.0.1:4242', `127.0.0.1:${orthanc.dicomPort}`)
      .replaceAll('127.0.0.1:4243', `127.0.0.1:${worklistPort}`)
      .replaceAll('11112', String(ourPort));
    const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
    const script = join(consumer, `${name}.mjs`);
    writeFileSync(script, outputText);
    return script;
  }
  const run = (name: string): Promise<ProgramResult> =>
    runProgram(process.execPath, [prepare(name)], { cwd: consumer, timeoutMs: 25_000 });

  beforeAll(async () => {
    build();
    consumer = mkdtempSync(join(tmpdir(), 'causeway-consumer-'));
    const packed = spawnSync('npm', ['pack', '--pack-destination', consumer, '--silent'], {
      cwd: home,
      encoding: 'utf8',
    });
    expect(packed.status, packed.stderr).toBe(0);
    const modules = join(consumer, 'node_modules');
    mkdirSync(join(modules, 'causeway'), { recursive: true });
    const tarball = join(consumer, packed.stdout.trim());
    spawnSync('tar', ['-xzf', tarball, '-C', join(modules, 'causeway'), '--strip-components=1']);
    // Of all that the package depends on, the library needs the dictionary only.
    symlinkSync(join(home, 'node_modules/dcmjs'), join(modules, 'dcmjs'));
    mkdirSync(join(modules, '@types'));
    symlinkSync(join(home, 'node_modules/@types/node'), join(modules, '@types/node'));
    symlinkSync(join(home, 'node_modules/undici-types'), join(modules, 'undici-types'));

    mkdirSync(join(consumer, 'images'));
    for (const number of numbers) writeFileSync(join(consumer, 'images', `${number}.dcm`), slice(number));
    writeFileSync(join(consumer, 'images', 'notes.txt'), 'no image');
    ourPort = await freePort();
    worklistPort = await freePort();
    orthanc = await startOrthanc(
      {},
      {
        aeTitle: 'ORTHANC',
        modalities: { reader: ['READER', '127.0.0.1', ourPort], sender: ['SENDER', '127.0.0.1', ourPort] },
        settings: { DicomAlwaysAllowFind: true, DicomAlwaysAllowGet: true },
      },
    );
  }, 120_000);
  afterAll(async () => {
    await orthanc.stop();
    rmSync(consumer, { recursive: true, force: true });
  });

  it('has types for a strict consumer', async () => {
    for (const name of examples) writeFileSync(join(consumer, `${name}.ts`), sourceOf(name));
    writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      module: 'NodeNext',
      target: 'ES2023',
      lib: ['ES2023'],
      types: ['node'],
      noEmit: true,
      // Types of the package itself, not those of Node.
      skipLibCheck: false,
    };
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const tsc = join(home, 'node_modules/typescript/bin/tsc');
    const { code, output } = await runProgram(process.execPath, [tsc, '-p', consumer], { cwd: consumer });
    expect(output).toBe('');
    expect(code).toBe(0);
  }, 60_000);

  it('sends files to Orthanc (storage SCU)', async () => {
    const { code, output } = await run('storage-scu');
    expect(code, output).toBe(0);
    expect(output.match(/^images\/\d\.dcm stored/gm)).toHaveLength(numbers.length);
    expect((await (await orthanc.request('GET', '/instances')).json()) as string[]).toHaveLength(numbers.length);
  });

  it('finds studies in Orthanc and has them sent to its own storage SCP', async () => {
    const { code, output } = await run('query-retrieve');
    expect(code, output).toBe(0);
    expect(output).toContain(`${study} moved:`);
    expect(hashesIn(join(consumer, 'incoming'))).toEqual(sent);
    rmSync(join(consumer, 'incoming'), { recursive: true });
  });

  it('gets a study from Orthanc', async () => {
    const { code, output } = await run('get');
    expect(output).toContain(`got: ${numbers.length} failed: 0`);
    expect(code).toBe(0);
    expect(hashesIn(join(consumer, 'incoming'))).toEqual(sent);
    rmSync(join(consumer, 'incoming'), { recursive: true });
  });

  it('has Orthanc commit to what it was sent', async () => {
    const { code, output } = await run('storage-commitment');
    expect(output).toContain(`committed: ${numbers.length} not: 0`);
    expect(code).toBe(0);
  });

  it('takes what storescu sends, and says no in words (storage SCP)', async () => {
    const server = spawn(process.execPath, [prepare('storage-scp')], { cwd: consumer, stdio: 'ignore' });
    const exited = new Promise((resolved) => server.once('exit', resolved));
    try {
      await listening(ourPort);
      const call = ['127.0.0.1', String(ourPort)];
      const taken = await runProgram('storescu', [...call, '+sd', '+sp', '*.dcm', join(consumer, 'images')]);
      expect(taken.code, taken.output).toBe(0);
      expect(hashesIn(join(consumer, 'incoming'))).toEqual(sent);
      const refused = await runProgram('storescu', ['-v', '-aet', 'STRANGER', ...call, join(consumer, 'images/1.dcm')]);
      expect(refused.output).toMatch(/0x0?124/);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await exited).toBe(0);
  });

  it('asks the worklist of DCMTK', async () => {
    const folder = join(consumer, 'worklists', 'WORKLIST');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'lockfile'), '');
    for (const [at, modality] of ['CT', 'MR'].entries())
      writeFileSync(join(folder, `${at}.wl`), worklistItem(modality));
    const server = spawn('wlmscpfs', ['-dfp', join(consumer, 'worklists'), String(worklistPort)], { stdio: 'ignore' });
    try {
      await listening(worklistPort);
      const { code, output } = await run('worklist');
      expect(code, output).toBe(0);
      expect(output).toContain('DOE^JANE A-CT');
      expect(output).toContain("ScheduledProcedureStepDescription: 'Head'");
      expect(output).not.toContain('A-MR');
    } finally {
      server.kill();
    }
  });

  it('writes a file-set that dcmmkdir appends to, and reads it back', async () => {
    expect((await run('write-dicomdir')).output).toContain(`written: ${numbers.length}`);
    const medium = join(consumer, 'medium');
    expect(hashesIn(join(medium, 'DICOM/SE000001'))).toEqual(sent);
    const dumped = await runProgram('dcmdump', [join(medium, 'DICOMDIR')]);
    expect(dumped.output).not.toMatch(/^[EW]:/m);
    const read = await run('read-dicomdir');
    expect(read.code, read.output).toBe(0);
    expect(read.output.match(/^IMAGE medium\/DICOM\/SE000001\/IM00000\d Müller\^Jörg CT \d$/gm)).toHaveLength(5);
    writeFileSync(join(medium, 'NEW'), slice(6));
    const appended = await runProgram('dcmmkdir', ['-Pgp', '+A', 'NEW'], { cwd: medium });
    expect(appended.code, appended.output).toBe(0);
    expect((await run('read-dicomdir')).output).toContain('IMAGE medium/NEW Müller^Jörg CT 6');
    const again = await run('write-dicomdir');
    expect(again.code).not.toBe(0);
    expect(again.output).toContain('is there already');
  });

  it('wraps a PDF that dcm2pdf unwraps byte for byte, and Orthanc takes', async () => {
    const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF');
    writeFileSync(join(consumer, 'report.pdf'), pdf);
    const { code, output } = await run('wrap-pdf');
    expect(output.trim()).toBe('stored');
    expect(code).toBe(0);
    const found = await orthanc.request('POST', '/tools/find', { Level: 'Instance', Query: { Modality: 'DOC' } });
    const [id] = (await found.json()) as string[];
    const kept = Buffer.from(await (await orthanc.request('GET', `/instances/${id}/file`)).arrayBuffer());
    writeFileSync(join(consumer, 'wrapped.dcm'), kept);
    const unwrapped = await runProgram('dcm2pdf', ['wrapped.dcm', 'unwrapped.pdf'], { cwd: consumer });
    expect(unwrapped.code, unwrapped.output).toBe(0);
    expect(readFileSync(join(consumer, 'unwrapped.pdf')).subarray(0, pdf.length)).toEqual(pdf);
  });
});

function worklistItem(modality: string): Buffer {
  return buildPart10({
    elements: inTagOrder([
      element('00080016', 'UI', '1.2.840.10008.5.1.4.31'),
      element('00080018', 'UI', `${study}.9`),
      element('00080050', 'SH', `A-${modality}`),
      element('00100010', 'PN', 'DOE^JANE'),
      element('00100020', 'LO', 'W-1'),
      element('0020000D', 'UI', `${study}.8`),
      element('00321060', 'LO', 'Head'),
      sequence('00400100', [
        [
          element('00080060', 'CS', modality),
          element('00400001', 'AE', 'CT1'),
          element('00400002', 'DA', '20261130'),
          element('00400003', 'TM', '101500'),
          element('00400007', 'LO', 'Head'),
          element('00400009', 'SH', 'S1'),
        ],
      ]),
      element('00401001', 'SH', 'P1'),
    ]),
  });
}

/** Resolves when somebody listens there; the test's own time limit ends it if nobody ever does. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolved) => {
      socket.once('connect', () => resolved(true));
      socket.once('error', () => resolved(false));
    });
    socket.destroy();
    if (isThere) return;
    await delay(20);
  }
}
