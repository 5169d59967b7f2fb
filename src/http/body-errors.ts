import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { BodyError } from '../kernel/errors.ts';

const maxBodyErrors = 50;

/** Schemas of the OpenAPI document that are one of several by their `kind`. */
interface Kinds {
  validate(kind: string, value: unknown): readonly ErrorObject[] | undefined;
}

export interface ValidationError {
  /** From the request: `/body/publishers/0/name`. */
  readonly path?: string;
  readonly message?: string;
}

/**
 * What is wrong within a body, by JSON Pointer. Where something is one of several kinds, the validator tells of each why it
 * is not that: here only what is wrong with the kind that it says to be.
 * @param documentPath of the OpenAPI document
 */
export function createBodyErrors(documentPath: string) {
  let kinds: Kinds | undefined;

  return (errors: readonly ValidationError[], body: unknown): BodyError[] => {
    const told = errors.flatMap(({ path = '', message = '' }) =>
      path.startsWith('/body/') ? [{ path: path.slice('/body'.length), message }] : [],
    );
    return refined(told, body).slice(0, maxBodyErrors);
  };

  function refined(told: readonly BodyError[], body: unknown): BodyError[] {
    const alternatives = told.filter(({ message }) => message.endsWith(' oneOf')).map(({ path }) => path);
    const outermost = alternatives.filter((path) => !alternatives.some((other) => isBelow(path, other)));
    return [
      ...told
        .filter(({ path }) => !outermost.some((one) => path === one || isBelow(path, one)))
        .map(({ path, message }) => ({ path, message: `The value ${message}.` })),
      ...[...new Set(outermost)].flatMap((path) => ofKind(path, told, body)),
    ];
  }

  function ofKind(path: string, told: readonly BodyError[], body: unknown): BodyError[] {
    const value = valueAt(body, path);
    const allowed = told
      .filter((error) => error.path === `${path}/kind`)
      .flatMap(({ message }) => / allowed values: (\S+)$/.exec(message)?.[1] ?? []);
    if (allowed.length === 0) return [{ path, message: 'The value is none of what may stand here.' }];
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
    kinds ??= readKinds(documentPath);
    const found = typeof kind === 'string' ? kinds.validate(kind, value) : undefined;
    // Of the kind that it is, `kind` itself is no error.
    if (found === undefined) {
      return [{ path: `${path}/kind`, message: `The value must be one of: ${[...new Set(allowed)].join(', ')}.` }];
    }
    const within = found.map((error) => ({ path: `${path}${placeOf(error)}`, message: wordsOf(error) }));
    return refined(within, body);
  }
}

function isBelow(path: string, other: string): boolean {
  return path.startsWith(`${other}/`);
}

function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Record<string, unknown>;
  const name = keyword === 'required' ? missingProperty : additionalProperty;
  return typeof name === 'string' ? `${instancePath}/${name}` : instancePath;
}

function wordsOf({ keyword, message = '', params }: ErrorObject): string {
  const { allowedValues } = params as { readonly allowedValues?: readonly unknown[] };
  return keyword === 'enum' ? `${message}: ${allowedValues?.join(', ')}` : message;
}

function valueAt(body: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .reduce<unknown>((value, step) => {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }, body);
}

interface Schema {
  readonly properties?: { readonly kind?: { readonly enum?: readonly string[] } };
}

function readKinds(documentPath: string): Kinds {
  const document = parse(readFileSync(documentPath, 'utf8')) as { components: { schemas: Record<string, Schema> } };
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  ajv.addSchema(document, 'api');
  const names = new Map(
    Object.entries(document.components.schemas).flatMap(([name, { properties }]) => {
      const values = properties?.kind?.enum ?? [];
      return values.length === 1 ? [[values[0]!, name] as const] : [];
    }),
  );
  const compiled = new Map<string, ValidateFunction>();
  return {
    validate(kind, value) {
      const name = names.get(kind);
      if (name === undefined) return undefined;
      const known = compiled.get(name) ?? ajv.compile({ $ref: `api#/components/schemas/${name}` });
      compiled.set(name, known);
      return known(value) ? undefined : (known.errors ?? []);
    },
  };
}
