/** Files share most of their tags; strings that are made once are also compared and hashed once. */
const cache = new Map<number, string>();
const maxCachedTags = 8192;

/** Eight upper-case hexadecimal digits: a tag as DICOM JSON writes it. */
export function tagHex(tag: number): string {
  let hex = cache.get(tag);
  if (hex === undefined) {
    hex = tag.toString(16).toUpperCase().padStart(8, '0');
    if (cache.size < maxCachedTags) cache.set(tag, hex);
  }
  return hex;
}
