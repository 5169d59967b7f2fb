import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deidentificationObstacles } from '../../src/dicom/deidentification-obstacles.ts';
import type { DicomJson, PersonNameValue } from '../../src/dicom/json-model.ts';
import type { ScannedInstance } from '../../src/dicom/scanned-instance.ts';
import type { IndexedInstance } from '../../src/index/instance-record.ts';
import { createVaultStore } from '../../src/index/vault-store.ts';
import { createSealing } from '../../src/kernel/sealing.ts';
import { createVault } from '../../src/publisher/create-vault.ts';
import type { Vault } from '../../src/publisher/vault.ts';
import { movedDates } from '../../src/publisher/vault-pseudonyms.ts';
import { scanned } from '../support/deidentify-file.ts';
import { isIn, secretsOf, withoutPixels } from '../support/leaks.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { hasSharedFiles, sharedFiles } from '../support/shared-files.ts';

interface Sent {
  readonly name: string;
  readonly file: Buffer;
  readonly original: ScannedInstance;
  readonly bytes: Buffer;
  readonly result: ScannedInstance;
}

const requirePeers = process.env['CAUSEWAY_REQUIRE_PEERS'] === '1';
const python = '/usr/bin/python3';
const hasPydicom = requirePeers || spawnSync(python, ['-c', 'import pydicom']).status === 0;
/** Long after every file was made. */
const today = '20261130';
const noLists: { readonly alsoRemove: readonly string[]; readonly keep: readonly string[] } = {
  alsoRemove: [],
  keep: [],
};
const sealing = createSealing({ key: Buffer.alloc(32, 7), isShared: async () => true });

let database: TestDatabase;
let directory: string;
let vault: Vault;
const stored = new Map<string, DicomJson>();
const sent: Sent[] = [];
const refused: string[] = [];

/** A node that shares nothing with another but the database. */
function newVault(): Vault {
  return createVault({
    store: createVaultStore(database.pool),
    sealing,
    index: {
      async *metadata(target) {
        const attributes = stored.get(target.sopInstanceUid ?? target.studyInstanceUid);
        if (attributes === undefined) return;
        yield { ...uidsOf(attributes), metadata: deflateRawSync(JSON.stringify(attributes)) };
      },
    },
    retrieve: {
      deidentification: async ({ sopInstanceUid }) => deidentificationObstacles(stored.get(sopInstanceUid)!),
    },
    clock: { now: () => new Date('2026-11-30T10:00:00Z') },
  });
}

function textOf(attributes: DicomJson, tag: string): string {
  return String(attributes[tag]?.Value?.[0] ?? '');
}

function uidsOf(attributes: DicomJson) {
  return {
    studyInstanceUid: textOf(attributes, '0020000D'),
    seriesInstanceUid: textOf(attributes, '0020000E'),
    sopInstanceUid: textOf(attributes, '00080018'),
  };
}

function indexed({ attributes, transferSyntaxUid }: ScannedInstance, file: Buffer): IndexedInstance {
  return {
    ...uidsOf(attributes),
    sopClassUid: textOf(attributes, '00080016'),
    transferSyntaxUid,
    frames: 1,
    blobKey: '',
    size: file.length,
    sha256: Buffer.alloc(32),
    dataSetOffset: 0,
    deflated: false,
  };
}

async function* chunks(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collected(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function deidentify(original: ScannedInstance, file: Buffer, by = vault, lists = noLists, publisher = 'cloud') {
  const made = await by.deidentified(
    publisher,
    indexed(original, file),
    chunks(file),
    original.transferSyntaxUid,
    lists,
  );
  return { ...made, bytes: await collected(made.content) };
}

beforeAll(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), 'causeway-vault-'));
  // A fixed key: a day that is moved could by chance be one that another attribute has.
  const sealed = await sealing.seal(Buffer.alloc(32, 1), 'key of cloud');
  await createVaultStore(database.pool).keepKey('cloud', sealed);
  vault = newVault();
  for (const { name, path, storable, duplicate } of sharedFiles()) {
    if (!storable || duplicate) continue;
    const file = readFileSync(path);
    const original = await scanned(file).catch(() => undefined);
    if (original === undefined || original.deflated) continue;
    const { sopInstanceUid, studyInstanceUid } = uidsOf(original.attributes);
    stored.set(sopInstanceUid, original.attributes);
    stored.set(studyInstanceUid, original.attributes);
    const made = await deidentify(original, file).catch((thrown: unknown) => String(thrown));
    if (typeof made === 'string') refused.push(made);
    else sent.push({ name, file, original, bytes: made.bytes, result: await scanned(made.bytes) });
  }
}, 120_000);

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await database.drop();
});

