import { type ApiOperation, type ApiParameter, producedBy } from './api-document.ts';
import type { Resource } from './resource-tree.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

const styles = { path: 'template', query: 'query', header: 'header' } as const;

/**
 * A Capabilities Description (PS3.18 Annex H): a WADL document.
 * @param base URL of the service
 */
export function wadlOf(base: string, resources: readonly Resource[]): string {
  const names = { xmlns: 'http://wadl.dev.java.net/2009/02', 'xmlns:xs': 'http://www.w3.org/2001/XMLSchema' };
  const tree = element('resources', { base: `${base}/` }, resources.map(resourceElement));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('application', names, [tree])}\n`;
}

function resourceElement({ path, parameters, methods, resources }: Resource): string {
  return element('resource', { path }, [
    ...parameters.map(paramElement),
    ...methods.map(methodElement),
    ...resources.map(resourceElement),
  ]);
}

function methodElement(operation: ApiOperation): string {
  const { method, operationId, summary, consumes, responses } = operation;
  const parameters = operation.parameters.filter((one) => one.in !== 'path');
  return element('method', { name: method, id: operationId }, [
    ...(summary === undefined ? [] : [element('doc', { title: summary })]),
    element('request', {}, [
      ...acceptElement(producedBy(operation)),
      ...parameters.map(paramElement),
      ...consumes.map(representation),
    ]),
    ...responses.map(({ status, mediaTypes }) => element('response', { status }, mediaTypes.map(representation))),
  ]);
}

/** What Accept may ask for, which OpenAPI tells by the answers alone. */
function acceptElement(mediaTypes: readonly string[]): string[] {
  if (mediaTypes.length === 0) return [];
  const options = mediaTypes.map((value) => element('option', { value }));
  return [element('param', { name: 'Accept', style: 'header', type: 'xs:string' }, options)];
}

function paramElement({ name, in: place, required, repeating, type, options, description }: ApiParameter): string {
  const attributes = {
    name,
    style: styles[place],
    type: `xs:${type === 'number' ? 'double' : type}`,
    required: required ? 'true' : undefined,
    repeating: repeating ? 'true' : undefined,
  };
  return element('param', attributes, [
    ...(description === undefined ? [] : [element('doc', { title: description })]),
    ...options.map((value) => element('option', { value })),
  ]);
}

function representation(mediaType: string): string {
  return element('representation', { mediaType });
}

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${escaped(value)}"`,
  );
  const start = `<${name}${written.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[<>&"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
