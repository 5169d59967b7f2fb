import { deflateRawSync } from 'node:zlib';
import { encodeFragments, encodeFrameStarts } from '../dicom/fragment-table.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import type { PixelDataLayout } from '../dicom/pixel-data.ts';
import { type EntityLevel, levelOf } from '../dicom/query-levels.ts';
import type { BulkRange } from '../dicom/scanned-instance.ts';
import { indexedAttributes, sqlType, tableOf } from './indexed-attributes.ts';
import type { NewInstance } from './instance-record.ts';
import { type ColumnValues, instanceColumns, seriesColumns, studyColumns } from './search-columns.ts';
import { digestKey, uidKey } from './uid-key.ts';

/** A value as the driver takes it. */
export type SqlValue = string | number | boolean | Buffer | readonly string[] | null;

/** Columns that are written, in the order of the values of a row, with their types. */
export type Columns = readonly { readonly name: string; readonly type: string }[];

/** An instance as the values of its three rows, in the order of the columns below. */
export interface InstanceRows {
  readonly studyKey: string;
  readonly seriesKey: string;
  readonly instanceKey: string;
  readonly study: AttributesRow;
  readonly series: AttributesRow;
  readonly instance: readonly SqlValue[];
}

/** A row of `studies` or `series` without its key. */
export interface AttributesRow {
  /** Of the attributes at this level: instances of one study should agree on it. */
  readonly digest: string;
  readonly values: readonly SqlValue[];
}

function searchColumnsOf(table: 'studies' | 'series' | 'instances'): Columns {
  const columns = indexedAttributes
    .filter(({ level, counted }) => tableOf(level) === table && !counted)
    .map(({ column, kind }) => ({ name: column, type: sqlType(kind).replace(' COLLATE "C"', '') }));
  return [...columns, { name: 'multi_valued', type: 'boolean' }];
}

const attributesColumns: Columns = [
  { name: 'attributes', type: 'bytea' },
  { name: 'attributes_digest', type: 'uuid' },
];

const studySearchColumns = searchColumnsOf('studies');
const seriesSearchColumns = searchColumnsOf('series');
const instanceSearchColumns = searchColumnsOf('instances');

export const studyKeyColumns: Columns = [{ name: 'study_id', type: 'uuid' }];
export const studyValueColumns: Columns = [...studySearchColumns, ...attributesColumns];
export const seriesKeyColumns: Columns = [...studyKeyColumns, { name: 'series_id', type: 'uuid' }];
export const seriesValueColumns: Columns = [...seriesSearchColumns, ...attributesColumns];
export const instanceKeyColumns: Columns = [...seriesKeyColumns, { name: 'instance_id', type: 'uuid' }];

const ownInstanceColumns = {
  sort_number: 'double precision',
  transfer_syntax_uid: 'text',
  blob_key: 'text',
  size: 'bigint',
  sha256: 'bytea',
  data_set_offset: 'bigint',
  deflated: 'boolean',
  metadata: 'bytea',
  metadata_digest: 'uuid',
  bulk: 'jsonb',
  door: 'text',
  calling_ae_title: 'text',
  address: 'text',
  frames: 'integer',
  pixel_kind: 'text',
  pixel_tag: 'text',
  pixel_vr: 'text',
  pixel_offset: 'bigint',
  pixel_length: 'bigint',
  pixel_big_endian: 'boolean',
  bits_per_frame: 'bigint',
  frame_mapping: 'text',
  fragments: 'bytea',
  frame_starts: 'bytea',
} as const;
type OwnInstanceValues = Readonly<Record<keyof typeof ownInstanceColumns, SqlValue>>;
const ownInstanceNames = Object.keys(ownInstanceColumns) as (keyof typeof ownInstanceColumns)[];

export const instanceValueColumns: Columns = [
  ...instanceSearchColumns,
  ...ownInstanceNames.map((name) => ({ name, type: ownInstanceColumns[name] })),
];

/**
 * Makes rows of instances. Remembers the last studies and series: an association sends hundreds of instances whose
 * study and series attributes are the same.
 */
export function createRowMaker(): (instance: NewInstance) => InstanceRows {
  const studyRow = createAttributesRowMaker(['patient', 'study'], studySearchColumns, studyColumns);
  const seriesRow = createAttributesRowMaker(['series'], seriesSearchColumns, seriesColumns);
  return (instance) => ({
    studyKey: uidKey(instance.studyInstanceUid),
    seriesKey: uidKey(instance.seriesInstanceUid),
    instanceKey: uidKey(instance.sopInstanceUid),
    study: studyRow(instance.attributes, { study_instance_uid: instance.studyInstanceUid }),
    series: seriesRow(instance.attributes, { series_instance_uid: instance.seriesInstanceUid }),
    instance: instanceValues(instance),
  });
}

