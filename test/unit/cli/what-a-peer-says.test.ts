import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { collectFiles } from '../../../src/cli/collect-files.ts';
import { complainUncommitted } from '../../../src/cli/complain-uncommitted.ts';
import { firstLine } from '../../../src/cli/passcode.ts';
import { printRetrieval } from '../../../src/cli/print-retrieval.ts';
import { uncommittedOf } from '../../../src/library/uncommitted-instances.ts';
import { buildPart10, ctElements } from '../../support/dicom-builder.ts';

function createTerminal() {
  const printed: string[] = [];
  const complained: string[] = [];
  const terminal = {
    print: (line: string) => void printed.push(line),
    complain: (line: string) => void complained.push(line),
    interactive: false,
  };
  return { terminal, printed, complained };
}

describe('what a peer says', () => {
  it('of storage commitment commits it to nothing that it does not name', () => {
    const named = (sopInstanceUid: string) => ({ sopClassUid: '1.2', sopInstanceUid });
    const report = {
      transactionUid: '1',
      committed: [named('1.1')],
      failed: [{ ...named('1.2'), failureReason: 0x0112 }],
    };
    const uncommitted = uncommittedOf([named('1.1'), named('1.2'), named('1.3')], report);
    const { terminal, complained } = createTerminal();
    complainUncommitted(terminal, uncommitted);
    expect(complained).toEqual(['not committed: 1.2 (0112)', 'not committed: 1.3 (the report does not name it)']);
  });

  it('of a retrieval is not believed beyond what arrives', () => {
    const result = { completed: 3, failed: 0, warning: 0, remaining: 0, cancelled: false, failedSopInstanceUids: [] };
    const { terminal, complained } = createTerminal();
    expect(printRetrieval(terminal, result, false, 3)).toBe(0);
    expect(printRetrieval(terminal, result, false, 1)).toBe(1);
    expect(complained).toEqual(['Of these, 2 instances did not arrive.']);
    // Where they go elsewhere, there is nothing to count.
    expect(printRetrieval(terminal, result, false)).toBe(0);
  });
});

describe('what a command is asked for', () => {
  it('is incomplete where it is interrupted while files are looked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-collect-'));
    try {
      for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), buildPart10({ elements: ctElements() }));
      const stop = new AbortController();
      const { terminal, complained } = createTerminal();
      const collecting = collectFiles([folder], terminal, stop.signal);
      stop.abort();
      expect((await collecting).incomplete).toBe(true);
      expect(complained).toEqual(['Interrupted before all files were looked at.']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is a passcode that a terminal does not show', async () => {
    const rawModes: boolean[] = [];
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode(mode: boolean) {
        rawModes.push(mode);
        return input;
      },
    });
    const line = firstLine(input as never);
    input.write('open sesame\r');
    expect(await line).toBe('open sesame');
    // In raw mode, the terminal leaves the echo to the program, which has none.
    expect(rawModes[0]).toBe(true);
  });
});
