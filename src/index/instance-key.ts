/** Key of an instance in the index, as `uidKey` makes it of its UIDs. */
export interface InstanceKey {
  readonly studyKey: string;
  readonly seriesKey: string;
  readonly instanceKey: string;
}

/** SQL of a table `keys` of instances. @param first number of the first of its three parameters, see `keyColumns` */
export function unnestedKeys(first: number, more: readonly { name: string; type: string }[] = []): string {
  const types = ['uuid', 'uuid', 'uuid', ...more.map(({ type }) => type)];
  const names = ['study_id', 'series_id', 'instance_id', ...more.map(({ name }) => name)];
  return `unnest(${types.map((type, at) => `$${first + at}::${type}[]`).join(', ')}) as keys (${names.join(', ')})`;
}

/** Values of the parameters. */
export function keyColumns(keys: readonly InstanceKey[]): string[][] {
  return [
    keys.map(({ studyKey }) => studyKey),
    keys.map(({ seriesKey }) => seriesKey),
    keys.map(({ instanceKey }) => instanceKey),
  ];
}

/** SQL that a row of a table is that of a key in `keys`. */
export function isKey(table: string): string {
  return `${table}.study_id = keys.study_id and ${table}.series_id = keys.series_id and ${table}.instance_id = keys.instance_id`;
}
