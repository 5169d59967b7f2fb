import type { Activity } from '../activity/activity.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { DifferentContentPolicy, Index } from '../index/instance-index.ts';
import type { Log } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { BlobCustody } from './blob-custody.ts';
import type { Ingest } from './ingest.ts';
import { createInstanceReceiver } from './instance-receiver.ts';
import type { SourcePolicy } from './source-policy.ts';
import type { Acceptance } from './verify-instance.ts';

/** What one instance may take; the names are those of the configuration reference. */
interface IngestLimits {
  /** Bytes of a Part 10 file. */
  readonly maxInstanceBytes: number;
  /** Bytes of attributes that are held while an instance arrives, pixel data aside. */
  readonly maxMetadataBytes: number;
}

export interface IngestParts {
  readonly blobs: BlobStore;
  readonly index: Pick<Index, 'insert' | 'instance' | 'instances' | 'metadataOf' | 'replace' | 'putOriginal' | 'claim'>;
  /** Shared with the janitor. */
  readonly custody: BlobCustody;
  readonly limits: IngestLimits;
  readonly acceptance: Acceptance;
  /** Policy of sources that have none of their own. */
  readonly onDifferentContent: DifferentContentPolicy;
  /** Of those that do; none if left out. */
  sourcePolicies?(): Promise<readonly SourcePolicy[]>;
  /** Leaves the 128 bytes in front of a file as they came. */
  readonly keepPreamble: boolean;
  readonly log: Log;
  readonly metrics?: Pick<Metrics, 'instancesReceived' | 'bytesReceived'>;
  readonly activity?: Pick<Activity, 'tell'>;
}

export function createIngest(parts: IngestParts): Ingest {
  return { receive: (source) => createInstanceReceiver(source, parts) };
}
