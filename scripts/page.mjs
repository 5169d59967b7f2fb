// `npm run page`: builds the web page of `src/ui` into `dist/ui`, whole or not at all, unless what is there is newer than its
// sources. A server that is running shows the new one at once.
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(home, 'dist', 'ui');

/** Milliseconds; 0 of what is not there. */
function newest(...parts) {
  const path = join(home, ...parts);
  if (!existsSync(path)) return 0;
  const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
  return Math.max(statSync(path).mtimeMs, ...inside.map((entry) => statSync(join(path, entry)).mtimeMs));
}

function isFresh() {
  const mark = join(target, 'index.html');
  const sources = [
    ['src', 'ui'],
    ['openapi'],
    ['package-lock.json'],
    ['scripts', 'page.mjs'],
    ['scripts', 'page-config.mjs'],
  ];
  return existsSync(mark) && statSync(mark).mtimeMs >= Math.max(...sources.map((parts) => newest(...parts)));
}

/** Beside text and code lies its gzipped form, which the server sends to who accepts it. */
function compress(dir) {
  for (const entry of readdirSync(dir, { recursive: true })) {
    const file = join(dir, entry);
    if (!/\.(js|css|svg)$/.test(file) || statSync(file).size <= 1024) continue;
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  }
}

async function build() {
  const { build } = await import('vite');
  const partial = `${target}.partial-${process.pid}`;
  const startedAt = new Date();
  try {
    await build({
      configFile: join(home, 'scripts', 'page-config.mjs'),
      logLevel: 'warn',
      build: { outDir: partial, emptyOutDir: true },
    });
    compress(partial);
    // What changes while it is built makes it stale.
    utimesSync(join(partial, 'index.html'), startedAt, startedAt);
    rmSync(target, { recursive: true, force: true });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

if (!isFresh() || process.argv.includes('--force')) {
  try {
    await build();
  } catch (thrown) {
    console.error(`The web page was not built: ${thrown.message}`);
    process.exitCode = 1;
  }
}
