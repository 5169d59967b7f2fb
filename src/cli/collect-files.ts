import { type FileInstance, readFileInstance } from '../dimse/file-instances.ts';
import { CausewayError } from '../kernel/errors.ts';
import { visitFiles } from './find-files.ts';
import { createProgress } from './progress.ts';
import { counted, printable, type Terminal } from './terminal.ts';

/** No archives are looked into: what is sent lies on the disk as it is. */
const noArchives = { maxArchiveEntries: 0, maxArchiveBytes: 0, maxInstanceBytes: 0 };

/** What the paths of a command hold. */
export interface CollectedFiles {
  readonly instances: readonly FileInstance[];
  /** Whether something that was named is no DICOM, something cannot be read, or not all was looked at. */
  readonly incomplete: boolean;
}

/**
 * Finds the DICOM files that paths stand for: files, and folders with all that is in them. What is no DICOM is passed over in
 * folders, and counted; what is and cannot be sent is a problem.
 */
export async function collectFiles(
  paths: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CollectedFiles> {
  const instances: FileInstance[] = [];
  let incomplete = false;
  let notDicom = 0;
  const problem = (name: string, reason: string): void => {
    incomplete = true;
    terminal.complain(`${printable(name)}: ${reason}`);
  };
  const progress = createProgress(terminal, 'files');
  let files = 0;
  try {
    await visitFiles(
      paths,
      {
        async file({ name, named }) {
          try {
            instances.push(await readFileInstance(name));
          } catch (thrown) {
            if (!(thrown instanceof CausewayError)) throw thrown;
            if (named || thrown.code !== 'not-dicom') problem(name, thrown.message);
            else notDicom += 1;
          }
          files += 1;
          progress.update(files, undefined, `looked at, ${counted(instances.length, 'instance')} found`);
        },
        problem,
        settled: async () => {},
        stopped: () => signal.aborted,
      },
      noArchives,
    );
  } finally {
    progress.stop();
  }
  if (notDicom > 0)
    terminal.complain(`${counted(notDicom, 'file')} passed over that ${notDicom === 1 ? 'is' : 'are'} not DICOM`);
  if (signal.aborted) {
    incomplete = true;
    terminal.complain('Interrupted before all files were looked at.');
  } else if (instances.length === 0 && !incomplete) {
    problem(paths.join(', '), 'There is no DICOM file in it.');
  }
  return { instances, incomplete };
}
