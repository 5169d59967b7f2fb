import type { Terminal } from './terminal.ts';

/** What every command gets. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly workingDir: string;
  /** Ends the command early, but cleanly. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** One line for the list of commands. */
  readonly about: string;
  /** What `--help` prints. */
  readonly usage: string;
  /**
   * @param args behind the name of the command
   * @returns exit code: 0 all is well, 1 something is not, 2 the command was not understood
   */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** The command line is not what the command understands. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
