import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one line that people and programs read alike, and with every skipped test and its reason. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'pending') continue;
        counts[result.state]++;
        if (result.state === 'skipped') {
          skipped.push(`${module.relativeModuleId} > ${test.fullName}: ${result.note ?? 'no reason given'}`);
        }
      }
    }
    for (const line of skipped) console.log(`skipped: ${line}`);
    if (skipped.length > 0 && process.env['CAUSEWAY_REQUIRE_PEERS'] === '1') {
      console.log('CAUSEWAY_REQUIRE_PEERS=1: nothing may be skipped');
      counts.failed += skipped.length;
      process.exitCode = 1;
    }
    console.log(
      `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`,
    );
  }
}