const rememberedRows = 64;
/** Attributes that say how to read others; they come along at every level and are nothing to disagree about. */
const encodingTags = ['00080005', '00080201'];

function createAttributesRowMaker(
  levels: readonly EntityLevel[],
  searchColumns: Columns,
  searchValues: (attributes: DicomJson) => ColumnValues,
): (attributes: DicomJson, uid: ColumnValues) => AttributesRow {
  const known = new Map<string, AttributesRow>();
  return (attributes, uid) => {
    const described: DicomJson = {};
    for (const tag of Object.keys(attributes)) {
      if (levels.includes(levelOf(tag))) described[tag] = attributes[tag]!;
    }
    const digest = digestKey(JSON.stringify(described));
    const remembered = known.get(digest);
    if (remembered !== undefined) return remembered;
    for (const tag of encodingTags) if (attributes[tag] !== undefined) described[tag] = attributes[tag];
    const search = { ...searchValues(attributes), ...uid };
    const values = [...inOrder(search, searchColumns), deflateRawSync(JSON.stringify(described)), digest];
    const row = { digest, values };
    if (known.size >= rememberedRows) known.delete(known.keys().next().value!);
    known.set(digest, row);
    return row;
  };
}

function instanceValues(instance: NewInstance): SqlValue[] {
  const search: ColumnValues = {
    ...instanceColumns(instance.attributes),
    sop_instance_uid: instance.sopInstanceUid,
    sop_class_uid: instance.sopClassUid,
  };
  const own: OwnInstanceValues = {
    sort_number: typeof search['instance_number'] === 'number' ? search['instance_number'] : Infinity,
    transfer_syntax_uid: instance.transferSyntaxUid,
    blob_key: instance.blobKey,
    size: instance.size,
    sha256: instance.sha256,
    data_set_offset: instance.dataSetOffset,
    deflated: instance.deflated,
    metadata: instance.metadata,
    metadata_digest: digestKey(instance.metadata),
    bulk: bulkJson(instance.bulk),
    door: instance.source.door,
    calling_ae_title: storable(instance.source.callingAeTitle ?? null),
    address: storable(instance.source.address ?? null),
    ...pixelValues(instance.pixelData),
  };
  return [...inOrder(search, instanceSearchColumns), ...ownInstanceNames.map((name) => own[name])];
}

function bulkJson(bulk: readonly BulkRange[]): string | null {
  if (bulk.length === 0) return null;
  return JSON.stringify(
    Object.fromEntries(bulk.map(({ path, offset, length, vr, bigEndian }) => [path, [offset, length, vr, bigEndian]])),
  );
}

type PixelColumn = Extract<
  keyof OwnInstanceValues,
  'frames' | `pixel_${string}` | 'bits_per_frame' | 'frame_mapping' | 'fragments' | 'frame_starts'
>;

const noPixelValues: Readonly<Record<PixelColumn, SqlValue>> = {
  frames: 0,
  pixel_kind: null,
  pixel_tag: null,
  pixel_vr: null,
  pixel_offset: null,
  pixel_length: null,
  pixel_big_endian: null,
  bits_per_frame: null,
  frame_mapping: null,
  fragments: null,
  frame_starts: null,
};

function pixelValues(layout: PixelDataLayout | undefined): Readonly<Record<PixelColumn, SqlValue>> {
  if (layout === undefined) return noPixelValues;
  const common = {
    ...noPixelValues,
    frames: layout.frames,
    pixel_kind: layout.kind,
    pixel_tag: layout.tag,
    pixel_offset: layout.offset,
    pixel_length: layout.length,
  };
  if (layout.kind === 'native') {
    return { ...common, pixel_vr: layout.vr, pixel_big_endian: layout.bigEndian, bits_per_frame: layout.bitsPerFrame };
  }
  const starts = layout.frameStarts;
  return {
    ...common,
    frame_mapping: typeof starts === 'string' ? starts : 'starts',
    fragments: encodeFragments(layout.fragmentOffsets, layout.fragmentLengths),
    frame_starts: typeof starts === 'string' ? null : encodeFrameStarts(starts),
  };
}

function inOrder(row: ColumnValues, columns: Columns): SqlValue[] {
  return columns.map(({ name, type }) => {
    const value = row[name] ?? null;
    return type === 'jsonb' ? storableJson(value) : storable(value);
  });
}

/** Postgres keeps no NUL in a text, and nothing is matched by one. */
function storable(value: ColumnValues[string]): SqlValue {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '') : value;
  if (Array.isArray(value)) return value.map((text: string) => text.replaceAll('\0', ''));
  return value as SqlValue;
}

/** The same for JSON, in which Postgres refuses halves of surrogate pairs, too. */
function storableJson(value: ColumnValues[string]): SqlValue {
  if (typeof value !== 'string' || !value.includes('\\u')) return value as SqlValue;
  return value.replace(/\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '\\ufffd');
}
