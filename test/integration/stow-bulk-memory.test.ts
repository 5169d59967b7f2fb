import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { BulkMemoryReport } from './stow-bulk-memory-program.ts';

const program = join(import.meta.dirname, 'stow-bulk-memory-program.ts');

test('bulk data beside metadata goes through a small heap, and leaves nothing in the spool', {
  timeout: 120_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-bulk-memory-'));
  try {
    const child = spawn(process.execPath, ['--max-old-space-size=64', '--import', 'tsx', program, directory, '160'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const report = JSON.parse(await text(child.stdout)) as BulkMemoryReport;
    expect(report.status).toBe(202);
    expect(report.size).toBeGreaterThan(160 * 1_048_576);
    // The body alone is larger.
    expect(report.grownMegabytes).toBeLessThan(140);
    expect(await readdir(join(directory, 'spool'))).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
