import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';

const common = {
  pool: 'forks' as const,
  // Files share modules: reading these anew for each file takes longer than most of the files.
  isolate: false,
  // Limits are for what hangs, not for what is slow: a machine that does other things, too, fails no test.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    // One more than the processors that it is made for: most files wait, for a disk, for Postgres, or for another program.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...common } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          ...common,
        },
      },
    ],
  },
});
