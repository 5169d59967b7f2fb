import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { buildPart10, element, inTagOrder, sequence } from '../support/dicom-builder.ts';
import { freePort } from '../support/free-port.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../support/orthanc.ts';
import { hasProgram, type ProgramResult, runProgram } from '../support/peer-programs.ts';
import { dataSetHashesIn, smallSeries } from '../support/small-series.ts';
import { build } from '../support/spawned-server.ts';

const home = resolve(import.meta.dirname, '../..');
const examplesDir = join(home, 'docs/examples/dimse');
const examples = readdirSync(examplesDir).map((name) => basename(name, '.ts'));
const sourceOf = (name: string): string => readFileSync(join(examplesDir, `${name}.ts`), 'utf8');
const study = '1.2.826.0.1.3680043.10.999.4';
const slices = 5;
const { slice, writeTo, dataSetHashes: sent } = smallSeries(study, slices, 'LIB-1');

describe('the page about the library', () => {
  it('has examples of fewer than 20 lines', () => {
    expect(examples).toHaveLength(14);
    for (const name of examples) expect(sourceOf(name).trimEnd().split('\n').length, name).toBeLessThan(20);
  });
});

describe.skipIf(!hasOrthanc || !hasProgram('wlmscpfs'))('causeway/dimse, packed and installed elsewhere', () => {
  let consumer: string;
  let orthanc: Orthanc;
  let ourPort: number;
  let worklistPort: number;
  let readerPort: number;

  /** Runs an example as it stands on the page, but for the addresses in it. */
  function prepare(name: string): string {
    const source = sourceOf(name)
      .replaceAll('127.0.0.1:4242', `127.0.0.1:${orthanc.dicomPort}`)
      .replaceAll('127.0.0.1:4243', `127.0.0.1:${worklistPort}`)
      .replaceAll('11112', String(ourPort))
      .replaceAll('11113', String(readerPort));
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
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

    writeTo(join(consumer, 'images'));
    ourPort = await freePort();
    worklistPort = await freePort();
    readerPort = await freePort();
    orthanc = await startOrthanc(
      {},
      {
        aeTitle: 'ORTHANC',
        modalities: {
          reader: ['READER', '127.0.0.1', ourPort],
          sender: ['SENDER', '127.0.0.1', ourPort],
          store: ['STORE', '127.0.0.1', ourPort],
        },
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
    expect(output.match(/^images\/\d\.dcm stored/gm)).toHaveLength(slices);
    expect((await (await orthanc.request('GET', '/instances')).json()) as string[]).toHaveLength(slices);
  });

  it('finds studies in Orthanc and has them sent to its own storage SCP', async () => {
    const { code, output } = await run('query-retrieve');
    expect(code, output).toBe(0);
    expect(output).toContain(`${study} moved:`);
    expect(dataSetHashesIn(join(consumer, 'incoming'))).toEqual(sent);
    rmSync(join(consumer, 'incoming'), { recursive: true });
  });

  it('gets a study from Orthanc', async () => {
    const { code, output } = await run('get');
    expect(output).toContain(`got: ${slices} failed: 0`);
    expect(code).toBe(0);
    expect(dataSetHashesIn(join(consumer, 'incoming'))).toEqual(sent);
    rmSync(join(consumer, 'incoming'), { recursive: true });
  });

  it('has Orthanc commit to what it was sent', async () => {
    const { code, output } = await run('storage-commitment');
    expect(output).toContain(`committed: ${slices} not: 0`);
    expect(code).toBe(0);
  });

  /** Runs an example that serves, for as long as somebody uses it. */
  async function serving(name: string, use: () => Promise<void>): Promise<void> {
    const server = spawn(process.execPath, [prepare(name)], { cwd: consumer, stdio: 'ignore' });
    const exited = new Promise((resolved) => server.once('exit', resolved));
    try {
      await listening(ourPort);
      await use();
    } finally {
      server.kill('SIGTERM');
    }
    expect(await exited).toBe(0);
  }

  it('takes what storescu sends, and says no in words (storage SCP)', () =>
    serving('storage-scp', async () => {
      const call = ['127.0.0.1', String(ourPort)];
      const taken = await runProgram('storescu', [...call, '+sd', '+sp', '*.dcm', join(consumer, 'images')]);
      expect(taken.code, taken.output).toBe(0);
      expect(dataSetHashesIn(join(consumer, 'incoming'))).toEqual(sent);
      const refused = await runProgram('storescu', ['-v', '-aet', 'STRANGER', ...call, join(consumer, 'images/1.dcm')]);
      expect(refused.output).toMatch(/0x0?124/);
      rmSync(join(consumer, 'incoming'), { recursive: true });
    }));

  it('answers what findscu asks (query SCP)', () =>
    serving('find-scp', async () => {
      const find = (...keys: string[]) =>
        runProgram('findscu', ['-S', '-v', ...keys.flatMap((key) => ['-k', key]), '127.0.0.1', String(ourPort)]);
      const found = await find('QueryRetrieveLevel=STUDY', 'PatientName=m*', 'StudyInstanceUID');
      expect(found.output).toContain(`[${study}`);
      expect(found.output).toMatch(/Received Final Find Response \(Success\)/);
      const none = await find('QueryRetrieveLevel=STUDY', 'PatientName=x*', 'StudyInstanceUID');
      expect(none.output).not.toContain(study);
      expect(none.output).toMatch(/Received Final Find Response \(Success\)/);
    }));

  it('gives what getscu and movescu want (retrieve SCP)', () =>
    serving('retrieve-scp', async () => {
      const keys = ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${study}`].flatMap((key) => ['-k', key]);
      const got = join(consumer, 'got');
      mkdirSync(got);
      const gotten = await runProgram('getscu', ['-S', '-od', got, ...keys, '127.0.0.1', String(ourPort)]);
      expect(gotten.code, gotten.output).toBe(0);
      expect(dataSetHashesIn(got)).toEqual(sent);
      const moved = join(consumer, 'moved');
      mkdirSync(moved);
      const move = (title: string) =>
        runProgram('movescu', [
          ...['-S', '-v', '-aet', title, '-aem', title, '--port', String(readerPort), '-od', moved],
          ...[...keys, '127.0.0.1', String(ourPort)],
        ]);
      const { code, output } = await move('READER');
      expect(code, output).toBe(0);
      expect(dataSetHashesIn(moved)).toEqual(sent);
      expect((await move('NOBODY')).output).toMatch(/MoveDestinationUnknown/i);
    }));

  it('tells a modality what is scheduled (worklist SCP)', () =>
    serving('worklist-scp', async () => {
      const step = 'ScheduledProcedureStepSequence[0]';
      const ask = (modality: string) =>
        runProgram('findscu', [
          ...['-W', '-v', '-k', 'PatientName', '-k', `${step}.Modality=${modality}`],
          ...['-k', `${step}.ScheduledProcedureStepDescription`, '127.0.0.1', String(ourPort)],
        ]);
      const found = await ask('CT');
      expect(found.output).toContain('DOE^JANE');
      expect(found.output).toMatch(/\[Head ?\]/);
      expect((await ask('MR')).output).not.toContain('DOE^JANE');
    }));

  it('commits to what Orthanc has sent (storage commitment SCP)', () =>
    serving('commitment-scp', async () => {
      const ids = (await (await orthanc.request('GET', '/instances')).json()) as string[];
      await orthanc.request('POST', '/modalities/store/store', { Resources: ids.slice(0, 2), Synchronous: true });
      const asked = await orthanc.request('POST', '/modalities/store/storage-commitment', {
        Resources: ids.slice(0, 3),
      });
      const { Path } = (await asked.json()) as { Path: string };
      const report = async () => (await (await orthanc.request('GET', Path)).json()) as { Status: string };
      await expect.poll(async () => (await report()).Status, { timeout: 15_000 }).not.toBe('Pending');
      expect(await report()).toMatchObject({
        Status: 'Failure',
        Success: [expect.anything(), expect.anything()],
        Failures: [expect.objectContaining({ Description: expect.any(String) })],
      });
      rmSync(join(consumer, 'incoming'), { recursive: true });
    }));

  it('lets in who is known, and says so (user identity)', async () => {
    const server = spawn(process.execPath, [prepare('user-identity')], { cwd: consumer });
    let output = '';
    server.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await expect
        .poll(() => output, { timeout: 15_000 })
        .toMatch(/let in: true\nThe peer rejects associations permanently/);
      const call = ['127.0.0.1', String(ourPort)];
      const send = (passcode: string) =>
        runProgram('storescu', ['-usr', 'alice', '-pwd', passcode, '-rsp', ...call, join(consumer, 'images/1.dcm')]);
      expect(await send('secret')).toMatchObject({ code: 0 });
      expect((await send('guess')).code).not.toBe(0);
    } finally {
      server.kill('SIGTERM');
    }
    rmSync(join(consumer, 'incoming'), { recursive: true });
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
      const printed: string[] = [];
      const asked = await runCommandLine(
        ['worklist', `WORKLIST@127.0.0.1:${worklistPort}`, '-k', 'ScheduledStationAETitle=CT1', '-k', 'Modality=CT'],
        {
          terminal: { print: (line) => printed.push(line), complain: () => {}, interactive: false },
          env: {},
          workingDir: consumer,
          signal: new AbortController().signal,
        },
      );
      expect(asked).toBe(0);
      expect(printed[0]).toMatch(/^Patient name +Patient ID +Accession number +Date +Time +Modality +Station AE +Desc/);
      expect(printed[2]).toMatch(/^DOE\^JANE +W-1 +A-CT +20261130 +101500 +CT +CT1 +Head$/);
      expect(printed).toHaveLength(3);
    } finally {
      server.kill();
    }
  });

  it('writes a file-set that dcmmkdir appends to, and reads it back', async () => {
    expect((await run('write-dicomdir')).output).toContain(`written: ${slices}`);
    const medium = join(consumer, 'medium');
    expect(dataSetHashesIn(join(medium, 'DICOM/SE000001'))).toEqual(sent);
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
