// `npm start`: on a machine with nothing but Node it installs what is missing, builds what is stale, then serves.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(home, ...parts);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Causeway needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function newest(folder, isPassedOver = () => false) {
  return readdirSync(folder, { recursive: true })
    .filter((entry) => !isPassedOver(entry))
    .reduce((latest, entry) => Math.max(latest, statSync(join(folder, entry)).mtimeMs), modifiedAt(folder));
}

/** The page is built for itself, beside the serving. */
const isPage = (entry) => entry === 'ui' || entry.startsWith('ui/') || entry.startsWith('ui\\');

function run(what, command, args) {
  console.log(what);
  const { status, error } = spawnSync(command, args, {
    cwd: home,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}. Causeway was not started.`);
    process.exit(1);
  }
}

const installed = at('node_modules', '.package-lock.json');
if (modifiedAt(installed) < modifiedAt(at('package-lock.json'))) {
  run('Installing dependencies…', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  const now = new Date();
  utimesSync(installed, now, now);
}

const built = at('dist', '.tsbuildinfo');
const sources = Math.max(
  newest(at('src'), isPage),
  newest(at('migrations')),
  newest(at('openapi')),
  modifiedAt(at('tsconfig.build.json')),
);
if (modifiedAt(built) < sources) {
  run('Building…', process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  const now = new Date();
  utimesSync(built, now, now);
}

/** Beside the serving, which does not wait for it: the viewer appears when it is there. */
async function fetchViewer() {
  const { loadSettings } = await import(pathToFileURL(at('dist', 'config.js')).href);
  const { viewer, viewerDir } = loadSettings(process.env, process.cwd());
  if (!viewer || existsSync(join(viewerDir ?? at('viewer'), 'index.html'))) return;
  console.log('Fetching the viewer… (CAUSEWAY_VIEWER=false goes without)');
  const child = spawn(
    process.execPath,
    [at('scripts', 'viewer.mjs'), ...(viewerDir === undefined ? [] : [viewerDir])],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  child.on('exit', (code) => {
    if (code) console.error('Everything else works; `npm run viewer` tries again.');
  });
  process.on('exit', () => child.kill());
}

/** Beside the serving, too: until it is there, `/` says that it is coming. */
async function buildPage() {
  const { loadSettings } = await import(pathToFileURL(at('dist', 'config.js')).href);
  const { page, pageDir } = loadSettings(process.env, process.cwd());
  if (!page || pageDir !== undefined) return;
  const child = spawn(process.execPath, [at('scripts', 'page.mjs')], { stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('exit', (code) => {
    if (code) console.error('Everything else works; `npm run page` tries again.');
  });
  process.on('exit', () => child.kill());
}

// Settings that are not allowed are told by the start itself.
await fetchViewer().catch(() => {});
await buildPage().catch(() => {});
await import(pathToFileURL(at('dist', 'main.js')).href);
