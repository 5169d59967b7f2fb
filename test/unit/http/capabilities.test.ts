import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml, type XmlElement } from '../../../src/dicom/xml-reader.ts';
import { readApiDocument } from '../../../src/http/capabilities/api-document.ts';
import { resourceAt, resourceTree } from '../../../src/http/capabilities/resource-tree.ts';
import { wadlOf } from '../../../src/http/capabilities/wadl.ts';
import { fakeServers } from './serve-fakes.ts';

const serve = fakeServers();
const api = readApiDocument();

/** All elements of a name, at any depth. */
function all(root: XmlElement, name: string): XmlElement[] {
  return root.children.flatMap((child) => [...(child.name === name ? [child] : []), ...all(child, name)]);
}

function named(root: XmlElement, name: string, attribute: string): (string | undefined)[] {
  return root.children.filter((child) => child.name === name).map((child) => child.attributes.get(attribute));
}

async function describeByWadl(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'OPTIONS', headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/vnd.sun.wadl+xml');
  return { headers: response.headers, root: parseXml(await response.text()) };
}

describe('retrieving capabilities', () => {
  it('tells of every operation of the OpenAPI document below the base path, once', async () => {
    const { web } = await serve();
    const { root, headers } = await describeByWadl(web);
    expect(root.name).toBe('application');
    expect(root.attributes.get('xmlns')).toBe('http://wadl.dev.java.net/2009/02');
    expect(named(root, 'resources', 'base')).toEqual([`${web}/`]);
    const told = all(root, 'method').map((method) => method.attributes.get('id'));
    const ours = api.operations.filter(({ path }) => path.startsWith('/dicom-web'));
    const described = ours.map(({ operationId }) => operationId).filter((id) => id !== 'retrieveCapabilities');
    expect(told.toSorted()).toEqual(described.toSorted());
    expect(headers.get('allow')).toBe('OPTIONS');
    expect(headers.get('vary')).toContain('Accept');
  });

  it('tells of one resource and of what lies below it', async () => {
    const { web } = await serve();
    const { root, headers } = await describeByWadl(`${web}/studies/1.2/series/3.4/instances/?accept=`);
    expect(headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    const [resources] = all(root, 'resources');
    const [resource] = resources!.children;
    expect(resources!.children).toHaveLength(1);
    expect(resource!.attributes.get('path')).toBe('studies/{study}/series/{series}/instances');
    expect(named(resource!, 'param', 'name')).toEqual(['study', 'series']);
    expect(named(resource!, 'method', 'id')).toEqual(['searchInstancesOfSeries']);
    expect(named(resource!, 'resource', 'path')).toEqual(['{instance}', 'count']);
  });

  it('tells parameters with their types and media types with the answers that have them', async () => {
    const { web } = await serve();
    const { root } = await describeByWadl(`${web}/studies`);
    const methods = all(root, 'method');
    const search = methods.find((one) => one.attributes.get('id') === 'searchStudies')!;
    const [request] = all(search, 'request');
    const parameter = (name: string) => all(request!, 'param').find((one) => one.attributes.get('name') === name)!;
    expect(Object.fromEntries(parameter('limit').attributes)).toMatchObject({ style: 'query', type: 'xs:integer' });
    expect(parameter('includefield').attributes.get('repeating')).toBe('true');
    expect(named(parameter('Accept'), 'option', 'value')).toEqual([
      'application/dicom+json',
      'application/json',
      'multipart/related',
    ]);
    const store = methods.find((one) => one.attributes.get('id') === 'storeInstances')!;
    const [body] = all(store, 'request');
    expect(named(body!, 'representation', 'mediaType')).toEqual([
      'multipart/related',
      'application/dicom',
      'application/zip',
    ]);
    const conflict = all(store, 'response').find((one) => one.attributes.get('status') === '409')!;
    expect(named(conflict, 'representation', 'mediaType')).toEqual([
      'application/dicom+json',
      'application/json',
      'application/dicom+xml',
    ]);
  });

  it('tells the same as JSON', async () => {
    const { web } = await serve();
    const response = await fetch(`${web}/studies/1.2`, { method: 'OPTIONS', headers: { Accept: 'application/json' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('allow')).toBe('GET, POST, DELETE, HEAD, OPTIONS');
    const description = (await response.json()) as { base: string; resources: Record<string, unknown>[] };
    expect(description.base).toBe(`${web}/`);
    expect(description.resources).toMatchObject([
      {
        path: 'studies/{study}',
        parameters: [{ name: 'study', in: 'path', required: true }],
        methods: [{ id: 'retrieveStudy' }, { id: 'storeInstancesOfStudy' }, { id: 'deleteStudy', produces: [] }],
      },
    ]);
  });

  it.each([
    ['/nothing', {}, 404],
    ['/studies/1/nothing', {}, 404],
    ['/studies/%E0%A4%A', {}, 400],
    ['', { Accept: 'text/html' }, 406],
    ['', { Accept: ';' }, 400],
  ])('of %s accepting %j answers %i', async (path, headers, status) => {
    const { web } = await serve();
    const response = await fetch(web + path, { method: 'OPTIONS', headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('goes by the base path that the client used', async () => {
    const { origin } = await serve({ basePath: '/pacs' });
    const { root } = await describeByWadl(`${origin}/v2/pacs/`);
    expect(named(root, 'resources', 'base')).toEqual([`${origin}/v2/pacs/`]);
  });

  it('answers elsewhere which methods there are', async () => {
    const { origin } = await serve({ viewerDir: '/nowhere' });
    for (const path of ['/wado', '/health/live', '/viewer/']) {
      const response = await fetch(origin + path, { method: 'OPTIONS' });
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 204, 'GET, HEAD, OPTIONS']);
    }
    expect((await fetch(`${origin}/nothing`, { method: 'OPTIONS' })).status).toBe(404);
  });

  it('is no preflight, and a preflight is not it', async () => {
    const { web } = await serve({ corsOrigins: ['*'] });
    const { headers } = await describeByWadl(web, { Origin: 'https://viewer.example' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const asPage = { Origin: 'https://viewer.example', 'Access-Control-Request-Method': 'GET' };
    const preflight = await fetch(`${web}/nothing`, { method: 'OPTIONS', headers: asPage });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-max-age')).toBe('86400');
  });
});

describe('the tree of resources', () => {
  const root = resourceTree(api.operations);

  it('finds the resource of every path of the document', () => {
    for (const { path, operationId } of api.operations) {
      const concrete = path.replace('{path}*', '54000100/0/54001010').replace(/\{\w+\}/g, '1.2');
      const found = resourceAt(root, concrete);
      expect(found?.path).toBe(path.slice(1).replace(/\*$/, ''));
      expect(found?.methods.map((one) => one.operationId)).toContain(operationId);
    }
  });

  it('takes what is written out for a variable where only that leads on', () => {
    expect(resourceAt(root, '/dicom-web/studies/count')?.methods[0]?.operationId).toBe('countStudies');
    expect(resourceAt(root, '/dicom-web/studies/count/series')?.methods[0]?.operationId).toBe('searchSeriesOfStudy');
    expect(resourceAt(root, '/dicom-web/studies/count/nothing')).toBeUndefined();
  });
});

describe('WADL', () => {
  it('is well-formed whatever the words are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (words) => {
        const text = wadlOf(words, [{ path: words, parameters: [], methods: [], resources: [], takesRest: false }]);
        const [resources] = parseXml(text).children;
        expect(resources?.attributes.get('base')).toBe(`${words}/`);
        expect(named(resources!, 'resource', 'path')).toEqual([words]);
      }),
    );
  });
});
