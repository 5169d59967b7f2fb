import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stow } from '../support/multipart-bodies.ts';
import { hasSharedFiles, malformedFiles } from '../support/shared-files.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

interface StoreAnswer {
  readonly '00081198'?: { Value: { '00081197': { Value: [number] } }[] };
  readonly '00081199'?: { Value: unknown[] };
}

describe.skipIf(!hasSharedFiles)('malformed files sent by STOW-RS (needs ../shared)', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it.each(malformedFiles())('$name: $why → $expect', async ({ path, expect: expected }) => {
    const answer = await stow(server.web, [readFileSync(path)]);
    const text = await answer.text();
    expect([200, 202, 400, 409], text).toContain(answer.status);
    const body = JSON.parse(text) as StoreAnswer;
    const stored = body['00081199']?.Value.length ?? 0;
    if (expected === 'accept') expect(stored, text).toBe(1);
    if (expected === 'reject') expect(stored, text).toBe(0);
    if (stored === 0 && body['00081198'] !== undefined) {
      expect(body['00081198'].Value[0]?.['00081197'].Value[0], text).toBeGreaterThan(0);
    }
  });

  it('leave the server answering and every stored instance readable, with each of its bulk values', async () => {
    const answer = await fetch(`${server.web}/instances?limit=1000`);
    const matches = (await answer.json()) as Record<string, { Value: string[] }>[];
    expect(matches.length).toBeGreaterThan(0);
    for (const match of matches) {
      const [study, series, instance] = ['0020000D', '0020000E', '00080018'].map((tag) => match[tag]?.Value[0]);
      const url = `${server.web}/studies/${study}/series/${series}/instances/${instance}`;
      const file = await fetch(url, { headers: { Accept: 'application/dicom; transfer-syntax=*' } });
      expect(file.status, url).toBe(200);
      await file.arrayBuffer();
      const metadata = await fetch(`${url}/metadata`);
      expect(metadata.status, url).toBe(200);
      const text = await metadata.text();
      expect(JSON.parse(text)).toHaveLength(1);
      for (const [, uri] of text.matchAll(/"BulkDataURI":"([^"]+)"/g)) {
        const value = await fetch(uri!);
        expect(value.status, `${uri} ${value.status === 200 ? '' : await value.clone().text()}`).toBe(200);
        await value.arrayBuffer();
      }
    }
  });
});
