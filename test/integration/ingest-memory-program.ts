import { createFilesystemBlobStore } from '../../src/blobs/filesystem-blob-store.ts';
import { createBlobCustody } from '../../src/ingest/blob-custody.ts';
import { createIngest } from '../../src/ingest/create-ingest.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { buildPart10, ctElements, element } from '../support/dicom-builder.ts';
import { peakMegabytes } from '../support/peak-memory.ts';
import { createMemoryIndex } from '../unit/ingest/memory-index.ts';

export interface MemoryReport {
  readonly status: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly peakMegabytes: number;
}

/** Sends one object of 1 GiB through ingest and prints what became of it. Runs as a process of its own, to be measured. */
const totalBytes = 1_073_741_824;
const blobs = await createFilesystemBlobStore(process.argv[2]!);
const index = createMemoryIndex();
const ingest = createIngest({
  blobs,
  index,
  custody: createBlobCustody(() => new Date()),
  limits: { maxInstanceBytes: 2 * totalBytes, maxMetadataBytes: 67_108_864 },
  acceptance: { storageSopClasses: [], acceptUnknownSopClasses: false },
  onDifferentContent: 'reject',
  keepPreamble: false,
  log: silentLog,
});

const small = buildPart10({ elements: ctElements({}, element('7FE00010', 'OW')) });
const pixelBytes = totalBytes - small.length;
const head = buildPart10({ elements: ctElements({}, element('7FE00010', 'OW', '', { length: pixelBytes })) });
if (head.length !== small.length) throw new Error('The head is not as expected.');

const receiver = ingest.receive({ door: 'stow', id: 'memory' });
await receiver.write(head);
for (let sent = 0; sent < pixelBytes; ) {
  const chunk = Buffer.alloc(Math.min(131_072, pixelBytes - sent), sent % 251);
  await receiver.write(chunk);
  sent += chunk.length;
}
const { status } = await receiver.finish();
const [row] = index.rows.values();
const report: MemoryReport = { status, size: row?.size, peakMegabytes: peakMegabytes() };
console.log(JSON.stringify(report));
await blobs.close();