describe.skipIf(!hasSharedFiles)('the vault, with every real file', () => {
  test('refuses what cannot be de-identified, and says why', () => {
    expect(refused.length).toBeGreaterThan(5);
    for (const why of refused) expect(why).toMatch(/The instance cannot be de-identified\. /);
  });

  test('lets no value out that was to go, but in pixels', () => {
    expect(sent.length).toBeGreaterThan(60);
    let searched = 0;
    for (const { name, original, bytes, result } of sent) {
      const text = withoutPixels(bytes, result);
      const secrets = secretsOf(original, movedDates);
      searched += secrets.size;
      expect([name, [...secrets].filter((secret) => isIn(text, secret))]).toEqual([name, []]);
    }
    expect(searched).toBeGreaterThan(1000);
  });

  test('keeps originals and keys in its own tables sealed', async () => {
    const { rows } = await database.pool.query<{ sealed: Buffer }>(
      'select sealed from vault_uids union all select sealed from vault_studies union all select sealed from vault_keys',
    );
    const all = Buffer.concat(rows.map(({ sealed }) => sealed)).toString('latin1');
    expect(rows.length).toBeGreaterThan(sent.length);
    for (const { original } of sent) {
      for (const secret of Object.values(uidsOf(original.attributes))) expect(all.includes(secret)).toBe(false);
    }
  });

  test('has one pseudonym for a patient, the same days between his studies, and others at another publisher', async () => {
    const byPatient = new Map<string, Set<string>>();
    for (const { original, result } of sent) {
      const patient = textOf(original.attributes, '00100020');
      if (patient === '') continue;
      const key = `${textOf(original.attributes, '00100021')} ${patient}`;
      const shift = daysBetween(original.attributes, result.attributes);
      const seen = `${textOf(result.attributes, '00100020')} ${JSON.stringify(result.attributes['00100010'])} ${shift ?? ''}`;
      byPatient.set(key, (byPatient.get(key) ?? new Set()).add(seen));
    }
    const consistent = [...byPatient.values()].map((seen) => new Set([...seen].map((one) => one.split(' ')[0])).size);
    expect(new Set(consistent)).toEqual(new Set([1]));
    const shifts = [...byPatient.values()].map(
      (seen) => new Set([...seen].map((one) => one.split(' ').at(-1)).filter(Boolean)).size,
    );
    expect(Math.max(...shifts)).toBe(1);
    const { original, file, result } = sent[0]!;
    const elsewhere = await scanned((await deidentify(original, file, vault, noLists, 'other')).bytes);
    for (const tag of ['0020000D', '00080018', '00100020']) {
      expect(textOf(elsewhere.attributes, tag)).not.toBe(textOf(result.attributes, tag));
    }
  });

  test('gives the same bytes again, on another node', async () => {
    const other = newVault();
    for (const { original, file, bytes } of sent.slice(0, 8)) {
      expect((await deidentify(original, file, other)).bytes.equals(bytes)).toBe(true);
    }
  });

  test('undoes its own work: UIDs, days, patient and study are as they were, and pixels byte for byte', async () => {
    const other = newVault();
    for (const [at, { name, file, original, bytes }] of sent.entries()) {
      const back = await collected(other.restored('cloud', chunks(bytes, at % 3 === 0 ? 1_021 : 65_536)));
      const { attributes, bulk } = await scanned(back);
      for (const tag of [
        '00080018',
        '0020000D',
        '0020000E',
        '00100010',
        '00100020',
        '00100030',
        '00080020',
        '00080050',
        '00200052',
      ]) {
        const before = identityTags.includes(tag) ? studyOf(original) : original.attributes;
        expect([name, tag, attributes[tag]?.Value ?? []]).toEqual([name, tag, before[tag]?.Value ?? []]);
      }
      for (const tag of ['00120062', '00120063', '00120064', '00280303']) {
        expect([name, tag in attributes]).toEqual([name, false]);
      }
      if (textOf(original.attributes, '00080022').match(/^\d{8}$/)) {
        expect([name, textOf(attributes, '00080022')]).toEqual([name, textOf(original.attributes, '00080022')]);
      }
      const [was, is] = [original.bulk, bulk].map((values) => values.find(({ path }) => path === '7FE00010'));
      if (was === undefined || is === undefined) continue;
      const pixels = (from: Buffer, { offset, length }: typeof was) => from.subarray(offset, offset + length);
      expect([name, pixels(file, was).equals(pixels(back, is))]).toEqual([name, true]);
    }
  }, 60_000);

  test('keeps and removes what the site has decided', async () => {
    const { original, file } = sent.find(
      ({ original: { attributes } }) =>
        textOf(attributes, '00080020') && textOf(attributes, '00100040') && textOf(attributes, '00080060'),
    )!;
    const lists = { keep: ['StudyDate', 'PatientName'], alsoRemove: ['Modality', '00100040'] };
    const { attributes } = await scanned((await deidentify(original, file, newVault(), lists, 'other-lists')).bytes);
    expect(attributes['00080020']).toEqual(original.attributes['00080020']);
    expect(attributes['00100010']?.Value).toEqual(original.attributes['00100010']?.Value);
    expect([attributes['00080060'], attributes['00100040']]).toEqual([undefined, undefined]);
    expect(textOf(attributes, '00120063')).toMatch(/exceptions/);
  });

  test('gives a text the patient and the days back that the images had', async () => {
    const { original, result } = sent.find(
      ({ original: { attributes } }) => textOf(attributes, '00080020') && textOf(attributes, '00100020'),
    )!;
    const [study, day, id] = ['0020000D', '00080020', '00100020'].map((tag) => textOf(result.attributes, tag));
    const nameIn = ({ '00100010': name }: DicomJson) => (name!.Value![0] as PersonNameValue).Alphabetic;
    const about = original.attributes;
    const text = await vault.restoredText('cloud', study!, `${nameIn(result.attributes)} (${id}) on ${day}`, {
      isJson: false,
      about,
    });
    expect(text).toBe(
      `${nameIn(studyOf(original))} (${textOf(studyOf(original), '00100020')}) on ${textOf(about, '00080020')}`,
    );
  });

  test('moves the days of a study as when it was first sent, or sends no more of it', async () => {
    const { original, file } = sent.find(({ original: { attributes } }) => textOf(attributes, '00080022'))!;
    const before = textOf(original.attributes, '00080022');
    const kept = { alsoRemove: [], keep: ['AcquisitionDate'] };
    const dayIn = async (bytes: Buffer) => textOf((await scanned(bytes)).attributes, '00080022');
    const first = await deidentify(original, file, vault, noLists, 'first-moved');
    const late = await deidentify(original, file, newVault(), kept, 'first-moved');
    expect(late.bytes.equals(first.bytes)).toBe(true);
    expect(await dayIn(late.bytes)).not.toBe(before);
    expect(await dayIn(await collected(vault.restored('first-moved', chunks(late.bytes))))).toBe(before);

    expect(await dayIn((await deidentify(original, file, vault, kept, 'first-kept')).bytes)).toBe(before);
    await expect(deidentify(original, file, newVault(), noLists, 'first-kept')).rejects.toMatchObject({
      code: 'not-acceptable',
      message: expect.stringContaining('sent before with AcquisitionDate as it is, which is not to be kept any more'),
    });
    const removed = { alsoRemove: ['AcquisitionDate'], keep: [] };
    expect(await dayIn((await deidentify(original, file, newVault(), removed, 'first-kept')).bytes)).toBe('');
  });

  test('knows its pseudonyms, and nothing else', async () => {
    const { original, result } = sent[0]!;
    const study = textOf(result.attributes, '0020000D');
    const options = { isJson: true, about: original.attributes };
    expect(await vault.restoredText('cloud', study, `"${study}", "1.2.3"`, options)).toBe(
      `"${textOf(original.attributes, '0020000D')}", "1.2.3"`,
    );
    await expect(vault.restoredText('nobody', study, study, options)).rejects.toMatchObject({ code: 'not-found' });
    await expect(collected(vault.restored('cloud', chunks(sent[0]!.file)))).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(collected(vault.restored('nobody', chunks(sent[0]!.bytes)))).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(collected(vault.restored('cloud', chunks(sent[0]!.bytes.subarray(0, 900))))).rejects.toThrow();
    await expect(collected(vault.restored('cloud', chunks(Buffer.from('{"no": "DICOM"}'))))).rejects.toMatchObject({
      code: 'not-dicom',
    });
  });

  test.skipIf(!hasPydicom)(
    'gives what pydicom makes of de-identified files its original identity, in every character set',
    async () => {
      const some = chosen();
      const paths = some.map(({ bytes }, at) => {
        const path = join(directory, `${at}.dcm`);
        writeFileSync(path, bytes);
        return path;
      });
      const script = join(import.meta.dirname, 'pydicom-results.py');
      const { status, stderr } = spawnSync(python, [script, today], { input: paths.join('\n'), encoding: 'utf8' });
      expect([status, stderr.split('\n').filter((line) => line.includes('Error'))]).toEqual([0, []]);
      for (const [at, { name, original }] of some.entries()) {
        for (const kind of ['sc', 'sr']) {
          const made = readFileSync(`${paths[at]}.${kind}`);
          const before = await scanned(made);
          const { attributes, warnings } = await scanned(await collected(vault.restored('cloud', chunks(made))));
          const label = `${name} ${kind}`;
          for (const tag of [
            '0020000D',
            '00100010',
            '00100020',
            '00100030',
            '00080020',
            '00080030',
            '00080050',
            '00200052',
          ]) {
            const expected = identityTags.includes(tag) ? studyOf(original) : original.attributes;
            expect([label, tag, attributes[tag]?.Value ?? []]).toEqual([label, tag, expected[tag]?.Value ?? []]);
          }
          // Its own are its own.
          for (const tag of ['00080018', '0020000E', '00080021', '00080023', '00080012', '0008103E']) {
            expect([label, tag, attributes[tag]?.Value]).toEqual([label, tag, before.attributes[tag]?.Value]);
          }
          const references = JSON.stringify(attributes);
          expect([label, references.includes(uidsOf(original.attributes).sopInstanceUid)]).toEqual([label, true]);
          expect([label, references.includes('PatientIdentityRemoved'), attributes['00120062']]).toEqual([
            label,
            false,
            undefined,
          ]);
          expect([label, warnings.length <= before.warnings.length + original.warnings.length]).toEqual([label, true]);
        }
      }
    },
    60_000,
  );
});

/** Some of the files disagree on whose study it is: what is stored last is the patient by now. */
const identityTags = ['00100010', '00100020', '00100030', '00080020', '00080030', '00080050'];

function studyOf({ attributes }: ScannedInstance): DicomJson {
  return stored.get(uidsOf(attributes).studyInstanceUid)!;
}

function daysBetween(original: DicomJson, result: DicomJson): number | undefined {
  const [before, after] = [original, result].map((attributes) => textOf(attributes, '00080022'));
  if (!/^\d{8}$/.test(before!) || !/^\d{8}$/.test(after!) || after === '19000101') return undefined;
  const day = (text: string) => Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4, 6)) - 1, Number(text.slice(6)));
  return (day(after!) - day(before!)) / 86_400_000;
}

/** One of each character set, and some more. */
function chosen(): Sent[] {
  const byCharacterSet = new Map(sent.map((one) => [JSON.stringify(one.original.attributes['00080005']), one]));
  return [...new Set([...byCharacterSet.values(), ...sent.slice(0, 5)])];
}
