import type pg from 'pg';
import type { DicomJson, DicomJsonElement } from '../dicom/json-model.ts';
import { nameSearchText } from '../dicom/match-name.ts';
import {
  comparableDate,
  comparableDateTime,
  comparableTime,
  numberValues,
  textValues,
  timezoneOffset,
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
  readonly attributes: DicomJson;
}

/** The values of a tag in a data set, so that SQL decides about each as `matches()` does. */
export function extendedValues(attributes: DicomJson, tag: ExtendedTag): readonly (string | number)[] {
  const element = elementOf(attributes, tag);
  if (element === undefined) return [];
  return valuesOf(element, tag, timezoneOffset(attributes)).slice(0, maxValues);
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
 * studies, and each entity comes once.
 * @param tags of that level
 */
export async function writeExtendedValues(
  client: pg.ClientBase,
  level: QueryLevel,
  tags: readonly ExtendedTag[],
  entities: readonly TaggedEntity[],
): Promise<void> {
  if (tags.length === 0 || entities.length === 0) return;
  const names = keyNames[level];
  const keysOf = ({ study, series, instance }: EntityKeys) => [study, series, instance].slice(0, names.length);
  const parameters = names.map((_, column) => `$${column + 2}::uuid[]`).join(', ');
  await client.query(
    `delete from extended_${level}_values using unnest(${parameters}) as entity (${names.join(', ')})
     where tag_id = any ($1::int[]) and ${names.map((name) => `extended_${level}_values.${name} = entity.${name}`).join(' and ')}`,
    [tags.map(({ id }) => id), ...columnsOf(entities.map(({ keys }) => keysOf(keys)))],
  );
  const rows = entities.flatMap(({ keys, attributes }) =>
    tags.flatMap((tag) => extendedValues(attributes, tag).map((value) => ({ tag, keys, value }))),
  );
  if (rows.length === 0) return;
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
        return [[study, series, instance].slice(0, depth).join(), { keys: { study, series, instance }, attributes }];
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
