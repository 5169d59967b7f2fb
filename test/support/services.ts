import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../../src/blobs/blob-store.ts';
import { createFilesystemBlobStore } from '../../src/blobs/filesystem-blob-store.ts';
import { createErase } from '../../src/erase/create-erase.ts';
import type { Imaging } from '../../src/imaging/imaging.ts';
import { createIndex, writeSession } from '../../src/index/create-index.ts';
import { createInstallationSecrets } from '../../src/index/installation-secrets.ts';
import type { Index } from '../../src/index/instance-index.ts';
import { createPool } from '../../src/index/pool.ts';
import { type BlobCustody, createBlobCustody } from '../../src/ingest/blob-custody.ts';
import { createIngest, type IngestParts } from '../../src/ingest/create-ingest.ts';
import type { Ingest, InstanceOutcome, InstanceSource } from '../../src/ingest/ingest.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createRetrieve, type RetrieveParts, type RetrieveService } from '../../src/retrieve/create-retrieve.ts';
import { createTestDatabase, type TestDatabase } from './postgres.ts';

/** Ingest, retrieve and erase over a database and a directory of their own. */
export interface TestServices {
  readonly database: TestDatabase;
  readonly blobs: BlobStore;
  readonly blobsDir: string;
  readonly index: Index;
  readonly custody: BlobCustody;
  readonly ingest: Ingest;
  /** Over other parts than the rest. */
  retrieveWith(different: Partial<RetrieveParts>): RetrieveService;
  readonly retrieve: RetrieveService;
  readonly erase: ReturnType<typeof createErase>;
  /** An ingest that differs in some parts. */
  ingestWith(parts: Partial<IngestParts>): Ingest;
  blobKeys(): Promise<string[]>;
  /** Names of files that were begun and neither committed nor discarded. */
  incoming(): Promise<string[]>;
  close(): Promise<void>;
}

const noImaging: Imaging = {
  decode: () => Promise.reject(new Error('This test decodes nothing.')),
  encode: () => Promise.reject(new Error('This test encodes nothing.')),
  render: () => Promise.reject(new Error('This test renders nothing.')),
  readPicture: () => Promise.reject(new Error('This test reads no pictures.')),
  close: async () => {},
};

export async function createTestServices(imaging: Imaging = noImaging): Promise<TestServices> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-services-'));
  const blobsDir = join(directory, 'blobs');
  const [database, blobs] = await Promise.all([createTestDatabase(), createFilesystemBlobStore(blobsDir)]);
  const writePool = createPool({
    connection: database.connection,
    maxConnections: 4,
    session: writeSession,
    log: silentLog,
  });
  const index = createIndex({ pool: database.pool, writePool });
  const custody = createBlobCustody(() => new Date());
  const parts: IngestParts = {
    blobs,
    index,
    custody,
    limits: { maxInstanceBytes: 68_719_476_736, maxMetadataBytes: 67_108_864 },
    acceptance: { storageSopClasses: [], acceptUnknownSopClasses: false },
    onDifferentContent: 'reject',
    keepPreamble: false,
    log: silentLog,
  };
  const secrets = createInstallationSecrets(database.pool);
  const retrieveWith = (different: Partial<RetrieveParts>) =>
    createRetrieve({
      blobs,
      index,
      imaging,
      readUidKey: () => secrets.read('uid-pseudonyms'),
      limits: { maxFrameBytes: 536_870_912, imagingCacheBytes: 67_108_864 },
      ...different,
    });
  const retrieve = retrieveWith({});
  return {
    database,
    blobs,
    blobsDir,
    index,
    custody,
    ingest: createIngest(parts),
    retrieve,
    erase: createErase({ index, blobs, forget: retrieve.forget, log: silentLog }),
    retrieveWith,
    ingestWith: (different) => createIngest({ ...parts, ...different }),
    async blobKeys() {
      const keys: string[] = [];
      for await (const { key } of blobs.list()) keys.push(key);
      return keys;
    },
    incoming: () => readdir(join(blobsDir, 'incoming')),
    async close() {
      await imaging.close();
      await writePool.end();
      await blobs.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const testSource: InstanceSource = { door: 'import', id: 'test' };

/** Sends a file in chunks, waiting where it is told to. */
export async function send(
  ingest: Ingest,
  file: Uint8Array,
  source: InstanceSource = testSource,
  chunkBytes = 65_536,
): Promise<InstanceOutcome> {
  const receiver = ingest.receive(source);
  for (let at = 0; at < file.length; at += chunkBytes) await receiver.write(file.subarray(at, at + chunkBytes));
  return receiver.finish();
}
