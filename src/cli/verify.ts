import { parseArgs } from 'node:util';
import { type Finding, verify } from '../ingest/verify.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Command } from './command.ts';
import { openHouse } from './open-house.ts';
import { createProgress } from './progress.ts';
import { wholeNumber } from './whole-number.ts';

const defaultConcurrency = 4;

const usage = `Usage: causeway verify [options]

Reads every stored file again and compares its hash with the one in the index. Prints a line for each file that is
missing, differs or cannot be read, and for each that the index does not know. Changes nothing, and may run beside the
server.

Options
  --concurrency N   files read at the same time (${defaultConcurrency})

Exit code 0 if every file is as it was stored, else 1. A file that the index does not know is no reason for 1.`;

/** `causeway verify`: are the blobs still what was stored? */
export const verifyCommand: Command = {
  about: 'compare every stored file with the index',
  usage,
  async run(args, { terminal, env, workingDir, signal }) {
    const { values } = parseArgs({ args: [...args], options: { concurrency: { type: 'string' } } });
    const concurrency = wholeNumber(values, 'concurrency', defaultConcurrency, 64);
    const { house } = await openHouse(env, workingDir);
    const progress = createProgress(terminal, 'files');
    const counts: Record<Finding['kind'], number> = { missing: 0, differs: 0, unreadable: 0, orphan: 0 };
    const damaged = () => counts.missing + counts.differs + counts.unreadable;
    let files = 0;
    let bytes = 0;
    try {
      await verify(
        { blobs: house.blobs, index: house.index, clock: systemClock },
        {
          concurrency,
          signal,
          onBlob(size) {
            bytes += size;
            progress.update(++files, undefined, `${damaged()} damaged`);
          },
          onFinding(finding) {
            counts[finding.kind]++;
            terminal.print(described(finding));
          },
        },
      );
      progress.stop();
      terminal.print(`${files} files with ${bytes} bytes read`);
      terminal.print(`as stored: ${files - damaged()}`);
      for (const [kind, count] of Object.entries(counts)) {
        if (count > 0) terminal.print(`${kind}: ${count}`);
      }
      if (signal.aborted) terminal.complain('It was interrupted before all files were read.');
      return damaged() > 0 || signal.aborted ? 1 : 0;
    } finally {
      progress.stop();
      await house.close({ graceMs: 0 });
    }
  },
};

/** Names the instance, so that it can be sent again, and its file, so that it can be restored. */
function described(finding: Finding): string {
  if (finding.kind === 'orphan') return `orphan ${finding.blobKey}: ${finding.message}`;
  const { blobKey, studyInstanceUid, seriesInstanceUid, sopInstanceUid } = finding.instance;
  return `${finding.kind} ${blobKey}: ${finding.message} studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
}
