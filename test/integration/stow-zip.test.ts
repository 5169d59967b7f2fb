import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { hasProgram } from '../support/peer-programs.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { type ZipEntry, zipArchive } from '../support/zip-builder.ts';

let server: TestServer;
let folder: string;
let studies = 0;

beforeAll(async () => {
  [server, folder] = await Promise.all([
    startTestServer({ CAUSEWAY_MAX_ZIP_UPLOAD_BYTES: '20000000' }),
    mkdtemp(join(tmpdir(), 'causeway-zip-')),
  ]);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function newStudy(): string {
  studies += 1;
  return `2.25.8${String(studies).padStart(5, '0')}`;
}

function fileOf(study: string, number: number, bytes = 2000): Buffer {
  const uids = { study, series: `${study}.1`, instance: `${study}.1.${number}` };
  const content = Buffer.from(Array.from({ length: bytes }, (_, at) => (at * at * 31) & 0xff));
  return buildPart10({ elements: ctElements(uids, element('00420011', 'OB', content)) });
}

async function post(body: NonNullable<RequestInit['body']>, path = '/studies', type = 'application/zip') {
  const response = await fetch(server.web + path, {
    method: 'POST',
    headers: { 'Content-Type': type, Accept: 'application/dicom+json' },
    body,
    duplex: 'half',
  } as RequestInit);
  const answer = (await response.json()) as DicomJson;
  const items = (tag: string) => (answer[tag]?.Value ?? []) as DicomJson[];
  return {
    status: response.status,
    warning: response.headers.get('warning'),
    stored: items('00081199').map((item) => item['00081155']?.Value?.[0]),
    failed: items('00081198').map((item) => item['00000902']?.Value?.[0]),
    reasons: items('00081198').map((item) => item['00081197']?.Value?.[0]),
    answer,
  };
}

async function storedFile(study: string, number: number): Promise<Buffer> {
  const url = `${server.web}/studies/${study}/series/${study}.1/instances/${study}.1.${number}`;
  return Buffer.from(await (await fetch(url, { headers: { Accept: 'application/dicom' } })).arrayBuffer());
}

/** Blobs that were begun, and spooled archives that still have a name. */
async function leftovers(): Promise<string[]> {
  const folders = [join(server.dataDir, 'blobs', 'incoming'), join(server.dataDir, 'spool')];
  return (await Promise.all(folders.map((each) => readdir(each)))).flat();
}

describe('storing a ZIP archive', () => {
  it('refuses it before it lies on a disk of which the rest is kept for the database, and bulk data likewise', async () => {
    const full = await startTestServer({ CAUSEWAY_DISK_RESERVE_BYTES: String(Number.MAX_SAFE_INTEGER) });
    try {
      // Had they been written to disk, they would be refused for what they are.
      const bulk = '--edge\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--edge--';
      const bodies = [
        ['application/zip', 'no archive'],
        ['multipart/related; type="application/dicom+json"; boundary=edge', bulk],
      ] as const;
      for (const [type, body] of bodies) {
        const answer = await fetch(`${full.web}/studies`, { method: 'POST', headers: { 'Content-Type': type }, body });
        expect(answer.status).toBe(507);
        expect(await answer.json()).toMatchObject({ limit: 'diskReserveBytes' });
      }
    } finally {
      await full.close();
    }
  });

  it('stores the files in it byte for byte, deflated or not, in folders or not', async () => {
    const study = newStudy();
    const files = [1, 2, 3].map((number) => fileOf(study, number));
    const archive = zipArchive([
      { name: 'a.dcm', bytes: files[0]!, deflate: true },
      { name: 'folder/', bytes: Buffer.alloc(0) },
      { name: 'folder/b', bytes: files[1]! },
      { name: 'folder/ä.dcm', bytes: files[2]!, deflate: true },
    ]);
    expect(await post(archive)).toMatchObject({
      status: 200,
      stored: [1, 2, 3].map((number) => `${study}.1.${number}`),
      failed: [],
    });
    for (const [at, file] of files.entries()) expect((await storedFile(study, at + 1)).equals(file)).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  it('takes back the archive that it gave out, and says that its DICOMDIR was passed over', async () => {
    const study = newStudy();
    await post(zipArchive([{ name: 'a', bytes: fileOf(study, 1) }]));
    const url = `${server.web}/studies/${study}`;
    const archive = Buffer.from(await (await fetch(url, { headers: { Accept: 'application/zip' } })).arrayBuffer());
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await post(archive)).toMatchObject({
      status: 200,
      stored: [`${study}.1.1`],
      failed: [],
      warning: expect.stringMatching(/^299 .*"DICOMDIR is no instance and was passed over\."/),
    });
  });

  it('says of many DICOMDIRs how many were passed over, in a header that a client can read', async () => {
    const study = newStudy();
    const lists = Array.from({ length: 400 }, (_, at) => ({
      name: `${'folder/'.repeat(20)}${at}/DICOMDIR`,
      bytes: Buffer.from('x'),
    }));
    const { status, warning } = await post(zipArchive([{ name: 'a', bytes: fileOf(study, 1) }, ...lists]));
    expect(status).toBe(200);
    expect(warning).toMatch(/0\/DICOMDIR and 399 more are no instances/);
    expect(warning!.length).toBeLessThan(1000);
  });

  it('names each file that is refused, and stores the others', async () => {
    const study = newStudy();
    const good = fileOf(study, 1);
    const damaged = zipArchive([{ name: 'x', bytes: fileOf(study, 3) }]);
    const entries: ZipEntry[] = [
      { name: 'read\u0007me.txt', bytes: Buffer.from('hello') },
      { name: 'inner.zip', bytes: damaged },
      { name: 'locked.dcm', bytes: fileOf(study, 4), encrypted: true },
      { name: 'cut.dcm', bytes: fileOf(study, 5).subarray(0, 1000) },
      { name: 'longer.dcm', bytes: fileOf(study, 6), deflate: true, claimedLength: 1000 },
      { name: 'shorter.dcm', bytes: fileOf(study, 7), deflate: true, claimedLength: 1_000_000 },
      { name: 'changed.dcm', bytes: Buffer.concat([fileOf(study, 8)]) },
      { name: 'good.dcm', bytes: good, deflate: true },
    ];
    const archive = zipArchive(entries);
    const at = archive.indexOf(fileOf(study, 8)) + fileOf(study, 8).length - 1;
    archive[at] = archive[at]! ^ 0xff;
    const { status, stored, failed } = await post(archive);
    expect({ status, stored }).toEqual({ status: 202, stored: [`${study}.1.1`] });
    expect(failed).toEqual([
      expect.stringMatching(/^read\?me\.txt: /),
      expect.stringMatching(/^inner\.zip: An archive within an archive is not opened/),
      expect.stringMatching(/^locked\.dcm: The entry is encrypted/),
      expect.stringMatching(/^cut\.dcm: /),
      expect.stringMatching(/^longer\.dcm: The entry cannot be unpacked/),
      expect.stringMatching(/^shorter\.dcm: The entry cannot be unpacked/),
      expect.stringMatching(/^changed\.dcm: The entry is damaged/),
    ]);
    expect((await storedFile(study, 1)).equals(good)).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  it('refuses instances of another study than that of the URL', async () => {
    const study = newStudy();
    const { status, reasons } = await post(zipArchive([{ name: 'a', bytes: fileOf(study, 1) }]), '/studies/2.25.8');
    expect(status).toBe(409);
    expect(reasons).toEqual([0xa901]);
  });

  it('refuses an archive that unpacks to far more than it is, before it unpacks it', async () => {
    const study = newStudy();
    const bomb = (name: string): ZipEntry => ({
      name,
      bytes: Buffer.alloc(1000),
      deflate: true,
      claimedLength: 0xfffffff0,
    });
    const sent = zipArchive([{ name: 'first', bytes: fileOf(study, 1) }, bomb('bomb')]);
    const { status, stored, warning } = await post(sent);
    expect({ status, stored }).toEqual({ status: 202, stored: [`${study}.1.1`] });
    expect(warning).toMatch(/The archive unpacks to more than 1073741824 bytes/);
    const alone = await post(zipArchive([bomb('bomb')]));
    expect(alone).toMatchObject({ status: 413, answer: { limit: 'maxZipRatio' } });
  });

  it('refuses an archive over the limit, also one whose length nobody said', async () => {
    const chunk = Buffer.alloc(1_000_000, 'PK');
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 21) controller.close();
        else controller.enqueue(chunk);
      },
    });
    expect(await post(stream)).toMatchObject({ status: 413, answer: { limit: 'maxZipUploadBytes' } });
    expect(await leftovers()).toEqual([]);
  });

  it('stores nothing of an archive that breaks off at any hundredth byte, as its directory comes last', async () => {
    const study = newStudy();
    const archive = zipArchive([1, 2].map((number) => ({ name: `${number}`, bytes: fileOf(study, number, 900) })));
    for (let length = 0; length < archive.length; length += 100) {
      const { status, answer } = await post(archive.subarray(0, length));
      expect(status, `${length} bytes`).toBe(400);
      expect(answer).toMatchObject({ detail: expect.stringMatching(/^The archive cannot be read: /) });
    }
    expect((await fetch(`${server.web}/studies/${study}/metadata`)).status).toBe(404);
    expect(await leftovers()).toEqual([]);
  });

  it('says of an archive without a file that there is nothing in it', async () => {
    expect((await post(zipArchive([]))).status).toBe(400);
  });

  it.runIf(hasProgram('curl') && hasProgram('python3'))('takes what Python zips and curl sends', async () => {
    const run = promisify(execFile);
    const study = newStudy();
    const archive = join(folder, 'python.zip');
    const script = 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)\n';
    const names = await Promise.all(
      [1, 2].map(async (number) => {
        const path = join(folder, `${number}.dcm`);
        await writeFile(path, fileOf(study, number));
        return path;
      }),
    );
    await run('python3', ['-c', `${script}for f in sys.argv[2:]: z.write(f)\nz.close()`, archive, ...names]);
    const { stdout } = await run('curl', [
      ...['-s', '-H', 'Content-Type: application/zip', '-H', 'Accept: application/dicom+json'],
      ...['--data-binary', `@${archive}`, `${server.web}/studies`],
    ]);
    expect(((JSON.parse(stdout) as DicomJson)['00081199']?.Value ?? []).length).toBe(2);
    expect((await storedFile(study, 2)).equals(fileOf(study, 2))).toBe(true);
  });
});

