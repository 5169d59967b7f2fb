import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { equalStreams } from '../kernel/equal-streams.ts';
import { asCausewayError, CausewayError, errnoOf } from '../kernel/errors.ts';
import { writeWholeFile } from '../kernel/write-whole-file.ts';
import { type Command, UsageError } from './command.ts';
import { exportTargets } from './export-targets.ts';
import { type ExportedFile, exportedFiles, instancesOf } from './exported-files.ts';
import { openHouse } from './open-house.ts';
import { createProgress } from './progress.ts';
import { parseKeys } from './query-keys.ts';
import { counted, printable } from './terminal.ts';

/** `causeway export -k StudyInstanceUID=… -o DIR`: from the archive to a disk. */
export const exportCommand: Command = {
  about: 'write what is stored into a folder, with a DICOMDIR where that is asked for',
  usage: `Usage: causeway export [options] -k KEY=VALUE [-k KEY=VALUE]… -o DIR

A KEY is a keyword or a tag: -k StudyInstanceUID=…, or -k StudyDate=20240101- -k ModalitiesInStudy=CT, or -k PatientID=….
What matches all of them is exported: studies, or, if there is one of a series or an instance, only those.

Writes instances byte for byte as they are stored: a folder for each series, files named after the SOP Instance UID; or a
file-set for CDs and other media, DICOM/SE000001/IM000001 and on, with its DICOMDIR. What is there already is never
replaced: a file with the same content counts as exported, another one as failed.

Options
  -k, --key KEY     what to export
  -o, --output DIR  folder to write to, made where it is missing
      --dicomdir    write a file-set with a DICOMDIR, into a folder that has none
      --json        print JSON instead of a line

Exit code 0 if all of it is there, else 1.`,
  async run(args, { terminal, env, workingDir, signal }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        key: { type: 'string', short: 'k', multiple: true },
        output: { type: 'string', short: 'o' },
        dicomdir: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const keys = parseKeys(values.key ?? []);
    if (values.output === undefined) throw new UsageError('Say where to: -o DIR.');
    const folder = resolve(workingDir, values.output);
    if (values.dicomdir && (await isThere(join(folder, 'DICOMDIR')))) {
      throw new CausewayError('conflict', `${printable(folder)} has a DICOMDIR already.`);
    }
    const { house } = await openHouse(env, workingDir);
    const progress = createProgress(terminal, 'instances');
    const tally = { exported: 0, failed: 0, bytes: 0 };
    try {
      const targets = await exportTargets(house.search, keys);
      let total = 0;
      for await (const _ of instancesOf(house.retrieve, targets)) total += 1;
      if (total === 0) throw new CausewayError('not-found', 'What matched has been deleted meanwhile.');
      for await (const file of exportedFiles(house.retrieve, targets, values.dicomdir ?? false)) {
        if (signal.aborted) break;
        // A directory that refers to what is not there is worse than none.
        if (file.isDirectory && tally.failed > 0) {
          terminal.complain('The DICOMDIR was not written, as not all is there that it refers to.');
          break;
        }
        const why = await write(join(folder, file.name), file);
        if (why === undefined && !file.isDirectory) {
          tally.exported += 1;
          tally.bytes += file.size;
        } else if (why !== undefined) {
          tally.failed += 1;
          terminal.complain(`${printable(file.name)}: ${why}`);
        }
        progress.update(tally.exported + tally.failed, total, `${tally.failed} failed`);
      }
      progress.stop();
      if (values.json) terminal.print(JSON.stringify(tally));
      else terminal.print(`${counted(tally.exported, 'instance')} exported, ${tally.failed} failed`);
      if (signal.aborted) terminal.complain('The export was interrupted; the same command goes on with it.');
      return tally.failed > 0 || signal.aborted ? 1 : 0;
    } finally {
      progress.stop();
      await house.close({ graceMs: 0 });
    }
  },
};

/** @returns why a file could not be written; undefined if it is there */
async function write(path: string, { content }: ExportedFile): Promise<string | undefined> {
  try {
    await writeWholeFile(path, content);
    return undefined;
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') {
      const same = await equalStreams(createReadStream(path), Readable.from(content())).catch(() => false);
      return same ? undefined : 'There is another file of this name already.';
    }
    if (thrown instanceof CausewayError) return thrown.message;
    const { code, message } = asCausewayError(thrown);
    return code === 'internal' && errnoOf(thrown) !== undefined ? `It cannot be written: ${errnoOf(thrown)}.` : message;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
