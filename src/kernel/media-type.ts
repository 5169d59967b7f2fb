/** A media type or media range with its parameters (RFC 9110 §8.3.1). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly type: string;
  /** By lower-case name; values without their quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads a list of media types as it stands in Accept, or the one of Content-Type. Quoted and unquoted parameter values
 * are the same, also unquoted ones that are no token, as viewers send `type=application/dicom` (PS3.18 §8.7).
 * What is no media type is passed over.
 */
export function parseMediaTypes(text: string): MediaType[] {
  return splitOutsideQuotes(text, ',').flatMap((element) => {
    const [name = '', ...rest] = splitOutsideQuotes(element, ';');
    const type = normalType(name.trim().toLowerCase());
    if (type === undefined) return [];
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals < 0) continue;
      parameters.set(parameter.slice(0, equals).trim().toLowerCase(), unquote(parameter.slice(equals + 1).trim()));
    }
    return [{ type, parameters }];
  });
}

/** The `type/subtype` of a range; Java's URLConnection sends `*`, dicomweb-client sends `image/`. */
function normalType(name: string): string | undefined {
  if (name === '*') return '*/*';
  const parts = /^([!#$%&'*+.^_`|~0-9a-z-]+)\/([!#$%&'*+.^_`|~0-9a-z-]*)$/.exec(name);
  return parts === null ? undefined : `${parts[1]}/${parts[2] || '*'}`;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const end = value.length > 1 && value.endsWith('"') ? -1 : undefined;
  return value.slice(1, end).replace(/\\(.)/g, '$1');
}
