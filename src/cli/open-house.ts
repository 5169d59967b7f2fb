import type { House } from '../compose.ts';
import { loadSettings, type Settings } from '../config.ts';
import { createLog } from '../kernel/create-log.ts';

/**
 * The house as a command needs it: all its parts, but nobody listens. It may run beside a server.
 * @throws CausewayError `configuration-invalid`, `unavailable`
 */
export async function openHouse(
  env: NodeJS.ProcessEnv,
  workingDir: string,
): Promise<{ house: House; settings: Settings }> {
  const settings = loadSettings(env, workingDir);
  // Only now, as it brings the whole server: `--help` should not wait for that.
  const { compose } = await import('../compose.ts');
  // A command says by itself what went wrong with what; its log is for what it cannot know.
  return { house: await compose(settings, createLog('error')), settings };
}
