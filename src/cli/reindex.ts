import { parseArgs } from 'node:util';
import { type ReindexOutcome, reindex } from '../ingest/reindex.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Command } from './command.ts';
import { openHouse } from './open-house.ts';
import { createProgress } from './progress.ts';
import { createReasonList } from './reason-list.ts';
import { wholeNumber } from './whole-number.ts';

const defaultConcurrency = 4;

const usage = `Usage: causeway reindex [options]

Reads every stored file that the index does not refer to, and puts it into the index: all of them where the index was
lost or is new, those in between where it was restored from a backup. It takes nothing out of the index, does not bring
back what was deleted, and may run beside the server. Files of the last ten minutes are left to whoever stores them.
A file that is younger than the deletion of its instance was stored again after it, or got a new time when it was copied
or restored: such are listed and left, too, unless --stored-again is given.

Options
  --concurrency N   files read at the same time (${defaultConcurrency})
  --stored-again    put files into the index that are younger than the deletion of their instances

Exit code 0 if the index refers to every file that it can, else 1.`;

/** `causeway reindex`: from the blobs into the index. */
export const reindexCommand: Command = {
  about: 'rebuild the index from the stored files',
  usage,
  async run(args, { terminal, env, workingDir, signal }) {
    const options = { concurrency: { type: 'string' }, 'stored-again': { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const concurrency = wholeNumber({ concurrency: values.concurrency }, 'concurrency', defaultConcurrency, 64);
    const { house, settings } = await openHouse(env, workingDir);
    const progress = createProgress(terminal, 'files');
    const counts: Record<ReindexOutcome['status'], number> = {
      indexed: 0,
      known: 0,
      erased: 0,
      'stored-again': 0,
      duplicate: 0,
      young: 0,
      refused: 0,
    };
    const refusals = createReasonList();
    const storedAgain = createReasonList();
    let files = 0;
    try {
      await reindex(
        {
          blobs: house.blobs,
          index: house.index,
          clock: systemClock,
          maxMetadataBytes: settings.maxMetadataBytes,
        },
        {
          concurrency,
          signal,
          storedAgain: values['stored-again'] === true,
          onBlob(key, outcome) {
            counts[outcome.status]++;
            if (outcome.status === 'refused') refusals.note(outcome.message, outcome.message, key);
            if (outcome.status === 'stored-again') storedAgain.note('', 'These were not put into the index', key);
            progress.update(++files, undefined, `${counts.indexed} added to the index`);
          },
        },
      );
      progress.stop();
      terminal.print(`added to the index: ${counts.indexed}`);
      terminal.print(`in the index already: ${counts.known}`);
      if (counts.duplicate > 0) terminal.print(`same data set as another file: ${counts.duplicate}`);
      if (counts.erased > 0) terminal.print(`erased, and left so: ${counts.erased}`);
      if (counts['stored-again'] > 0) {
        terminal.print(`stored again after it was deleted, or copied since: ${counts['stored-again']}`);
        for (const line of storedAgain.lines()) terminal.print(line);
        terminal.print('  If they are to come back: causeway reindex --stored-again');
      }
      if (counts.young > 0) terminal.print(`too new, run it again in ten minutes: ${counts.young}`);
      if (counts.refused > 0) terminal.print(`cannot be indexed: ${counts.refused}`);
      for (const line of refusals.lines()) terminal.print(line);
      if (signal.aborted) terminal.complain('It was interrupted; run it again for the rest.');
      return counts.refused > 0 || counts['stored-again'] > 0 || signal.aborted ? 1 : 0;
    } finally {
      progress.stop();
      await house.close({ graceMs: 0 });
    }
  },
};
