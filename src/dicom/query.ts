import type { Vr } from './json-model.ts';

export type QueryLevel = 'study' | 'series' | 'instance';

/** From a top-level attribute through sequences to the attribute meant, eight hexadecimal digits each: `['00400275', '00400009']`. */
export type AttributePath = readonly [string, ...string[]];

/** One key of a query, by the matching types of PS3.4 §C.2.2.2. Universal matching has no condition: it selects everything. */
export type Condition =
  | { readonly kind: 'single'; readonly path: AttributePath; readonly vr: Vr; readonly value: string }
  /** `*` is any run of characters, `?` any one. */
  | { readonly kind: 'wildcard'; readonly path: AttributePath; readonly vr: Vr; readonly pattern: string }
  /** Inclusive bounds in the normal form of the VR: `YYYYMMDD`, `HHMMSS.FFFFFF`, `YYYYMMDDHHMMSS.FFFFFF` in UTC. */
  | {
      readonly kind: 'range';
      readonly path: AttributePath;
      readonly vr: 'DA' | 'TM' | 'DT';
      readonly from?: string;
      readonly to?: string;
    }
  /** A date attribute with its time attribute as one point in time: `YYYYMMDDHHMMSS.FFFFFF`. */
  | {
      readonly kind: 'combined-range';
      readonly datePath: AttributePath;
      readonly timePath: AttributePath;
      readonly from?: string;
      readonly to?: string;
    }
  | { readonly kind: 'uid-list'; readonly path: AttributePath; readonly values: readonly string[] }
  /** Any one of several values (`multiplevaluematching`, ModalitiesInStudy). */
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  /** The attribute is absent or has no value (`emptyvaluematching`). */
  | { readonly kind: 'empty'; readonly path: AttributePath; readonly vr: Vr }
  /** Each word is the prefix of any word of the name, case and accents aside (`fuzzymatching`). */
  | {
      readonly kind: 'fuzzy-name';
      readonly path: AttributePath;
      readonly words: readonly string[];
      /** The same words with their accents, where they were given with any. */
      readonly accented?: readonly string[];
    }
  /** All conditions hold within one and the same item of the sequence; their paths start at the item. */
  | { readonly kind: 'sequence'; readonly path: AttributePath; readonly of: readonly Condition[] };

/** What QIDO-RS and C-FIND ask alike. All conditions must hold. */
export interface Match {
  readonly level: QueryLevel;
  readonly conditions: readonly Condition[];
}

/** A Match with what to return of it. */
export interface Query extends Match {
  /** Attributes beyond the level's defaults, or everything that is known at the level. */
  readonly include: readonly AttributePath[] | 'all';
  /** Matches per answer. */
  readonly limit: number;
  /** Matches to pass over, from 0. */
  readonly offset: number;
}