describe('storing several ZIP archives in one body', () => {
  const type = 'multipart/related; type="application/zip"; boundary=edge';
  const bodyOf = (...parts: { readonly type?: string; readonly bytes: Uint8Array }[]) =>
    Buffer.concat([
      ...parts.flatMap(({ type: partType = 'application/zip', bytes }) => [
        Buffer.from(`\r\n--edge\r\nContent-Type: ${partType}\r\n\r\n`),
        bytes,
      ]),
      Buffer.from('\r\n--edge--\r\n'),
    ]);

  it('stores the files of each, and refuses a part that is none without keeping the others', async () => {
    const study = newStudy();
    const files = [1, 2, 3].map((number) => fileOf(study, number));
    const answer = await post(
      bodyOf(
        { bytes: zipArchive([{ name: 'a', bytes: files[0]!, deflate: true }]) },
        { bytes: Buffer.from('no archive') },
        { type: 'application/dicom', bytes: files[2]! },
        { bytes: zipArchive([{ name: 'b', bytes: files[1]! }]) },
      ),
      '/studies',
      type,
    );
    expect(answer).toMatchObject({ status: 202, stored: [`${study}.1.1`, `${study}.1.2`] });
    expect(answer.failed).toEqual([
      expect.stringMatching(/^Part 2: The archive cannot be read/),
      expect.stringMatching(/^Part 3: Its Content-Type is not application\/zip/),
    ]);
    for (const number of [1, 2]) expect((await storedFile(study, number)).equals(files[number - 1]!)).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  it('holds all of them together to the limit of one', async () => {
    const study = newStudy();
    const large = (number: number) =>
      zipArchive([{ name: 'a', bytes: Buffer.concat([fileOf(study, number), Buffer.alloc(12_000_000)]) }]);
    const answer = await post(bodyOf({ bytes: large(1) }, { bytes: large(2) }), '/studies', type);
    expect(answer.status).toBe(202);
    expect(answer.warning).toMatch(/larger than the allowed 20000000 bytes/);
    expect(answer.stored.length + answer.failed.length).toBe(1);
  });
});
