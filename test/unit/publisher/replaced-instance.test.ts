import { describe, expect, it } from 'vitest';
import type { PreparedFile } from '../../../src/index/publishing-instances.ts';
import { createAnonymiseTask, type PrepareTaskParts } from '../../../src/publisher/run-prepare-tasks.ts';
import type { RunningTask } from '../../../src/publisher/run-task.ts';

const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const uids = { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.4', sopInstanceUid: '1.2.3.4.5' };
const key = { studyKey: 's', seriesKey: 'e', instanceKey: 'i' };
const compressed = { ...uids, blobKey: 'prepared/first', transferSyntaxUid: '1.2.840.10008.1.2.4.90' };

/** What de-identification writes of an instance whose compressed file was made of its first version. */
async function anonymised(storedSha256: Buffer) {
  const ends: unknown[] = [];
  const made: unknown[] = [];
  const parts = {
    instances: {
      pending: async () => [{ ...key, ...uids, sourceSha256: first, prepared: compressed as PreparedFile }],
      announceFiles: async () => true,
      discardFiles: async () => {},
      recordPrepared: async (_task: unknown, some: unknown[]) => made.push(...some) > 0,
      recordEnds: async (_task: unknown, some: unknown[]) => ends.push(...some) > 0,
    },
    index: { instance: async () => ({ ...uids, sha256: storedSha256 }) },
    blobs: {
      create: () => ({ write: async () => {}, commit: async () => {}, abort: async () => {} }),
      read: async function* (blobKey: string) {
        yield Buffer.from(blobKey);
      },
    },
    vault: { deidentified: async (_of: string, _stored: unknown, content: unknown) => ({ ...uids, content }) },
    clock: { now: () => new Date(0) },
  } as unknown as PrepareTaskParts;
  await createAnonymiseTask(parts)({
    task: { type: 'anonymise', graphId: '1' },
    publisher: { name: 'there', expression: '', upload: {} },
    configuration: {
      filter: { expression: '' },
      upload: { deidentify: { profile: 'basic', alsoRemove: [], keep: [] } },
    },
    sending: { signal: new AbortController().signal, log: { warn: () => {} } },
    progress: async () => {},
    alive: () => {},
  } as unknown as RunningTask);
  return { ends, made };
}

describe('de-identification after compression', () => {
  it('makes nothing of an instance that was replaced in between', async () => {
    const ends = [{ ...key, status: 'replaced', sourceSha256: second }];
    expect(await anonymised(second)).toMatchObject({ made: [], ends });
  });

  it('goes on from the compressed file of the version that is stored', async () => {
    expect(await anonymised(first)).toMatchObject({ made: [{ sourceSha256: first }], ends: [] });
  });
});
