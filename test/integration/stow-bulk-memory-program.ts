import { Readable } from 'node:stream';
import { createFilesystemBlobStore } from '../../src/blobs/filesystem-blob-store.ts';
import { createBlobCustody } from '../../src/ingest/blob-custody.ts';
import { createIngest } from '../../src/ingest/create-ingest.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { peakMegabytes } from '../support/peak-memory.ts';
import { serveFakes } from '../unit/http/serve-fakes.ts';
import { createMemoryIndex } from '../unit/ingest/memory-index.ts';

export interface BulkMemoryReport {
  readonly status: number;
  /** Bytes of the stored file. */
  readonly size: number | undefined;
  /** Resident memory above what was there before the request. */
  readonly grownMegabytes: number;
}

/** Sends metadata with one part of bulk data and prints what became of it: `<folder> <megabytes>`. Runs as a process of its own. */
const [folder = '', megabytes = '256'] = process.argv.slice(2);
const chunk = Buffer.alloc(1_048_576, 7);
const blobs = await createFilesystemBlobStore(`${folder}/blobs`);
const index = createMemoryIndex();
const ingest = createIngest({
  blobs,
  index,
  custody: createBlobCustody(() => new Date()),
  limits: { maxInstanceBytes: 2 ** 40, maxMetadataBytes: 67_108_864 },
  acceptance: { storageSopClasses: [], acceptUnknownSopClasses: false },
  onDifferentContent: 'reject',
  keepPreamble: false,
  log: silentLog,
});
const server = await serveFakes({ ingest, spoolFolder: { path: `${folder}/spool` } });
const metadata = {
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.104.1'] },
  '00080018': { vr: 'UI', Value: ['2.25.5.1.1'] },
  '0020000D': { vr: 'UI', Value: ['2.25.5'] },
  '0020000E': { vr: 'UI', Value: ['2.25.5.1'] },
  '00420011': { vr: 'OB', BulkDataURI: 'document' },
};

async function* body() {
  yield Buffer.from(`--edge\r\nContent-Type: application/dicom+json\r\n\r\n${JSON.stringify([metadata])}\r\n`);
  yield Buffer.from('--edge\r\nContent-Type: application/pdf\r\nContent-Location: document\r\n\r\n');
  for (let sent = 0; sent < Number(megabytes); sent++) yield chunk;
  yield Buffer.from('\r\n--edge--\r\n');
}

const before = process.memoryUsage().rss;
const response = await fetch(`${server.web}/studies`, {
  method: 'POST',
  headers: { 'Content-Type': 'multipart/related; type="application/dicom+json"; boundary=edge' },
  body: Readable.toWeb(Readable.from(body())) as ReadableStream,
  duplex: 'half',
} as RequestInit);
await response.arrayBuffer();
const [row] = index.rows.values();
const report: BulkMemoryReport = {
  status: response.status,
  size: row?.size,
  grownMegabytes: Math.round(peakMegabytes() - before / 1_048_576),
};
console.log(JSON.stringify(report));
await server.close();
await blobs.close();
