import type { FileOutcome } from './import-file.ts';
import { createReasonList } from './reason-list.ts';

/** Counts what became of files, and remembers why some of them were refused. */
export interface ImportTally {
  /** @param named as in FoundFile: of such a file it is an error not to be DICOM */
  add(name: string, outcome: FileOutcome, named: boolean): void;
  /** Something that was asked for could not even be opened. */
  addProblem(name: string, reason: string): void;
  /** Files so far, whatever became of them. */
  readonly files: number;
  /** Instances that are new. */
  readonly stored: number;
  readonly refused: number;
  /** True unless everything that was asked for is in the archive now; other content under the same UID is not that. */
  readonly failed: boolean;
  /** For people, a line each. */
  summary(): string[];
}

export function createImportTally(): ImportTally {
  const counts = { stored: 0, duplicate: 0, replaced: 0, kept: 0, notDicom: 0, refused: 0 };
  const refusals = createReasonList();
  const warnings = createReasonList();
  let files = 0;

  function refuse(kind: string, words: string, name: string): void {
    counts.refused++;
    refusals.note(kind, words, name);
  }

  return {
    add(name, outcome, named) {
      files++;
      switch (outcome.status) {
        case 'unreadable':
          refuse(outcome.reason, `It cannot be read to its end: ${outcome.reason}.`, name);
          return;
        case 'not-dicom':
          if (named) refuse('not-dicom', 'It is not a DICOM file.', name);
          else counts.notDicom++;
          return;
        case 'refused':
          refuse(`${outcome.code} ${outcome.details.tag ?? ''}`, outcome.message, name);
          return;
        default:
          counts[outcome.status]++;
          for (const { reason, tag, message } of outcome.warnings) warnings.note(`${reason} ${tag}`, message, name);
      }
    },
    addProblem: (name, reason) => refuse(reason, reason, name),
    get files() {
      return files;
    },
    get stored() {
      return counts.stored + counts.replaced;
    },
    get refused() {
      return counts.refused;
    },
    get failed() {
      return counts.refused > 0 || counts.kept > 0 || files === counts.notDicom;
    },
    summary() {
      const lines = [`stored: ${counts.stored}`];
      if (counts.replaced > 0) lines.push(`replaced what was there: ${counts.replaced}`);
      if (counts.duplicate > 0) lines.push(`was there already: ${counts.duplicate}`);
      if (counts.kept > 0) lines.push(`not stored, as other content is there and stays: ${counts.kept}`);
      if (counts.notDicom > 0) lines.push(`not DICOM: ${counts.notDicom}`);
      if (counts.refused > 0) lines.push(`refused: ${counts.refused}`, ...refusals.lines());
      if (!warnings.isEmpty) lines.push('stored with warnings:', ...warnings.lines());
      return lines;
    },
  };
}
