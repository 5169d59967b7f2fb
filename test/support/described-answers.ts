import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { operations } from '../../src/http/openapi.gen.ts';

/** One request of an operation, and how it is answered. */
export interface DescribedRequest {
  readonly operation: keyof operations;
  readonly path?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is bytes or text. */
  readonly body?: unknown;
  /** 200 unless given. */
  readonly status?: number;
}

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

interface Answer {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

interface DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly responses: Readonly<Record<string, Answer & { readonly $ref?: string }>>;
}

const document = parse(readFileSync(resolve(import.meta.dirname, '../../openapi/causeway.yaml'), 'utf8'), {
  maxAliasCount: -1,
}) as Document;
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, validateFormats: false });
ajv.addSchema({ components: closed(document.components) as object }, 'api');
const validators = new Map<string, ValidateFunction>();

const described = new Map<string, DescribedOperation>(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const { operationId, responses } = operation as DescribedOperation & { operationId?: string };
      return operationId === undefined
        ? []
        : [[operationId, { method: method.toUpperCase(), path, responses }] as const];
    }),
  ),
);

export const describedOperations = [...described.keys()];

/**
 * Asks, and compares the answer with the OpenAPI document.
 * @returns what is not as the document says, and the body where it is JSON
 */
export async function askAsDescribed(origin: string, request: DescribedRequest) {
  const { method, path, responses } = described.get(request.operation)!;
  const url = path.replace(/\{(\w+)\}\*?/g, (_, name: string) => request.path?.[name] ?? `no-${name}`);
  const isJson = request.body !== undefined && typeof request.body !== 'string' && !Buffer.isBuffer(request.body);
  const gone = new AbortController();
  const response = await fetch(`${origin}${url}${request.query ?? ''}`, {
    method,
    headers: { ...(isJson && { 'Content-Type': 'application/json' }), ...request.headers },
    ...(request.body !== undefined && {
      body: isJson ? JSON.stringify(request.body) : (request.body as Buffer<ArrayBuffer>),
    }),
    signal: gone.signal,
  });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const text = type === 'text/event-stream' ? await firstEvents(response) : await response.text();
  gone.abort();
  const wrong: string[] = [];
  if (response.status !== (request.status ?? 200)) wrong.push(`it is ${response.status}: ${text.slice(0, 300)}`);
  const { $ref, ...own } = responses[response.status] ?? {};
  const answer: Answer = $ref === undefined ? own : document.components.responses[$ref.split('/').at(-1)!]!;
  if (responses[response.status] === undefined) wrong.push(`the status ${response.status} is not described`);
  if (answer.headers?.['Location'] !== undefined && !response.headers.has('location')) wrong.push('it has no Location');
  if (answer.headers?.['ETag'] !== undefined && !response.headers.has('etag')) wrong.push('it has no ETag');
  const content = Object.entries(answer.content ?? {});
  const [, media] =
    content.find(([name]) => name === type) ?? content.find(([name]) => name === type.replace(/\/.*/, '/*')) ?? [];
  if (content.length === 0 ? text !== '' : media === undefined) wrong.push(`the media type ${type} is not described`);
  const isOfEvents = type === 'text/event-stream' && media?.schema.$ref !== undefined;
  const values: unknown[] = isOfEvents ? text.split('\n').map((line) => JSON.parse(line)) : [];
  if (/json$/.test(type)) values.push(JSON.parse(text));
  if (media !== undefined) wrong.push(...values.flatMap((value) => differences(media.schema, value)));
  return { wrong: wrong.map((words) => `${method} ${url}: ${words}`), body: values[0] };
}

function differences(schema: Schema, value: unknown): string[] {
  const key = JSON.stringify(schema);
  const validate = validators.get(key) ?? ajv.compile(closed(inApi(schema)) as object);
  validators.set(key, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** References from outside of the document. */
function inApi(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as Schema;
}

/** With nothing in objects but what is described: a member that nobody describes is nothing that a client can rely on. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const whole = merged(value as Schema);
  const isOpen = whole.properties !== undefined && whole.additionalProperties === undefined;
  return {
    ...Object.fromEntries(Object.entries(whole).map(([name, part]) => [name, closed(part)])),
    ...(isOpen && { additionalProperties: false }),
  };
}

/** What is said in several places about one object, in one. */
function merged(schema: Schema): Schema {
  if (!Array.isArray(schema.allOf)) return schema;
  const parts = schema.allOf.map((part: Schema) => merged(part.$ref === undefined ? part : schemaAt(part.$ref)));
  if (!parts.every(({ properties }) => properties !== undefined)) return schema;
  return {
    properties: parts.reduce<Record<string, Schema>>((all, { properties = {} }) => {
      for (const [name, own] of Object.entries(properties)) {
        all[name] = all[name] === undefined ? own : merged({ allOf: [all[name], own] });
      }
      return all;
    }, {}),
    required: parts.flatMap(({ required = [] }) => required),
  };
}

function schemaAt(reference: string): Schema {
  return document.components.schemas[reference.split('/').at(-1)!]!;
}

/** The data of those that come at once, a line each. */
async function firstEvents(response: Response): Promise<string> {
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const found = [...text.matchAll(/^data: ?(.*)\n\n/gm)].map(([, data]) => data);
    if (found.length > 0) return found.join('\n');
  }
  return '';
}
