import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CausewayError, errnoOf } from './kernel/errors.ts';
import { type Setting, settingsTable } from './settings-table.ts';

type Table = typeof settingsTable;
export type SettingName = keyof Table;
export type Settings = { readonly [Name in SettingName]: Table[Name]['default'] };

/** Names in the environment that start with CAUSEWAY_ and are no settings. */
const otherVariables = new Set(['CAUSEWAY_CONFIG', 'CAUSEWAY_REQUIRE_PEERS']);

/** One row of the configuration reference. */
export interface SettingDescription {
  readonly name: SettingName;
  readonly env: string;
  readonly allowed: string;
  readonly default: unknown;
  readonly about: string;
}

function envName(name: SettingName): string {
  const setting: Setting<unknown> = settingsTable[name];
  return setting.env ?? `CAUSEWAY_${name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

export function describeSettings(): SettingDescription[] {
  return (Object.keys(settingsTable) as SettingName[]).map((name) => {
    const setting: Setting<unknown> = settingsTable[name];
    return { name, env: envName(name), allowed: setting.kind.allowed, default: setting.default, about: setting.about };
  });
}

/** A setting that is refused is shown, but for what nobody is to see. */
function withoutPasscodes(name: string, value: unknown): unknown {
  return name === 'passcode' ? '…' : value;
}

function invalid(message: string): CausewayError {
  return new CausewayError('configuration-invalid', message);
}

function nearest(name: string, known: readonly string[]): string {
  const bare = name.toLowerCase().replaceAll('_', '');
  const close = known.find((one) => {
    const other = one.toLowerCase().replaceAll('_', '');
    return other.startsWith(bare.slice(0, -2)) || bare.startsWith(other.slice(0, -2));
  });
  return close === undefined ? 'docs/configuration.md lists the settings' : `did you mean ${close}?`;
}

function readFile(file: string, required: boolean): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT' && !required) return {};
    throw new CausewayError('configuration-invalid', `The settings file ${file} cannot be read.`, { cause: thrown });
  }
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : '';
    throw new CausewayError('configuration-invalid', `The settings file ${file} is not JSON: ${why}`, {
      cause: thrown,
    });
  }
  throw invalid(`The settings file ${file} must hold one JSON object.`);
}

/**
 * Defaults, then `causeway.config.json` (or the file that CAUSEWAY_CONFIG names), then the environment.
 * @throws CausewayError `configuration-invalid` that names the setting and what is allowed
 */
export function loadSettings(env: NodeJS.ProcessEnv, workingDir: string): Settings {
  const file = resolve(workingDir, env['CAUSEWAY_CONFIG'] ?? 'causeway.config.json');
  const fromFile = readFile(file, env['CAUSEWAY_CONFIG'] !== undefined);
  const names = Object.keys(settingsTable) as SettingName[];
  for (const key of Object.keys(fromFile)) {
    if (!names.includes(key as SettingName)) {
      throw invalid(`${file}: there is no setting "${key}"; ${nearest(key, names)}`);
    }
  }
  const variables = names.map(envName);
  for (const key of Object.keys(env)) {
    if (key.startsWith('CAUSEWAY_') && !variables.includes(key) && !otherVariables.has(key)) {
      throw invalid(`There is no setting ${key}; ${nearest(key, variables)}`);
    }
  }
  const settings: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    const setting: Setting<unknown> = settingsTable[name];
    const variable = envName(name);
    const fromEnv = env[variable];
    const [value, where] =
      fromEnv !== undefined && fromEnv !== '' ? [fromEnv, variable] : [fromFile[name], `"${name}" in ${file}`];
    if (value === undefined) {
      settings[name] = setting.default;
      continue;
    }
    const parsed = setting.kind.parse(value);
    if (parsed === undefined) {
      const shown = setting.secret ? 'its value' : JSON.stringify(value, withoutPasscodes);
      throw invalid(`${where}: ${shown} is not allowed; it must be ${setting.kind.allowed}.`);
    }
    settings[name] = parsed;
  }
  const complete = settings as Settings;
  return { ...complete, dataDir: resolve(workingDir, complete.dataDir) };
}
