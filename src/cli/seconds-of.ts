import { UsageError } from './command.ts';

/** Reads `--timeout`: 60 seconds unless given. @throws UsageError */
export function secondsOf(text: string | undefined): number {
  const seconds = Number(text ?? 60);
  if (!(seconds > 0 && seconds <= 86_400)) throw new UsageError('--timeout must be seconds from 1 to 86400.');
  return seconds;
}
