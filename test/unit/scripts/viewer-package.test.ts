import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { moveViewer } from '../../../scripts/move-viewer.mjs';
import { filesOfTarball } from '../../../scripts/tarball.mjs';

interface Entry {
  readonly name: string;
  readonly content?: string;
  readonly type?: string;
  readonly prefix?: string;
}

/** A ustar archive (POSIX 1003.1), gzipped, as npm publishes them. */
function tarball(entries: readonly Entry[], end = Buffer.alloc(1024)): Buffer {
  const blocks = entries.flatMap(({ name, content = '', type = '0', prefix = '' }) => {
    const header = Buffer.alloc(512);
    const body = Buffer.from(content);
    header.write(name, 0, 'latin1');
    header.write(body.length.toString(8).padStart(11, '0'), 124, 'latin1');
    header.write(type, 156, 'latin1');
    header.write('ustar\0', 257, 'latin1');
    header.write(prefix, 345, 'latin1');
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, end]));
}

const textOf = (files: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries([...files].map(([path, bytes]) => [path, bytes.toString()]));

describe('the tarball of a package', () => {
  it('gives its plain files by their paths, long ones too, and nothing else', () => {
    const files = filesOfTarball(
      tarball([
        { name: 'package/dist', type: '5' },
        { name: 'package/dist/a.js', content: 'a'.repeat(513) },
        { name: 'package/empty' },
        { name: 'deep/b.js', content: 'b', prefix: 'package/dist' },
        { name: 'package/link', type: '2' },
      ]),
    );
    expect(textOf(files)).toEqual({ 'dist/a.js': 'a'.repeat(513), empty: '', 'dist/deep/b.js': 'b' });
  });

  it.each([
    'package/../../out',
    'package/dist/../../../out',
    'package//etc/passwd',
    'package/a\\..\\..\\b',
    'package/C:\\x',
    'package/..',
  ])('is refused if it holds %s', (name) => {
    expect(() => filesOfTarball(tarball([{ name: 'package/good' }, { name, content: 'x' }]))).toThrow(
      'leads out of it',
    );
  });

  it('takes names that only look like that', () => {
    expect([...filesOfTarball(tarball([{ name: 'package/a..b/..c' }])).keys()]).toEqual(['a..b/..c']);
  });

  it('is refused wherever it breaks off', () => {
    const whole = gunzipSync(
      tarball(
        [
          { name: 'package/a', content: 'a'.repeat(700) },
          { name: 'package/b', content: 'b' },
        ],
        Buffer.alloc(0),
      ),
    );
    for (let length = 0; length <= whole.length; length += 100) {
      expect(() => filesOfTarball(gzipSync(whole.subarray(0, length))), String(length)).toThrow('breaks off');
    }
    expect(() => filesOfTarball(tarball([{ name: 'package/a' }]).subarray(0, -12))).toThrow();
    expect(() => filesOfTarball(Buffer.from('no gzip'))).toThrow();
  });

  it('is refused if a length is no number', () => {
    const tar = gunzipSync(tarball([{ name: 'package/a', content: 'a' }]));
    tar.write('rubbish', 124, 'latin1');
    expect(() => filesOfTarball(gzipSync(tar))).toThrow('breaks off');
  });
});

/** As little of the OHIF package as has all that is moved. */
const packaged: Readonly<Record<string, string>> = {
  LICENSE: 'MIT',
  'src/index.js': 'not served',
  'dist/app.bundle.0123456789abcdef.js': `__webpack_require__.p = "/"; load('/dicom-microscopy-viewer/x'); chunk("fedcba9876543210")`,
  'dist/1.bundle.fedcba9876543210.js': 'one',
  'dist/app.bundle.css': 'a { background: url(/assets/a.png) }',
  'dist/manifest.json': '{ "src": "/assets/a.png" }',
  'dist/index.html':
    '<script src="/init-service-worker.js"></script><script>browserImportFunction</script>' +
    '<script>window.PUBLIC_URL = "/"</script><link href="/app.bundle.css"><script src="/app.bundle.0123456789abcdef.js"></script>',
  'dist/assets/a.png': 'png',
  'dist/ort/model.wasm': 'large',
  'dist/app.js.map': 'map',
  'dist/sw.js': 'service worker',
};

function packageOf(changes: Readonly<Record<string, string | undefined>> = {}): Map<string, Buffer> {
  const all = Object.entries({ ...packaged, ...changes });
  return new Map(all.flatMap(([path, text]) => (text === undefined ? [] : [[path, Buffer.from(text)]])));
}

describe('the viewer that is moved', () => {
  it('asks for everything below the place that it is served at', () => {
    const files = textOf(moveViewer(packageOf()));
    const moved = Object.entries(files).filter(([path]) => path !== 'base.js' && path !== 'app-config.js');
    for (const [path, text] of moved) expect(text, path).not.toMatch(/["'(]\/(?!\/)/);
    expect(files['index.html']).toContain('<script src="%base%base.js" data-dicomweb="%dicomweb%">');
    expect(files['index.html']).not.toContain('service-worker');
    expect(files['LICENSE.txt']).toBe('MIT');
  });

  it('leaves out what is not served', () => {
    const paths = [...moveViewer(packageOf()).keys()];
    expect(paths).toContain('assets/a.png');
    expect(paths.filter((path) => /ort\/|\.map$|^sw\.js|^src/.test(path))).toEqual([]);
  });

  it('gives every bundle a name of its own edition, and names it so where it is asked for', () => {
    const files = textOf(moveViewer(packageOf()));
    const bundles = Object.keys(files).filter((path) => /\.bundle\.[0-9a-f]{16}\.js$/.test(path));
    expect(bundles).toHaveLength(2);
    const [app, one] = ['app', '1'].map((name) => bundles.find((path) => path.startsWith(`${name}.`))!);
    expect(JSON.stringify(files)).not.toMatch(/0123456789abcdef|fedcba9876543210/);
    expect(files['index.html']).toContain(app);
    expect(files[app!]).toContain(one!.split('.')[2]);
  });

  it.each([
    [
      'no bundles',
      { 'dist/app.bundle.0123456789abcdef.js': undefined, 'dist/1.bundle.fedcba9876543210.js': undefined },
      'holds no bundles',
    ],
    ['no place to edit', { 'dist/manifest.json': '{}' }, 'not built as expected'],
    ['no licence', { LICENSE: undefined }, 'has no LICENSE'],
  ])('is not made of a package with %s', (_what, changes, words) => {
    expect(() => moveViewer(packageOf(changes))).toThrow(words);
  });
});
