import { gunzipSync } from 'node:zlib';

const blockBytes = 512;

/**
 * The plain files of an npm tarball: ustar, paths of at most 256 bytes.
 * @param {Buffer} tarball gzipped
 * @returns {Map<string, Buffer>} by path below `package/`
 */
export function filesOfTarball(tarball) {
  const tar = gunzipSync(tarball);
  const files = new Map();
  for (let at = 0; at + blockBytes <= tar.length && tar[at] !== 0; ) {
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
      files.set((prefix === '' ? name : `${prefix}/${name}`).replace(/^[^/]+\//, ''), tar.subarray(from, from + size));
    }
    at = from + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}
