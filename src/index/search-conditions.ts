import { isNumericVr } from '../dicom/matches.ts';
import type { AttributePath, Condition, QueryLevel } from '../dicom/query.ts';
import { type IndexedAttribute, type ItemAttribute, indexedAttribute, tableOf } from './indexed-attributes.ts';
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
): { path: AttributePath; why: Unsearchable } | undefined {
  if (condition.kind === 'any') {
    for (const alternative of condition.of) {
      const found = unsearchable(alternative, level);
      if (found) return found;
    }
    return undefined;
  }
  for (const path of pathsOf(condition)) {
    const attribute = indexedAttribute(path[0]);
    if (attribute === undefined || !reaches(attribute, path)) return { path, why: 'not-indexed' };
    if (depthOfTable[tableOf(attribute.level)] > depthOfLevel[level]) return { path, why: 'level-below' };
  }
  return undefined;
}

function reaches(attribute: IndexedAttribute, path: AttributePath): boolean {
  if (attribute.kind !== 'items') return path.length === 1;
  return path.length === 1 || (path.length === 2 && itemAttribute(attribute, path[1]) !== undefined);
}

function pathsOf(condition: Condition): AttributePath[] {
  switch (condition.kind) {
    case 'any':
      return condition.of.flatMap(pathsOf);
    case 'combined-range':
      return [condition.datePath, condition.timePath];
    case 'sequence':
      return condition.of.flatMap(pathsOf).map((path) => [...condition.path, ...path]);
    default:
      return [condition.path];
  }
}

/**
 * One condition as SQL over `studies`, `series` and `instances`, deciding as `matches()` does.
 * Only for conditions of which `unsearchable` finds nothing.
 */
export function conditionSql(condition: Condition, bind: Bind): string {
  switch (condition.kind) {
    case 'any':
      return `(${condition.of.map((alternative) => conditionSql(alternative, bind)).join(' or ')})`;
    case 'combined-range':
      return combinedRangeSql(condition, bind);
    case 'sequence':
      return itemsSql(attributeOf(condition.path[0]), condition.of, bind);
    case 'empty':
      return emptySql(condition, bind);
    default:
      return condition.path.length === 2
        ? itemsSql(attributeOf(condition.path[0]), [{ ...condition, path: [condition.path[1] as string] }], bind)
        : columnSql(condition, attributeOf(condition.path[0]), bind);
  }
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
function combinedRangeSql({ datePath, timePath, from, to }: ConditionOf<'combined-range'>, bind: Bind): string {
  const date = columnOf(attributeOf(datePath[0]));
  const time = columnOf(attributeOf(timePath[0]));
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

function emptySql({ path }: ConditionOf<'empty'>, bind: Bind): string {
  const attribute = attributeOf(path[0]);
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
    case 'empty':
      return `item -> ${bind(tag)} is null`;
    case 'range':
    case 'combined-range':
    case 'sequence':
      return 'false';
  }
}

function itemAttribute(sequence: IndexedAttribute, tag: string | undefined): ItemAttribute | undefined {
  return sequence.items?.find((item) => item.tag === tag);
}

function attributeOf(tag: string): IndexedAttribute {
  const attribute = indexedAttribute(tag);
  if (attribute === undefined) throw new TypeError(`${tag} is not indexed`);
  return attribute;
}

function columnOf(attribute: IndexedAttribute): string {
  return `${tableOf(attribute.level)}.${attribute.column}`;
}

function textColumn(attribute: IndexedAttribute): TextColumn {
  return {
    sql: columnOf(attribute),
    multiValued: `${tableOf(attribute.level)}.multi_valued`,
    singleValued: attribute.vr === 'ST' || attribute.vr === 'LT' || attribute.vr === 'UT',
  };
}
