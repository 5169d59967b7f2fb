#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';
import { processTerminal } from './terminal.ts';

/** What shells expect of a program that a signal ended: 128 and the number of SIGINT. */
const interruptedExitCode = 130;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(interruptedExitCode);
    interruption.abort();
  });
}

const exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: processTerminal,
  env: process.env,
  workingDir: process.cwd(),
  signal: interruption.signal,
});
// A peer that does not answer is not waited for when somebody wants to end.
if (interruption.signal.aborted) process.exit(exitCode);
process.exitCode = exitCode;
