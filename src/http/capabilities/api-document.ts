import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { apiDocumentPath } from '../validate-request.ts';

/** A parameter of an operation. */
export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly repeating: boolean;
  readonly type: 'string' | 'integer' | 'number' | 'boolean';
  /** All values that there are, where they are few. */
  readonly options: readonly string[];
  readonly description: string | undefined;
}

/** What an answer looks like. */
export interface ApiResponse {
  readonly status: string;
  readonly mediaTypes: readonly string[];
}

/** One method of a resource, as the OpenAPI document has it, references resolved. */
export interface ApiOperation {
  readonly operationId: string;
  /** As in the document: `/dicom-web/studies/{study}`; `{path}*` takes the rest of a path. */
  readonly path: string;
  /** In upper case. */
  readonly method: string;
  readonly tag: string;
  readonly summary: string | undefined;
  /** Those of the path first. */
  readonly parameters: readonly ApiParameter[];
  /** Media types of its body. */
  readonly consumes: readonly string[];
  readonly responses: readonly ApiResponse[];
}

export interface ApiDocument {
  /** A service each, in the order of the document. */
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly operations: readonly ApiOperation[];
}

interface Reference {
  readonly $ref?: string;
}
type Content = Readonly<Record<string, unknown>>;
interface RawParameter extends Reference {
  readonly name: string;
  readonly in: ApiParameter['in'];
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: RawSchema;
}
interface RawSchema extends Reference {
  readonly type: ApiParameter['type'] | 'array';
  readonly enum?: readonly unknown[];
  readonly items?: RawSchema;
}
interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary?: string;
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Reference & { readonly content?: Content }>>;
}
interface RawDocument {
  readonly tags: ApiDocument['tags'];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Reads the document that requests are validated against: what it says of a resource is what holds. */
export function readApiDocument(): ApiDocument {
  // The document is part of the program, and a unit test holds it to the OpenAPI schema.
  const document = parse(readFileSync(apiDocumentPath, 'utf8')) as RawDocument;
  const resolve = <T extends Reference>(value: T): T => {
    const [, kind = '', name = ''] = /^#\/components\/(\w+)\/(\w+)$/.exec(value.$ref ?? '') ?? [];
    return value.$ref === undefined ? value : (document.components[kind]?.[name] as T);
  };
  const parameterOf = (raw: RawParameter): ApiParameter => {
    const { name, in: place, required = false, description, schema } = resolve(raw);
    const outer = resolve(schema);
    const { type, enum: options = [] } = outer.items === undefined ? outer : resolve(outer.items);
    return {
      name,
      in: place,
      required,
      repeating: outer.type === 'array',
      type: type === 'array' ? 'string' : type,
      options: options.map(String),
      description,
    };
  };
  const operations = Object.entries(document.paths).flatMap(([path, { parameters: shared, ...methods }]) =>
    Object.entries(methods as Record<string, RawOperation>).map(([method, operation]): ApiOperation => {
      const parameters = [...((shared ?? []) as RawParameter[]), ...(operation.parameters ?? [])].map(parameterOf);
      return {
        operationId: operation.operationId,
        path,
        method: method.toUpperCase(),
        tag: operation.tags[0],
        summary: operation.summary,
        parameters: [
          ...parameters.filter((one) => one.in === 'path'),
          ...parameters.filter((one) => one.in !== 'path'),
        ],
        consumes: Object.keys(operation.requestBody?.content ?? {}),
        responses: Object.entries(operation.responses).map(([status, response]) => ({
          status,
          mediaTypes: Object.keys(resolve(response).content ?? {}),
        })),
      };
    }),
  );
  return { tags: document.tags, operations };
}

/** Media types of the answers that succeed. */
export function producedBy({ responses }: ApiOperation): string[] {
  return [...new Set(responses.filter(({ status }) => status < '3').flatMap(({ mediaTypes }) => mediaTypes))];
}
