import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src/cli/command-line.ts';
import { createReasonList } from '../../../src/cli/reason-list.ts';

const allCommands = [
  'start',
  'import',
  'reindex',
  'verify',
  'echo',
  'find',
  'get',
  'move',
  'send',
  'commit',
  'worklist',
  'passcode',
];
let workingDir: string;
beforeEach(() => {
  workingDir = mkdtempSync(join(tmpdir(), 'causeway-command-'));
});
afterEach(() => rmSync(workingDir, { recursive: true, force: true }));

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const printed: string[] = [];
  const complained: string[] = [];
  const exitCode = await runCommandLine(args, {
    terminal: {
      print: (line) => void printed.push(line),
      complain: (line) => void complained.push(line),
      interactive: false,
    },
    env,
    workingDir,
    signal: new AbortController().signal,
  });
  return { exitCode, printed: printed.join('\n'), complained: complained.join('\n') };
}

describe('the command line', () => {
  it.each([['--help'], ['-h'], ['help']])('lists the commands for %s', async (arg) => {
    const { exitCode, printed } = await run([arg]);
    expect(exitCode).toBe(0);
    for (const command of allCommands) expect(printed).toContain(`\n  ${command}`);
  });

  it.each(allCommands)('%s --help tells its usage and does nothing', async (command) => {
    const { exitCode, printed } = await run([command, '--help']);
    expect(exitCode).toBe(0);
    expect(printed).toContain(`Usage: causeway ${command}`);
  });

  it.each([
    [[], 'Usage: causeway COMMAND'],
    [['exprot'], 'There is no command "exprot"; is export meant?'],
    [['nonsense'], 'There is no command "nonsense".'],
    [['constructor'], 'There is no command "constructor".'],
    [['echo'], 'Name the peer'],
    [['echo', 'PACS'], 'neither AETITLE@host:port nor a peer'],
    [['echo', 'PACS@host'], 'names no port'],
    [['echo', 'PACS@host:99999'], 'the port is a number from 1 to 65535'],
    [['find', 'PACS@host:104', '-k', 'NoSuchKey'], '-k NoSuchKey'],
    [['find', 'PACS@host:104', '-k', 'PatientNmae=X'], 'Is PatientName meant?'],
    [['find', 'PACS@host:104', 'PatientName=X'], 'keys go behind -k, as in -k PatientName=X'],
    [['echo', 'PACS@host:104', 'PACS2@host:104'], 'one peer is called at a time'],
    [['echo', 'PACS@host:104', '--tsl'], 'There is no option --tsl; is --tls meant?'],
    [['echo', '-a', 'SEVENTEEN LETTERS', 'PACS@host:104'], '--aet: an AE title has 1 to 16 characters'],
    [['move', 'PACS@host:104', '--to', '', '-k', 'StudyInstanceUID=1.2'], '--to: an AE title has 1 to 16 characters'],
    [['worklist'], 'Name the peer'],
    [['worklist', 'PACS@host:104', '-k', 'Modalty=CT'], 'Is Modality meant?'],
    [['find', 'PACS@host:104', '-l', 'frame'], '--level must be one of'],
    [['find', 'PACS@host:104', '--limit', '0'], '--limit must be'],
    [['get', 'PACS@host:104'], 'Say what to retrieve'],
    [['get', 'PACS@host:104', '-k', 'PatientName=X'], 'is no unique key'],
    [['move', 'PACS@host:104', '-k', 'StudyInstanceUID=1.2'], 'Say where to'],
    [['send', 'PACS@host:104'], 'at least one file or folder'],
    [['commit', 'PACS@host:104', '--timeout', '0', 'x'], '--timeout must be'],
    [['import'], 'Name at least one file or folder'],
    [['import', '--fast', 'x'], '--fast'],
    [['import', '--concurrency', '0', 'x'], '--concurrency must be a whole number from 1 to 64.'],
    [['verify', 'x'], 'x'],
    [['passcode'], 'One name is wanted.'],
    [['passcode', 'a=b'], 'neither = nor a comma'],
    [['reindex', '--concurrency', 'many'], '--concurrency must be'],
  ])('answers %j with exit code 2, the reason and the usage', async (args, reason) => {
    const { exitCode, complained } = await run(args);
    expect(exitCode).toBe(2);
    expect(complained).toContain(reason);
    expect(complained).toContain('Usage: causeway');
  });

  it('suggests a peer of the configuration where one of nearly that name is called', async () => {
    const { exitCode, complained } = await run(['echo', 'ARCHIEV'], { CAUSEWAY_PEERS: 'ARCHIVE@host:104' });
    expect([exitCode, complained]).toEqual([2, expect.stringContaining('is ARCHIVE meant?')]);
  });

  it('says in one line what is wrong, and does not print a page behind it', async () => {
    const { complained } = await run(['find', 'PACS@host:104', '--limit', '0']);
    expect(complained.split('\n')).toHaveLength(4);
    expect(complained).toContain('causeway find --help tells more.');
  });

  it('answers a wrong setting with exit code 1 and its name', async () => {
    const { exitCode, complained } = await run(['verify'], { CAUSEWAY_DIMSE_PORT: 'fifty' });
    expect(exitCode).toBe(1);
    expect(complained).toContain('CAUSEWAY_DIMSE_PORT');
  });
});

describe('a list of reasons', () => {
  it('stays short however many files and reasons there are', () => {
    const list = createReasonList({ maxReasons: 2, maxNames: 3 });
    for (let i = 0; i < 1000; i++) list.note(`kind ${i % 5}`, `Reason ${i % 5}.`, `file ${i}`);
    expect(list.lines()).toEqual([
      '  Reason 0. (200 files)',
      ...['    file 0', '    file 5', '    file 10', '    … and 197 more'],
      '  Reason 1. (200 files)',
      ...['    file 1', '    file 6', '    file 11', '    … and 197 more'],
      '  For other reasons (600 files)',
      ...['    file 2', '    file 3', '    file 4', '    … and 597 more'],
    ]);
  });
});
