import { pathsOf } from '../dicom/condition-paths.ts';
import { isNumericVr } from '../dicom/matches.ts';
import type { AttributePath, Condition, QueryLevel } from '../dicom/query.ts';
import { type Attributes, type IndexedAttribute, type ItemAttribute, tableOf } from './indexed-attributes.ts';
import {
  arrayHas,
  arrayHasAny,
  arrayHasLike,
  type Bind,
  literalName,
  nameHasWords,
  nameIsLike,
  nameListIsLike,
  type TextColumn,
  textIsLike,
  textIsOneOf,
} from './search-predicates.ts';
import { uidKey } from './uid-key.ts';

type ConditionOf<Kind extends Condition['kind']> = Extract<Condition, { kind: Kind }>;

/** Why a condition cannot be asked of the index. */
export type Unsearchable = 'not-indexed' | 'level-below';

const depthOfTable = { studies: 0, series: 1, instances: 2 } as const;
const depthOfLevel: Readonly<Record<QueryLevel, number>> = { study: 0, series: 1, instance: 2 };

/** The first attribute of a condition that the index cannot answer at the level, if there is one. */
export function unsearchable(
  condition: Condition,
  level: QueryLevel,
  attributes: Attributes,
): { path: AttributePath; why: Unsearchable } | undefined {
  if (condition.kind === 'any') {
    for (const alternative of condition.of) {
      const found = unsearchable(alternative, level, attributes);
      if (found) return found;
    }
    return undefined;
  }
  for (const path of pathsOf(condition)) {
    const attribute = attributes(path[0]);
    if (attribute === undefined || !reaches(attribute, path)) return { path, why: 'not-indexed' };
    // A date and its time are compared within one row.
    if (condition.kind === 'combined-range' && attribute.extendedTagId !== undefined)
      return { path, why: 'not-indexed' };
    if (depthOfTable[tableOf(attribute.level)] > depthOfLevel[level]) return { path, why: 'level-below' };
  }
  return undefined;
}

function reaches(attribute: IndexedAttribute, path: AttributePath): boolean {
  if (attribute.kind !== 'items') return path.length === 1;
  return path.length === 1 || (path.length === 2 && itemAttribute(attribute, path[1]) !== undefined);
}

/**
 * One condition as SQL over `studies`, `series` and `instances`, deciding as `matches()` does.
 * Only for conditions of which `unsearchable` finds nothing with the same attributes.
 */
export function conditionSql(condition: Condition, attributes: Attributes, bind: Bind): string {
  switch (condition.kind) {
    case 'any':
      return `(${condition.of.map((alternative) => conditionSql(alternative, attributes, bind)).join(' or ')})`;
    case 'combined-range':
      return combinedRangeSql(condition, attributes, bind);
    case 'sequence':
      return itemsSql(attributeOf(condition.path[0], attributes), condition.of, bind);
    default:
      break;
  }
  const attribute = attributeOf(condition.path[0], attributes);
  if (attribute.extendedTagId !== undefined) return extendedSql(condition, attribute, bind);
  if (condition.kind === 'empty') return emptySql(condition, attribute, bind);
  return condition.path.length === 2
    ? itemsSql(attribute, [{ ...condition, path: [condition.path[1] as string] }], bind)
    : columnSql(condition, attribute, bind);
}

/** Of an attribute with one row a value: any of them decides, and words of a name may stand in several. */
function extendedSql(
  condition: ColumnCondition | ConditionOf<'empty'>,
  attribute: IndexedAttribute,
  bind: Bind,
): string {
  const table = tableOf(attribute.level);
  const keys = ['study_id', 'series_id', 'instance_id'].slice(0, depthOfTable[table] + 1);
  const ofRow = keys.map((key) => `extended.${key} = ${table}.${key}`).join(' and ');
  const values = `select from extended_${attribute.level}_values as extended where extended.tag_id = ${attribute.extendedTagId} and ${ofRow}`;
  if (condition.kind === 'empty') return `not exists (${values})`;
  if (condition.kind !== 'fuzzy-name') return `exists (${values} and ${columnSql(condition, attribute, bind)})`;
  const words = condition.words.map(
    (word) => `exists (${values} and ${nameHasWords(columnOf(attribute), [word], bind)})`,
  );
  return `(${words.join(' and ')})`;
}

type ColumnCondition = ConditionOf<'single' | 'wildcard' | 'range' | 'uid-list' | 'fuzzy-name'>;

function columnSql(condition: ColumnCondition, attribute: IndexedAttribute, bind: Bind): string {
  const column = columnOf(attribute);
  switch (condition.kind) {
    case 'range':
      return rangeSql(column, condition, bind);
    case 'fuzzy-name':
      return nameHasWords(column, condition.words, bind);
    case 'uid-list':
      return uidsSql(attribute, condition.values, bind);
    case 'wildcard':
      if (attribute.kind === 'name') return nameIsLike(column, condition.pattern, bind);
      if (attribute.kind === 'texts') return arrayHasLike(column, condition.pattern, bind);
      return textIsLike(textColumn(attribute), condition.pattern, bind);
    case 'single':
      return singleSql(condition, attribute, bind);
  }
}

