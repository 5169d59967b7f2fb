import { gunzipSync } from 'node:zlib';

const blockBytes = 512;

/**
 * The plain files of an npm tarball: ustar, paths of at most 256 bytes.
 * @param {Buffer} tarball gzipped
 * @returns {Map<string, Buffer>} by path below `package/`
 * @throws Error if it is no whole tarball, or holds a path that leads out of it
 */
export function filesOfTarball(tarball) {
  const tar = gunzipSync(tarball);
  const files = new Map();
  let at = 0;
  for (; at + blockBytes <= tar.length && tar[at] !== 0; ) {
    const field = (from, length) => tar.toString('latin1', at + from, at + from + length).split('\0', 1)[0];
    const [name, size, type, prefix] = [
      field(0, 100),
      Number.parseInt(field(124, 12), 8),
      field(156, 1),
      field(345, 155),
    ];
    const from = at + blockBytes;
    if (!Number.isInteger(size) || from + size > tar.length) throw new Error('The tarball breaks off.');
    if (type === '0' || type === '') {
      const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/^[^/]+\//, '');
      if (/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)/.test(path))
        throw new Error(`The tarball holds a path that leads out of it: ${path}`);
      files.set(path, tar.subarray(from, from + size));
    }
    at = from + Math.ceil(size / blockBytes) * blockBytes;
  }
  // Two blocks of zeros end an archive (POSIX pax); without any, it ended somewhere else.
  if (at + blockBytes > tar.length) throw new Error('The tarball breaks off.');
  return files;
}
