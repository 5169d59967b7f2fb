const marker = Buffer.from('"BulkDataURI":"');

/**
 * Turns the bare paths of stored metadata (`"BulkDataURI":"7FE00010"`) into URLs, without parsing it. The bytes looked
 * for cannot be part of a value: a quotation mark inside a JSON string has a backslash before it.
 * @param prefix what the URLs start with, for example `https://host/dicom-web/studies/…/bulkdata/`
 * @returns the same text in pieces
 */
export function* withBulkDataUrls(json: Buffer, prefix: string): Generator<Buffer, void, void> {
  const inserted = Buffer.from(prefix);
  let start = 0;
  for (let at = json.indexOf(marker); at >= 0; at = json.indexOf(marker, start)) {
    yield json.subarray(start, at + marker.length);
    yield inserted;
    start = at + marker.length;
  }
  yield json.subarray(start);
}
