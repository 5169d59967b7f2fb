/** A part of a multipart body that is held whole: enough for tests, and written apart from what it tests. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Splits a whole multipart/related answer; throws if it does not end as RFC 2046 says. */
export function splitMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`no boundary in ${contentType}`);
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let at = body.indexOf(delimiter);
  for (;;) {
    if (at < 0) throw new Error('the body has no closing delimiter');
    const afterDelimiter = at + delimiter.length;
    if (body.subarray(afterDelimiter, afterDelimiter + 2).toString('latin1') === '--') return parts;
    const headersEnd = body.indexOf('\r\n\r\n', afterDelimiter);
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), headersEnd + 4);
    if (headersEnd < 0 || next < 0) throw new Error('a part breaks off');
    const headers = Object.fromEntries(
      body
        .subarray(afterDelimiter + 2, headersEnd)
        .toString('latin1')
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    );
    parts.push({ headers, body: body.subarray(headersEnd + 4, next) });
    at = next + 2;
  }
}

/** A STOW-RS body of Part 10 files. */
export function joinMultipart(files: readonly Uint8Array[], boundary = 'causeway-test-boundary'): Buffer {
  const pieces = files.flatMap((file) => [
    Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
    file,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** POSTs files to a DICOMweb base URL as one STOW-RS request. */
export function stow(web: string, files: readonly Uint8Array[], path = '/studies'): Promise<Response> {
  return fetch(`${web}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'multipart/related; type="application/dicom"; boundary=causeway-test-boundary',
      Accept: 'application/dicom+json',
    },
    body: joinMultipart(files),
  });
}
