import type { DicomJson, Vr } from '../dicom/json-model.ts';
import type { Condition, Match, Query, QueryLevel } from '../dicom/query.ts';

/** One page of matches. */
export interface SearchPage {
  /** Attributes asked for, of each match. RetrieveURL is the door's to add. */
  readonly matches: readonly DicomJson[];
  /** Matches behind this page; undefined where counting them was not worth its time. */
  readonly remaining: number | undefined;
  /** For a person: keys that were not looked at, words too short to search. */
  readonly warnings: readonly string[];
  /** Keywords or tags of keys by which some values are not found. */
  readonly erroneousAttributes?: readonly string[];
}

/** Some of all matches. */
export interface SearchBatch {
  /** Attributes asked for, of each match. */
  readonly matches: readonly DicomJson[];
  /** For a person, the same with every batch: keys that were not looked at. */
  readonly warnings: readonly string[];
}

/** How many match. */
export interface SearchCount {
  readonly count: number;
  /** For a person: keys that were not looked at. */
  readonly warnings: readonly string[];
}

/** The one query engine, for QIDO-RS, C-FIND and the page. */
export interface Search {
  /** VRs of attributes that an administrator has added, by tag: those of private ones stand in no dictionary. */
  extendedVrs(): Promise<ReadonlyMap<string, Vr>>;
  find(query: Query): Promise<SearchPage>;
  /** Every match, for peers that do not page; at least one batch, and no more than one is read ahead. */
  findAll(query: Omit<Query, 'limit' | 'offset'>): AsyncIterable<SearchBatch>;
  /** All matches, exactly. @throws CausewayError `timed-out` if counting them takes too long */
  count(match: Match): Promise<SearchCount>;
}

/** The same over what is stored here. */
export interface StoredSearch extends Search {
  /**
   * How many studies meet each of several lists of conditions, and how many series and instances these have, in the order given.
   * @throws CausewayError `timed-out` if counting them takes too long
   */
  totals(ofEach: readonly (readonly Condition[])[]): Promise<readonly Readonly<Record<QueryLevel, number>>[]>;
}
