import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createInstallationSecrets } from '../../src/index/installation-secrets.ts';
import { scanned } from '../support/deidentify-file.ts';
import {
  type BuiltElement,
  buildPart10,
  ctElements,
  element,
  encapsulated,
  inTagOrder,
  pixelElements,
} from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

// Too long to occur in a pseudonym by chance.
const study = '2.25.7100000000001';

async function store(instance: string, ...more: BuiltElement[]): Promise<void> {
  const elements = inTagOrder([
    ...ctElements({ study, instance }).filter(({ tag }) => tag !== '00080060'),
    element('00080060', 'CS', 'US'),
    ...pixelElements({ rows: 4, columns: 4, bitsAllocated: 8, pixelData: Buffer.alloc(16, 7) }),
    ...more,
  ]);
  const file = buildPart10({ elements, transferSyntaxUid: '1.2.840.10008.1.2' });
  expect((await stow(server.web, [file])).status).toBe(200);
}

async function anonymized(
  instance: string,
  more = '',
): Promise<{ response: Response; attributes: DicomJson; text: string }> {
  const query = `requestType=WADO&studyUID=${study}&seriesUID=2.25.2&objectUID=${instance}`;
  const response = await fetch(
    `${new URL(server.web).origin}/wado?${query}&contentType=application/dicom&anonymize=yes${more}`,
  );
  const file = Buffer.from(await response.arrayBuffer());
  const isFile = response.ok;
  return { response, attributes: isFile ? (await scanned(file)).attributes : {}, text: file.toString('latin1') };
}

it('gives instances of a study that still belong together and name nobody, with a word about their pixels', async () => {
  await store('2.25.7200000000001');
  await store('2.25.7300000000001');
  const [one, again, other] = [
    await anonymized('2.25.7200000000001'),
    await anonymized('2.25.7200000000001'),
    await anonymized('2.25.7300000000001'),
  ];
  expect(one.response.status).toBe(200);
  expect(one.response.headers.get('content-type')).toContain('1.2.840.10008.1.2.1');
  expect(one.response.headers.get('warning')).toContain('pixels');
  expect(one.attributes['00120062']?.Value).toEqual(['YES']);
  for (const secret of ['Doe', study, '2.25.7200000000001']) expect(one.text.includes(secret)).toBe(false);
  expect(again.text).toBe(one.text);
  expect(other.attributes['0020000D']).toEqual(one.attributes['0020000D']);
  expect(other.attributes['00080018']).not.toEqual(one.attributes['00080018']);
});

it('sends no comment of a codestream, unless codestreams as they are stored are asked for, and warns then', async () => {
  const picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .withExif({ IFD0: { Artist: 'Doctor Who' } })
    .jpeg()
    .toBuffer();
  expect(picture.includes('Doctor Who')).toBe(true);
  const image = {
    rows: 4,
    columns: 4,
    bitsAllocated: 8,
    samplesPerPixel: 3,
    photometricInterpretation: 'YBR_FULL_422',
  } as const;
  const elements = ctElements(
    { study, instance: '2.25.75' },
    ...pixelElements({ ...image, pixelData: encapsulated([picture]) }),
  );
  const file = buildPart10({ elements, transferSyntaxUid: '1.2.840.10008.1.2.4.50' });
  expect((await stow(server.web, [file])).status).toBe(200);
  const { response, attributes, text } = await anonymized('2.25.75');
  expect([response.status, text.includes('Doctor Who'), response.headers.get('warning')]).toEqual([200, false, null]);
  expect(attributes).toMatchObject({ '00280004': { Value: ['RGB'] }, '00282110': { Value: ['01'] } });
  const asStored = await anonymized('2.25.75', '&transferSyntax=*');
  expect(asStored.response.headers.get('warning')).toContain('codestreams');
});

it('refuses what says that a name is in its pixels', async () => {
  await store('2.25.74', element('00280301', 'CS', 'YES'));
  const { response, text } = await anonymized('2.25.74');
  expect(response.status).toBe(406);
  expect(text).toContain('Burned In Annotation');
});

it('takes one key for all nodes, whoever asks first', async () => {
  const database = await createTestDatabase();
  const nodes = Array.from({ length: 4 }, () => createInstallationSecrets(database.pool));
  const keys = await Promise.all(nodes.map((node) => node.read('uid-pseudonyms')));
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  expect(keys[0]).toHaveLength(32);
  await database.drop();
});
