import type { Ingest } from '../ingest/ingest.ts';
import { createTaskLane } from '../kernel/task-lane.ts';
import { visitFiles } from './find-files.ts';
import type { ArchiveLimits, FileVisitor } from './found-file.ts';
import { importFile } from './import-file.ts';
import type { ImportTally } from './import-tally.ts';

export interface ImportOptions {
  readonly limits: ArchiveLimits;
  /** Files on their way in at the same time. */
  readonly concurrency: number;
  /** Called after each file. */
  onFile(): void;
  /** Ends the import; files on their way are finished. */
  readonly signal: AbortSignal;
}

/**
 * Sends all files that the paths stand for through the door in.
 * @returns why it ended before all files were looked at, for people; undefined if it did not
 */
export async function importFiles(
  paths: readonly string[],
  ingest: Ingest,
  tally: ImportTally,
  { limits, concurrency, onFile, signal }: ImportOptions,
): Promise<string | undefined> {
  const lane = createTaskLane(concurrency);
  const run = Date.now().toString(36);
  let started = 0;
  let endedBecause: string | undefined;

  const visitor: FileVisitor = {
    file(found) {
      const id = `import-${run}-${++started}`;
      return lane.start(async () => {
        const outcome = await importFile(found, ingest, id);
        tally.add(found.name, outcome, found.named);
        onFile();
        // No other file would fare better.
        const hopeless = outcome.status === 'refused' && ['storage-full', 'unavailable'].includes(outcome.code);
        if (hopeless) endedBecause ??= outcome.message;
      });
    },
    problem: (name, reason) => tally.addProblem(name, reason),
    settled: () => lane.idle(),
    stopped: () => signal.aborted || endedBecause !== undefined,
  };

  await visitFiles(paths, visitor, limits);
  if (signal.aborted) endedBecause ??= 'It was interrupted.';
  return endedBecause;
}

/** Counts the files that `importFiles` would look at, and tells the count as it grows. */
export async function countFiles(
  paths: readonly string[],
  limits: ArchiveLimits,
  signal: AbortSignal,
  onCount: (files: number) => void,
): Promise<void> {
  let files = 0;
  const visitor: FileVisitor = {
    async file() {
      onCount(++files);
    },
    problem() {},
    async settled() {},
    stopped: () => signal.aborted,
  };
  await visitFiles(paths, visitor, limits);
}
