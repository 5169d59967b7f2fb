// `npm run viewer`: fetches the OHIF viewer from the npm registry that the user has configured, pinned by its hash, and puts it
// into `viewer/` (or the folder that is named), where the server looks for it. Does nothing if it is there already.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { moveViewer } from './move-viewer.mjs';
import { filesOfTarball } from './tarball.mjs';

const spec = '@ohif/app@3.13.2';
const integrity = 'WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA==';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const target = resolve(process.argv[2] ?? join(home, 'viewer'));
const edition = createHash('sha256')
  .update(`${integrity}${readFileSync(join(home, 'scripts/move-viewer.mjs'))}`)
  .digest('hex');

/** @returns {Buffer} the package as its maker published it */
function fetchPackage() {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-viewer-'));
  try {
    const { status, stderr, error } = spawnSync('npm', ['pack', spec, '--ignore-scripts', '--pack-destination', dir], {
      cwd: home,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(`npm pack ${spec} failed: ${error?.message ?? stderr.trim().split('\n')[0]}`);
    const tarball = readFileSync(join(dir, 'ohif-app-3.13.2.tgz'));
    if (createHash('sha512').update(tarball).digest('base64') !== integrity) {
      throw new Error(`What the registry gave as ${spec} is not what it was when this version of Causeway was made.`);
    }
    return tarball;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Beside text and code lies its gzipped form, which the server sends to who accepts it. */
function write(dir, files) {
  for (const [path, bytes] of files) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    if (/\.(js|css|wasm|svg)$/.test(path) && bytes.length > 1024) {
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: constants.Z_DEFAULT_COMPRESSION }));
    }
  }
  writeFileSync(join(dir, 'edition'), edition);
}

function isThere() {
  const mark = join(target, 'edition');
  return existsSync(mark) && readFileSync(mark, 'utf8') === edition;
}

function install() {
  if (isThere()) return;
  const partial = `${target}.partial-${process.pid}`;
  try {
    write(partial, moveViewer(filesOfTarball(fetchPackage())));
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  console.log(`The viewer (OHIF, ${spec}) is in ${target}.`);
}

try {
  install();
} catch (thrown) {
  console.error(`There is no viewer: ${thrown.message}`);
  process.exitCode = 1;
}
