import type { ApiOperation, ApiParameter } from './api-document.ts';

/** A resource with what lies below it, as WADL nests them. */
export interface Resource {
  /** One segment of a path, as `studies` or `{study}`; of the root several, joined by slashes. */
  readonly path: string;
  /** Of the template variable that the segment is. */
  readonly parameters: readonly ApiParameter[];
  readonly methods: readonly ApiOperation[];
  readonly resources: readonly Resource[];
  /** The segment takes the rest of a path. */
  readonly takesRest: boolean;
}

interface Node extends Resource {
  parameters: readonly ApiParameter[];
  readonly methods: ApiOperation[];
  readonly resources: Node[];
}

/** @returns the root, `/`, above all resources */
export function resourceTree(operations: readonly ApiOperation[]): Resource {
  const root = nodeAt('');
  for (const operation of operations) {
    let node = root;
    for (const segment of segmentsOf(operation.path)) {
      let child = node.resources.find(({ path }) => path === segment.replace(/\*$/, ''));
      if (child === undefined) {
        child = nodeAt(segment);
        child.parameters = operation.parameters.filter((one) => one.in === 'path' && `{${one.name}}` === child?.path);
        node.resources.push(child);
      }
      node = child;
    }
    node.methods.push(operation);
  }
  return root;
}

function nodeAt(segment: string): Node {
  const takesRest = segment.endsWith('*');
  return { path: segment.replace(/\*$/, ''), parameters: [], methods: [], resources: [], takesRest };
}

/**
 * The resource that a path names, below which all else is left away: its `path` is the whole template from `root` on, its
 * `parameters` those of all segments. A segment that is written out wins over a template variable.
 * @param path relative to `root`, as `/studies/1.2/series`
 */
export function resourceAt(root: Resource, path: string): Resource | undefined {
  return descend(root, segmentsOf(path));
}

function descend(node: Resource, [segment, ...rest]: readonly string[]): Resource | undefined {
  if (segment === undefined) return node;
  const written = node.resources.filter(({ path }) => path === segment);
  const variable = node.resources.filter(({ path }) => path.startsWith('{') && path !== segment);
  for (const child of [...written, ...variable]) {
    const found = child.takesRest ? child : descend(child, rest);
    if (found !== undefined) return prefixed(node, found);
  }
  return undefined;
}

function prefixed(parent: Resource, found: Resource): Resource {
  const path = parent.path === '' ? found.path : `${parent.path}/${found.path}`;
  return { ...found, path, parameters: [...parent.parameters, ...found.parameters] };
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
