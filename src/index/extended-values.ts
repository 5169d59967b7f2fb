import type pg from 'pg';
import type { DicomJson, DicomJsonElement, PersonNameValue } from '../dicom/json-model.ts';
import { nameSearchText } from '../dicom/match-name.ts';
import {
  comparableDate,
  comparableDateTime,
  comparableTime,
  numberValues,
  textValues,
  timezoneOffset,
  trimmed,
} from '../dicom/match-values.ts';
import type { QueryLevel } from '../dicom/query.ts';
import { type ExtendedTag, extendedKind } from './extended-tag.ts';
import { cut, maxValues } from './search-columns.ts';

/** Keys of the entity that values belong to, from the study down. */
export interface EntityKeys {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** The attributes of one entity, from which values of tags are taken. */
export interface TaggedEntity {
  readonly keys: EntityKeys;
  /** What brought the attributes, if it is known; else the instance of the entity that came last. */
  readonly from?: Required<EntityKeys>;
  readonly attributes: DicomJson;
}

/** The values of a tag in a data set, so that SQL decides about each as `matches()` does. */
export function extendedValues(attributes: DicomJson, tag: ExtendedTag): readonly (string | number)[] {
  const element = elementOf(attributes, tag);
  if (element === undefined) return [];
  return valuesOf(element, tag, timezoneOffset(attributes)).slice(0, maxValues);
}

/** Why not all values of a tag in a data set are found by it; no value itself, as it may be a patient's. */
export function unindexedReason(attributes: DicomJson, tag: ExtendedTag): string | undefined {
  const element = elementOf(attributes, tag);
  if (element === undefined) return undefined;
  const { vr } = element;
  const given = (element.Value ?? []).filter((value) => value !== null && value !== '');
  if (element.BulkDataURI !== undefined || element.InlineBinary !== undefined || given.some(isItem(tag))) {
    return `The attribute has the VR ${vr} rather than ${tag.vr}`;
  }
  if (given.length > maxValues) return `Only the first ${maxValues} of ${given.length} values are indexed`;
  const offset = timezoneOffset(attributes);
  const at = given.findIndex((value) => valuesOf({ vr, Value: [value] }, tag, offset).length === 0 && !isBlank(value));
  if (at >= 0) return `Value ${at + 1} of ${given.length} is none that the VR ${tag.vr} has`;
  const long = given.findIndex((value) => typeof value === 'string' && cut(value) !== value);
  return long < 0
    ? undefined
    : `Of value ${long + 1} of ${given.length} only the beginning is indexed, as it is too long`;
}

/** An item of a sequence; of names, which are objects too, anything else. */
function isItem({ vr }: ExtendedTag) {
  return (value: unknown) => (typeof value === 'object') !== (vr === 'PN');
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string'
    ? trimmed(value) === ''
    : nameSearchText({ vr: 'PN', Value: [value as PersonNameValue] }) === undefined;
}

function valuesOf(element: DicomJsonElement, { vr }: ExtendedTag, offset: string | undefined): (string | number)[] {
  switch (extendedKind(vr)) {
    case 'number':
      return numberValues(element);
    case 'name':
      return (nameSearchText(element) ?? '').replaceAll('\0', '').split('\\').filter(Boolean).map(cut);
    case 'date':
      return textValues(element).flatMap((value) => comparableDate(value) ?? []);
    case 'time':
      return textValues(element).flatMap((value) => comparableTime(value) ?? []);
    case 'date-time':
      return textValues(element).flatMap((value) => comparableDateTime(value, offset) ?? []);
    default:
      return textValues(element).map(cut);
  }
}

/** A private attribute lies in the block that its creator has reserved in this data set (PS3.5 §7.8.1). */
function elementOf(attributes: DicomJson, { path, privateCreator }: ExtendedTag): DicomJsonElement | undefined {
  if (privateCreator === undefined) return attributes[path];
  const group = path.slice(0, 4);
  const reserved = Object.keys(attributes).find(
    (tag) =>
      /^00[1-9A-F][0-9A-F]$/.test(tag.slice(4)) && tag.startsWith(group) && isCreator(attributes[tag], privateCreator),
  );
  return reserved === undefined ? undefined : attributes[group + reserved.slice(6) + path.slice(6)];
}

function isCreator(element: DicomJsonElement | undefined, creator: string): boolean {
  return textValues(element)[0] === creator;
}

const keyNames = {
  study: ['study_id'],
  series: ['study_id', 'series_id'],
  instance: ['study_id', 'series_id', 'instance_id'],
};

/**
 * Puts the values of entities of one level in the place of those that they had. The transaction holds the locks of their
 * studies, and each entity comes once. What cannot be found by a tag is written down as its error.
 * @param tags of that level
 * @returns ids of the tags that have errors of these entities
 */
export async function writeExtendedValues(
  client: pg.ClientBase,
  level: QueryLevel,
  tags: readonly ExtendedTag[],
  entities: readonly TaggedEntity[],
): Promise<readonly number[]> {
  if (tags.length === 0 || entities.length === 0) return [];
  const names = keyNames[level];
  const keysOf = ({ study, series, instance }: EntityKeys) => [study, series, instance].slice(0, names.length);
  const parameters = names.map((_, column) => `$${column + 2}::uuid[]`).join(', ');
  const entity = `unnest(${parameters}) as entity (${names.join(', ')})`;
  const isOf = (table: string) => names.map((name) => `${table}.${name} = entity.${name}`).join(' and ');
  await client.query(
    `with healed as (
       delete from extended_query_tag_errors errors using ${entity} where tag_id = any ($1::int[]) and ${isOf('errors')}
     )
     delete from extended_${level}_values former using ${entity} where tag_id = any ($1::int[]) and ${isOf('former')}`,
    [tags.map(({ id }) => id), ...columnsOf(entities.map(({ keys }) => keysOf(keys)))],
  );
  const erroneous = await writeErrors(client, tags, entities);
  const rows = entities.flatMap(({ keys, attributes }) =>
    tags.flatMap((tag) => extendedValues(attributes, tag).map((value) => ({ tag, keys, value }))),
  );
  if (rows.length === 0) return erroneous;
  await client.query(
    `insert into extended_${level}_values (tag_id, ${names.join(', ')}, value, number)
     select * from unnest($1::int[], ${parameters}, $${names.length + 2}::text[], $${names.length + 3}::float8[])`,
    [
      rows.map(({ tag }) => tag.id),
      ...columnsOf(rows.map(({ keys }) => keysOf(keys))),
      rows.map(({ value }) => (typeof value === 'string' ? value : null)),
      rows.map(({ value }) => (typeof value === 'number' ? value : null)),
    ],
  );
  return erroneous;
}

async function writeErrors(
  client: pg.ClientBase,
  tags: readonly ExtendedTag[],
  entities: readonly TaggedEntity[],
): Promise<number[]> {
  const errors = entities.flatMap(({ keys, from, attributes }) =>
    tags.flatMap((tag) => {
      const message = unindexedReason(attributes, tag);
      return message === undefined ? [] : [{ tag, keys: { ...keys, ...from }, message }];
    }),
  );
  if (errors.length === 0) return [];
  // One row an entity: where the instance is not known, it is the one that came last, as its attributes are what is there.
  await client.query(
    `insert into extended_query_tag_errors (tag_id, study_id, series_id, instance_id, message)
     select tag_id, brought.study_id, brought.series_id, brought.instance_id, message
     from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) as error (tag_id, study_id, series_id, instance_id, message)
     cross join lateral (
       select study_id, series_id, instance_id from instances
       where study_id = error.study_id and (error.series_id is null or series_id = error.series_id)
         and (error.instance_id is null or instance_id = error.instance_id)
       order by created_at desc, instance_id limit 1
     ) as brought`,
    [
      errors.map(({ tag }) => tag.id),
      errors.map(({ keys }) => keys.study),
      errors.map(({ keys }) => keys.series ?? null),
      errors.map(({ keys }) => keys.instance ?? null),
      errors.map(({ message }) => message),
    ],
  );
  return [...new Set(errors.map(({ tag }) => tag.id))];
}

/** An instance that comes in: what it says of its study and series is newer than what they had. */
export async function writeValuesOfInstances(
  client: pg.ClientBase,
  tags: readonly ExtendedTag[],
  instances: readonly (Required<EntityKeys> & { readonly attributes: DicomJson })[],
): Promise<void> {
  for (const level of ['study', 'series', 'instance'] as const) {
    const entities = new Map(
      instances.map(({ study, series, instance, attributes }) => {
        const depth = keyNames[level].length;
        const keys = { study, series, instance };
        return [[study, series, instance].slice(0, depth).join(), { keys, from: keys, attributes }];
      }),
    );
    await writeExtendedValues(
      client,
      level,
      tags.filter((tag) => tag.level === level),
      [...entities.values()],
    );
  }
}

function columnsOf<T>(rows: readonly (readonly T[])[]): T[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]!));
}
