import openapi from 'virtual:configuration-schema';
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { strings } from '../strings.ts';

/** Problems by JSON Pointer into the document. */
export type Faults = ReadonlyMap<string, string>;

/** Of these, what is wrong is told by what they hold. */
const outer = new Set(['properties', 'items', '$ref', 'allOf', 'anyOf', 'if', 'then', 'else', 'false']);

/**
 * Checks by the schema of the API, so that page and server say no to the same things; what needs the rest of the site
 * (names that are referred to, expressions) only the server knows.
 */
export function validator(name: string): (document: unknown) => Faults {
  const schema = { ...(byKind(openapi) as Schema), $ref: `#/components/schemas/${name}` };
  const check = new Validator(schema, '2019-09', false);
  return (document) => {
    const faults = new Map<string, string>();
    for (const unit of check.validate(document).errors) {
      if (outer.has(unit.keyword)) continue;
      const missing = unit.keyword === 'required' ? /"([^"]+)"/.exec(unit.error)?.[1] : undefined;
      const place = unit.instanceLocation.replace(/^#/, '') + (missing === undefined ? '' : `/${missing}`);
      // An optional value of the wrong kind may fail several times: the first says enough.
      if (!faults.has(place)) faults.set(place, inWords(unit));
    }
    return faults;
  };
}

function inWords({ keyword, error }: OutputUnit): string {
  const number = /(-?\d+(?:\.\d+)?)\.?$/.exec(error)?.[1] ?? '';
  const words = strings.faults;
  switch (keyword) {
    case 'required':
      return words.required;
    case 'minLength':
    case 'minItems':
      return words.tooShort;
    case 'maxLength':
    case 'maxItems':
      return words.tooLong;
    case 'minimum':
      return words.atLeast(number);
    case 'maximum':
      return words.atMost(number);
    case 'pattern':
      return words.form;
    case 'uniqueItems':
      return words.unique;
    case 'type':
      return error.endsWith('Expected "integer".')
        ? words.wholeNumber
        : error.endsWith('Expected "number".')
          ? words.number
          : words.kind;
    default:
      return error;
  }
}

/**
 * A choice between objects that say their `kind` is made by it, so that faults are those of the kind that was meant, and not
 * those of all that were not.
 */
function byKind(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(byKind);
  if (typeof node !== 'object' || node === null) return node;
  const { oneOf, ...rest } = node as { readonly oneOf?: readonly unknown[] };
  const others = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, byKind(value)]));
  if (oneOf === undefined) return others;
  const kinds = oneOf.map(kindsOf);
  if (kinds.some((known) => known === undefined)) return { ...others, oneOf: oneOf.map(byKind) };
  return {
    ...others,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    allOf: oneOf.map((branch, at) => ({ if: { properties: { kind: { enum: kinds[at] } } }, then: byKind(branch) })),
  };
}

function kindsOf(branch: unknown): readonly string[] | undefined {
  const { $ref } = branch as { readonly $ref?: string };
  const name = $ref?.split('/').at(-1) ?? '';
  const { properties } = (openapi.components.schemas[name] ?? {}) as {
    readonly properties?: { readonly kind?: { readonly enum?: readonly string[] } };
  };
  return properties?.kind?.enum;
}
