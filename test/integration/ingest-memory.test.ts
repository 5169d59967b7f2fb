import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { MemoryReport } from './ingest-memory-program.ts';

const program = join(import.meta.dirname, 'ingest-memory-program.ts');

test('an object of one gigabyte goes through a heap of 64 MB', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-memory-'));
  try {
    const child = spawn(process.execPath, ['--max-old-space-size=64', '--import', 'tsx', program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const report = JSON.parse(await text(child.stdout)) as MemoryReport;
    expect(report).toMatchObject({ status: 'stored', size: 1_073_741_824 });
    expect(report.peakMegabytes).toBeLessThan(250);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