function singleSql({ vr, value }: ConditionOf<'single'>, attribute: IndexedAttribute, bind: Bind): string {
  const column = columnOf(attribute);
  if (vr === 'UI') return uidsSql(attribute, [value], bind);
  if (isNumericVr(vr)) return `${column} = ${bind(Number(value))}::float8`;
  switch (attribute.kind) {
    case 'name':
      return nameIsLike(column, literalName(value), bind);
    case 'texts':
      return arrayHas(column, value, bind);
    case 'text':
      return textIsOneOf(textColumn(attribute), [value], bind);
    default:
      return `${column} = ${bind(value)}`;
  }
}

const keyColumns: Readonly<Record<string, string>> = {
  '0020000D': 'studies.study_id',
  '0020000E': 'series.series_id',
  '00080018': 'instances.instance_id',
};

function uidsSql(attribute: IndexedAttribute, uids: readonly string[], bind: Bind): string {
  const key = keyColumns[attribute.tag];
  if (key !== undefined) return `${key} = any (${bind(uids.map(uidKey))}::uuid[])`;
  return attribute.kind === 'texts'
    ? arrayHasAny(columnOf(attribute), uids, bind)
    : textIsOneOf(textColumn(attribute), uids, bind);
}

function rangeSql(column: string, { from, to }: ConditionOf<'range'>, bind: Bind): string {
  const bounds = [
    ...(from === undefined ? [] : [`${column} >= ${bind(from)}`]),
    ...(to === undefined ? [] : [`${column} <= ${bind(to)}`]),
  ];
  return bounds.length > 0 ? `(${bounds.join(' and ')})` : `${column} is not null`;
}

/** The bounds on the date alone are implied; they are there for the index. A day without time may be any time of it. */
function combinedRangeSql(
  { datePath, timePath, from, to }: ConditionOf<'combined-range'>,
  attributes: Attributes,
  bind: Bind,
): string {
  const date = columnOf(attributeOf(datePath[0], attributes));
  const time = columnOf(attributeOf(timePath[0], attributes));
  const bounds = [
    ...(from === undefined
      ? [`${date} is not null`]
      : [`${date} >= ${bind(from.slice(0, 8))}`, `${date} || coalesce(${time}, '240000.000000') >= ${bind(from)}`]),
    ...(to === undefined
      ? []
      : [`${date} <= ${bind(to.slice(0, 8))}`, `${date} || coalesce(${time}, '000000.000000') <= ${bind(to)}`]),
  ];
  return `(${bounds.join(' and ')})`;
}

function emptySql({ path }: ConditionOf<'empty'>, attribute: IndexedAttribute, bind: Bind): string {
  const column = columnOf(attribute);
  const [, inner] = path;
  if (inner !== undefined) {
    return `not exists (select from jsonb_array_elements(${column}) as item where item -> ${bind(inner)} is not null)`;
  }
  return attribute.kind === 'texts' && attribute.counted ? `${column} = '{}'` : `${column} is null`;
}

/** One and the same item of an indexed sequence meets all conditions. */
function itemsSql(attribute: IndexedAttribute, conditions: readonly Condition[], bind: Bind): string {
  const tests = conditions.map((condition) => itemSql(condition, attribute, bind));
  return `exists (select from jsonb_array_elements(${columnOf(attribute)}) as item where ${tests.join(' and ')})`;
}

function itemSql(condition: Condition, sequence: IndexedAttribute, bind: Bind): string {
  if (condition.kind === 'any') {
    return `(${condition.of.map((alternative) => itemSql(alternative, sequence, bind)).join(' or ')})`;
  }
  const [tag = ''] = pathsOf(condition)[0] ?? [];
  if (condition.kind === 'empty') return `item -> ${bind(tag)} is null`;
  const values = `array(select jsonb_array_elements_text(item -> ${bind(tag)}))`;
  switch (condition.kind) {
    case 'single':
      return itemAttribute(sequence, tag)?.kind === 'name'
        ? nameListIsLike(values, literalName(condition.value), bind)
        : arrayHas(values, condition.value, bind);
    case 'wildcard':
      return itemAttribute(sequence, tag)?.kind === 'name'
        ? nameListIsLike(values, condition.pattern, bind)
        : arrayHasLike(values, condition.pattern, bind);
    case 'uid-list':
      return arrayHasAny(values, condition.values, bind);
    case 'fuzzy-name':
      return nameHasWords(`array_to_string(${values}, '\\')`, condition.words, bind);
    case 'range':
    case 'combined-range':
    case 'sequence':
      return 'false';
  }
}

function itemAttribute(sequence: IndexedAttribute, tag: string | undefined): ItemAttribute | undefined {
  return sequence.items?.find((item) => item.tag === tag);
}

function attributeOf(tag: string, attributes: Attributes): IndexedAttribute {
  const attribute = attributes(tag);
  if (attribute === undefined) throw new TypeError(`${tag} is not indexed`);
  return attribute;
}

function columnOf(attribute: IndexedAttribute): string {
  const table = attribute.extendedTagId === undefined ? tableOf(attribute.level) : 'extended';
  return `${table}.${attribute.column}`;
}

function textColumn(attribute: IndexedAttribute): TextColumn {
  return {
    sql: columnOf(attribute),
    multiValued: `${tableOf(attribute.level)}.multi_valued`,
    singleValued:
      attribute.extendedTagId !== undefined || attribute.vr === 'ST' || attribute.vr === 'LT' || attribute.vr === 'UT',
  };
}
