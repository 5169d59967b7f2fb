import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './peer-programs.ts';

// Debian's package is of its own Python, another one may come first in the path.
const python = ['/usr/bin/python3', 'python3'].find((name) => spawnSync(name, ['-c', 'import pydicom']).status === 0);

export const hasPydicom = python !== undefined || process.env['CAUSEWAY_REQUIRE_PEERS'] === '1';

/** An answer to a query as pydicom reads it; null for what is not in it. */
export interface ReadAnswer {
  /** Specific Character Set, backslashes between its values. */
  readonly characterSet: string | null;
  readonly study: string | null;
  readonly accession: string | null;
  readonly name: string;
  readonly description: string | null;
}

const script = join(import.meta.dirname, '..', 'conformance', 'pydicom-answers.py');

/** Has findscu ask, and pydicom read what it was answered. @param args of findscu, without the peer */
export async function answersToFindscu(port: number, args: readonly string[]): Promise<readonly ReadAnswer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-answers-'));
  try {
    const { code, output } = await runProgram('findscu', [
      ...['-X', '-od', folder, '-aec', 'CAUSEWAY', ...args],
      ...['127.0.0.1', String(port)],
    ]);
    if (code !== 0) throw new Error(`findscu: ${output}`);
    const files = readdirSync(folder).sort();
    const read = await runProgram(python ?? 'python3', [script, ...files.map((name) => join(folder, name))]);
    if (read.code !== 0) throw new Error(`pydicom: ${read.output}`);
    return read.output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ReadAnswer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
