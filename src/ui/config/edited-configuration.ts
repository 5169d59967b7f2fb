import type { Schemas } from '../api.ts';
import { differences } from './json-pointer.ts';

export interface SavedConfiguration {
  readonly data: Schemas['Configuration'];
  readonly etag: string;
}

export interface EditedConfiguration {
  /** What the draft began as. */
  readonly base: SavedConfiguration;
  readonly document: Schemas['Configuration'];
}

export function isChanged({ base, document }: EditedConfiguration): boolean {
  return differences(base.data, document).length > 0;
}

/** What is shown: the draft, and what is saved now where there is none, or where all that was typed was taken back. */
export function shownConfiguration(
  kept: EditedConfiguration | undefined,
  saved: SavedConfiguration,
): EditedConfiguration {
  return kept !== undefined && isChanged(kept) ? kept : { base: saved, document: saved.data };
}
