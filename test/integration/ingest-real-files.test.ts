import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { transferSyntax } from '../../src/dicom/transfer-syntaxes.ts';
import { createTestServices, send, type TestServices } from '../support/services.ts';
import { hasSharedFiles, sharedFiles, sharedSeries } from '../support/shared-files.ts';

let services: TestServices;
beforeAll(async () => {
  services = await createTestServices();
});
afterAll(() => services.close());

/** Bare data sets, without the File Meta Information that makes a file of them. */
const bare = new Set([
  'real/pydicom+pydicom/test_files/ExplVR_LitEndNoMeta.dcm',
  'real/pydicom+pydicom/test_files/rtstruct.dcm',
]);
const files = sharedFiles().filter(
  ({ name, storable, duplicate }) => storable && !duplicate && !bare.has(name) && !name.startsWith('synth/malformed/'),
);

async function metadataOf(target: Parameters<TestServices['retrieve']['metadata']>[0]): Promise<DicomJson> {
  for await (const { json } of services.retrieve.metadata(target)) return JSON.parse(json.toString()) as DicomJson;
  throw new Error('No metadata.');
}

function* bulkPaths(attributes: DicomJson): Generator<string> {
  for (const element of Object.values(attributes)) {
    if (element.BulkDataURI !== undefined) yield element.BulkDataURI;
    if (element.vr === 'SQ') for (const item of element.Value ?? []) yield* bulkPaths(item as DicomJson);
  }
}

describe.skipIf(!hasSharedFiles)('real files (needs ../shared/dicom)', () => {
  test.each(files)(
    '$name comes back byte for byte, with metadata, bulk values and frames',
    async ({ path, ...expected }) => {
      const file = readFileSync(path);
      const outcome = await send(services.ingest, file);
      expect(outcome).toMatchObject({ status: 'stored', sopInstanceUid: expected.sopInstanceUid });
      if (outcome.status === 'refused') return;
      const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = outcome;
      const target = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };

      const instance = await services.index.instance(target);
      const stored = await buffer(services.retrieve.file(instance!));
      expect(stored.subarray(128).equals(file.subarray(128))).toBe(true);
      expect(stored.subarray(0, 128).every((byte) => byte === 0)).toBe(true);

      const metadata = await metadataOf(target);
      expect(metadata['00083002']?.Value).toEqual([instance!.transferSyntaxUid]);
      for (const uri of bulkPaths(metadata)) {
        // Compressed pixels are decoded on the way out: the tests of retrieve see to it.
        if (uri === '7FE00010' && transferSyntax(instance!.transferSyntaxUid)?.encapsulated) continue;
        const value = await services.retrieve.bulk(target, uri);
        expect((await buffer(value.body)).length).toBe(value.size);
        const part = await services.retrieve.bulk(target, uri, { first: 1, last: 2 });
        expect((await buffer(part.body)).length).toBe(2);
      }
      expect((await send(services.ingest, file)).status).toBe('duplicate');
    },
  );
});

describe.skipIf(sharedSeries('ct_philips_58').length === 0)('a series (needs ../shared/series)', () => {
  test('of 58 slices that arrive on four ways at once is complete', async () => {
    const waiting = sharedSeries('ct_philips_58');
    const outcomes: string[] = [];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
          outcomes.push((await send(services.ingest, readFileSync(path))).status);
        }
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(await services.incoming()).toEqual([]);
  });
});

describe.skipIf(sharedSeries('wsi_real').length === 0)('slides (needs ../shared/series)', () => {
  /** What is known by the UID of its study needs one (PS3.3 §C.7.2.1: Type 1). This slide came with an empty one. */
  const refused: Readonly<Record<string, object>> = {
    'fodicom_3175x2281_140tiles.dcm': { code: 'attribute-missing', message: expect.stringContaining('0020,000D') },
  };

  test.each(sharedSeries('wsi_real').map((path) => ({ name: basename(path), path })))(
    '$name is stored, or refused for a reason that is known',
    async ({ name, path }) => {
      const outcome = await send(services.ingest, readFileSync(path));
      // One of them is among the files above, too.
      const stored = { status: expect.stringMatching(/^(stored|duplicate)$/) };
      expect(outcome).toMatchObject(refused[name] ? { status: 'refused', ...refused[name] } : stored);
    },
  );
});
