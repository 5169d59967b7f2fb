import type { AttributePath, Condition } from './query.ts';

/** The attributes that a condition is about, within sequences too. */
export function pathsOf(condition: Condition): AttributePath[] {
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
