import { spawn, spawnSync } from 'node:child_process';

/** Whether a foreign program that a test needs is on this machine. */
export function hasProgram(name: string): boolean {
  return spawnSync('which', [name], { stdio: 'ignore' }).status === 0;
}

export interface ProgramResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end and returns what it wrote on both streams. */
export function runProgram(
  name: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    // Nagle's algorithm makes DCMTK wait 40 ms for each message.
    const child = spawn(name, args, {
      env: { ...process.env, TCP_NODELAY: '1', ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
