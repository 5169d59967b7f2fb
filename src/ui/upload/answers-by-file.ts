import { strings } from '../strings.ts';
import type { StoreAnswer, StoredInstance } from './store-request.ts';

/** How a file ended. `kept`: not stored, as what was there stays; `partly`: an archive of which not all was stored. */
export interface Outcome {
  readonly state: 'stored' | 'warned' | 'partly' | 'kept' | 'refused';
  /** Why it was refused, or what is to be known about it. */
  readonly reason?: string;
  readonly sopInstanceUid?: string;
}

interface Sent {
  readonly sopInstanceUid?: string;
}

/**
 * What the answer says about each of several files. A word that may be about another file is none: a refused image must never be
 * shown as stored. @returns without those of which it is not certain
 */
export function answersByFile<File extends Sent>(
  files: readonly File[],
  { instances }: StoreAnswer,
): ReadonlyMap<File, StoredInstance> {
  const byUid = new Map(files.map((file) => [file.sopInstanceUid, file]));
  const answers = new Map<File, StoredInstance>();
  for (const about of instances) {
    if (about.sopInstanceUid === undefined) continue;
    const file = byUid.get(about.sopInstanceUid);
    // The server has read another UID than was read here, of one of them at least: none can be told from another.
    if (file === undefined || answers.has(file)) return new Map();
    answers.set(file, about);
  }
  return answers;
}

/** @param about what the answer says of a file that was sent alone */
export function outcomeOfFile(about: readonly StoredInstance[]): Outcome {
  const [only] = about;
  if (only === undefined || about.length > 1) return { state: 'refused', reason: strings.upload.noWord };
  const { fate, comment, sopInstanceUid } = only;
  return {
    state: fate === 'stored' && comment !== undefined ? 'warned' : fate,
    ...(comment !== undefined && { reason: comment }),
    ...(fate !== 'refused' && sopInstanceUid !== undefined && { sopInstanceUid }),
  };
}

/** Of an archive: the table has one line for all that is in it. */
const mostReasons = 8;

export function outcomeOfZip({ instances, warnings }: StoreAnswer): Outcome {
  const of = (fate: StoredInstance['fate']) => instances.filter((one) => one.fate === fate);
  const [stored, kept, refused] = [of('stored'), of('kept'), of('refused')];
  const reasons = new Set([
    ...refused.map(({ comment }) => comment ?? strings.upload.noReason),
    ...[...kept, ...stored].flatMap(({ comment }) => comment ?? []),
    ...warnings,
  ]);
  const shown = [...reasons].slice(0, mostReasons);
  if (reasons.size > shown.length) shown.push(strings.upload.moreReasons(reasons.size - shown.length));
  const counted = strings.upload.ofZip(stored.length, kept.length, refused.length);
  const [there] = [...stored, ...kept];
  return {
    state: stateOfZip(stored.length, kept.length, refused.length, reasons.size),
    reason: shown.length === 0 ? `${counted}.` : `${counted}: ${shown.join(' ')}`,
    ...(there?.sopInstanceUid !== undefined && { sopInstanceUid: there.sopInstanceUid }),
  };
}

function stateOfZip(stored: number, kept: number, refused: number, reasons: number): Outcome['state'] {
  if (stored === 0 && kept === 0) return 'refused';
  if (stored === 0 && refused === 0) return 'kept';
  if (kept > 0 || refused > 0) return 'partly';
  return reasons > 0 ? 'warned' : 'stored';
}
