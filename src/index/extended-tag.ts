import type { Vr } from '../dicom/json-model.ts';
import { isNumericVr } from '../dicom/matches.ts';
import type { QueryLevel } from '../dicom/query.ts';
import type { ColumnKind, IndexedAttribute } from './indexed-attributes.ts';

/** An attribute that an administrator wants to be searchable. */
export interface NewExtendedTag {
  /** Eight upper-case hexadecimal digits. */
  readonly path: string;
  readonly vr: Vr;
  readonly level: QueryLevel;
  /** Of a private attribute: whose it is. Files may keep it in another block than `path` says. */
  readonly privateCreator?: string | undefined;
}

export interface ExtendedTag extends NewExtendedTag {
  /** Ascending; never given twice. */
  readonly id: number;
  /** What reads its values from what was stored before. */
  readonly operationId: string;
  /** Of that, 0 to 100; 100 when it is completed. */
  readonly percentComplete: number;
  /** Whether searches use it. */
  readonly queriesEnabled: boolean;
  /** Whether there are values that are not found by it. */
  readonly hasErrors: boolean;
}

/** Values that are not found by a tag. */
export interface ExtendedTagError {
  /** Of the instance that brought them. */
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly createdAt: Date;
  readonly message: string;
}

/** How values are kept: one row each, so that a text may hold any character. */
export type ExtendedKind = Extract<ColumnKind, 'text' | 'name' | 'date' | 'time' | 'date-time' | 'number'>;

const kinds: Partial<Record<Vr, ExtendedKind>> = {
  AE: 'text',
  AS: 'text',
  CS: 'text',
  LO: 'text',
  LT: 'text',
  SH: 'text',
  ST: 'text',
  UC: 'text',
  UI: 'text',
  UR: 'text',
  UT: 'text',
  PN: 'name',
  DA: 'date',
  TM: 'time',
  DT: 'date-time',
};

/** Undefined for VRs that cannot be matched. */
export function extendedKind(vr: Vr): ExtendedKind | undefined {
  return isNumericVr(vr) ? 'number' : kinds[vr];
}

/** The tag as the search sees it. */
export function extendedAttribute({ id, path, vr, level }: ExtendedTag): IndexedAttribute {
  const kind = extendedKind(vr) ?? 'text';
  return {
    keyword: path,
    tag: path,
    vr,
    level,
    kind,
    column: kind === 'number' ? 'number' : 'value',
    extendedTagId: id,
  };
}
