import { defineConfig } from 'vitest/config';

const limits = { testTimeout: 30_000, hookTimeout: 60_000, pool: 'forks' as const };

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      // They share modules: reading these anew for each file takes longer than most of the files.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, ...limits } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          ...limits,
        },
      },
    ],
  },
});
