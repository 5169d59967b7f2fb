import type { BlobStore } from '../blobs/blob-store.ts';
import type { ScannedInstance } from '../dicom/scanned-instance.ts';
import type { DifferentContentPolicy, Index } from '../index/instance-index.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { BlobCustody } from './blob-custody.ts';
import type { Ingest } from './ingest.ts';
import { createInstanceReceiver } from './instance-receiver.ts';
import type { Acceptance } from './verify-instance.ts';

/** Reads what it needs of a Part 10 stream while it passes. */
export interface InstanceScanner {
  /** @returns undefined if more may follow at once, else a promise to wait for. @throws CausewayError */
  push(chunk: Uint8Array): Promise<void> | undefined;
  /** @throws CausewayError `not-dicom`, `truncated`, `malformed`, `limit-exceeded` */
  end(): ScannedInstance | Promise<ScannedInstance>;
  /** Frees what it holds; no result will be asked for. */
  abort(): void;
}

export interface IngestParts {
  readonly blobs: BlobStore;
  readonly index: Pick<Index, 'insert' | 'instance'>;
  readonly createScanner: () => InstanceScanner;
  /** Shared with the janitor. */
  readonly custody: BlobCustody;
  /** Largest Part 10 file, bytes. */
  readonly maxInstanceBytes: number;
  readonly acceptance: Acceptance;
  /** Policy of sources that have none of their own. */
  readonly onDifferentContent: DifferentContentPolicy;
  /** Leaves the 128 bytes in front of a file as they came. */
  readonly keepPreamble: boolean;
  readonly log: Log;
  readonly metrics?: Pick<Metrics, 'instancesReceived' | 'bytesReceived'>;
}

export function createIngest(parts: IngestParts): Ingest {
  return { receive: (source) => createInstanceReceiver(source, parts) };
}
