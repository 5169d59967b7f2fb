import type { BodyError } from '../kernel/errors.ts';
import type { Configuration } from './configuration.ts';
import { pointer } from './configuration-problem.ts';

/** Secrets by where they stand in a document, elements of lists by their names. */
export type Secrets = ReadonlyMap<string, KeptSecret>;

interface KeptSecret {
  readonly value: string;
  /** Where it may be sent to; empty for a key that never leaves. */
  readonly address: string;
}

/** What stands in a document for a secret that is set. */
const mark = { set: true };

/** Properties that hold secrets. */
const secretNames: ReadonlySet<string> = new Set([
  'token',
  'password',
  'clientSecret',
  'secretAccessKey',
  'signingKey',
  'key',
]);
/** Of these, those that go to the other side as they are. */
const sentNames: ReadonlySet<string> = new Set(['token', 'password', 'clientSecret']);

/** A document as it is kept and shown. */
export function withoutSecrets(configuration: Configuration): {
  readonly document: unknown;
  readonly secrets: Secrets;
} {
  const secrets = new Map<string, KeptSecret>();
  const document = mapSecrets(configuration, ({ key, address, value }) => {
    if (typeof value === 'string') secrets.set(key, { value, address });
    return mark;
  });
  return { document, secrets };
}

/**
 * Puts secrets that are kept into a document. One that went to another address is not among them: whoever may change an
 * address and not read a secret would have it sent to himself.
 * @returns the document, and what is wrong with it; secrets that are missing are left out of it
 */
export function withSecrets(
  document: unknown,
  kept: Secrets,
): { readonly document: unknown; readonly problems: readonly BodyError[] } {
  const problems: BodyError[] = [];
  const complete = mapSecrets(document, ({ key, address, value, path }) => {
    if (typeof value === 'string') return value;
    const found = kept.get(key);
    if (found === undefined) problems.push({ path, message: 'There is no secret to keep here: give it.' });
    else if (found.address !== address) {
      problems.push({ path, message: `The secret was given for another address (${found.address}): give it again.` });
    } else return found.value;
    return undefined;
  });
  return { document: complete, problems };
}

/** @returns JSON text, to be encrypted */
export function formatSecrets(secrets: Secrets): string {
  return JSON.stringify([...secrets]);
}

export function parseSecrets(text: string): Secrets {
  return new Map(JSON.parse(text) as [string, KeptSecret][]);
}

interface SecretPlace {
  /** By names of elements. */
  readonly key: string;
  /** JSON Pointer. */
  readonly path: string;
  readonly address: string;
  readonly value: unknown;
}

/** @param replace undefined leaves it out */
function mapSecrets(document: unknown, replace: (place: SecretPlace) => unknown): unknown {
  const walk = (value: unknown, key: string, path: string, owners: readonly object[]): unknown => {
    if (Array.isArray(value)) {
      return value.map((item: unknown, at) => walk(item, `${key}/${nameOf(item) ?? at}`, path + pointer(at), owners));
    }
    if (typeof value !== 'object' || value === null) return value;
    const within = [value, ...owners];
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
        const [innerKey, innerPath] = [`${key}/${name}`, path + pointer(name)];
        if (!secretNames.has(name) || inner === undefined) return [[name, walk(inner, innerKey, innerPath, within)]];
        const address = sentNames.has(name) ? addressOf(within) : '';
        const replaced = replace({ key: innerKey, path: innerPath, address, value: inner });
        return replaced === undefined ? [] : [[name, replaced]];
      }),
    );
  };
  return walk(document, '', '', []);
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item)) return undefined;
  return typeof item.name === 'string' ? item.name : undefined;
}

/**
 * All that a secret or what is got for it is sent to: a client secret goes to the token's URL, and the token to the destination.
 * @param owners what the secret stands in, from within
 */
function addressOf(owners: readonly object[]): string {
  const places = owners.map(
    (one) => one as { readonly tokenUrl?: unknown; readonly url?: unknown; readonly proxy?: unknown },
  );
  const tokenUrl = places.find((one) => 'tokenUrl' in one)?.tokenUrl;
  const url = places.find((one) => 'url' in one)?.url;
  const proxy = places.find((one) => 'proxy' in one)?.proxy;
  const origins = tokenUrl === undefined ? originOf(url) : `${originOf(tokenUrl)} for ${originOf(url)}`;
  return typeof proxy === 'string' ? `${origins} by ${proxy}` : origins;
}

function originOf(value: unknown): string {
  const url = String(value ?? '');
  return URL.canParse(url) ? new URL(url).origin : url;
}
