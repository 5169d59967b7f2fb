import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import type { ArchiveLimits } from './found-file.ts';
import { countFiles, importFiles } from './import-files.ts';
import { createImportTally } from './import-tally.ts';
import { openHouse } from './open-house.ts';
import { createProgress } from './progress.ts';
import { counted } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

const defaultConcurrency = 8;
const defaultMaxArchiveEntries = 1_000_000;
const defaultMaxArchiveBytes = 256 * 1024 ** 3;

const usage = `Usage: causeway import [options] PATH…

Stores DICOM files. A PATH is a file, a folder with all that is in it, a ZIP archive, or a DICOMDIR, whose files are
followed. Files in folders and archives that are not DICOM are passed over and counted.

Options
  --concurrency N          files on their way at the same time (${defaultConcurrency})
  --max-archive-entries N  entries of one archive (${defaultMaxArchiveEntries})
  --max-archive-bytes N    bytes that one archive may unpack to (${defaultMaxArchiveBytes})

Exit code 0 if all that was asked for is stored, else 1.`;

/** `causeway import PATH…`: from a disk through the door in. */
export const importCommand: Command = {
  about: 'store files, folders, ZIP archives and what a DICOMDIR refers to',
  usage,
  async run(args, { terminal, env, workingDir, signal }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        concurrency: { type: 'string' },
        'max-archive-entries': { type: 'string' },
        'max-archive-bytes': { type: 'string' },
      },
    });
    if (positionals.length === 0) throw new UsageError('Name at least one file or folder to import.');
    const concurrency = wholeNumber(values, 'concurrency', defaultConcurrency, 64);
    const maxArchiveEntries = wholeNumber(values, 'max-archive-entries', defaultMaxArchiveEntries);
    const maxArchiveBytes = wholeNumber(values, 'max-archive-bytes', defaultMaxArchiveBytes);

    const { house, settings } = await openHouse(env, workingDir);
    const limits: ArchiveLimits = { maxArchiveEntries, maxArchiveBytes, maxInstanceBytes: settings.maxInstanceBytes };
    const tally = createImportTally();
    const progress = createProgress(terminal, 'files');
    let total: number | undefined;
    const onFile = () => progress.update(tally.files, total, `${tally.stored} stored, ${tally.refused} refused`);
    const ended = new AbortController();
    const counting = terminal.interactive
      ? countFiles(positionals, limits, ended.signal, (files) => {
          total = files;
        })
      : undefined;
    try {
      const endedBecause = await importFiles(positionals, house.ingest, tally, { limits, concurrency, onFile, signal });
      progress.stop();
      terminal.print(`${counted(tally.files, 'file')} looked at`);
      for (const line of tally.summary()) terminal.print(line);
      if (endedBecause !== undefined)
        terminal.complain(`The import ended before all files were looked at. ${endedBecause}`);
      return tally.failed || endedBecause !== undefined ? 1 : 0;
    } finally {
      progress.stop();
      ended.abort();
      await counting;
      await house.close({ graceMs: 0 });
    }
  },
};
