import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { components } from '../../src/http/openapi.gen.ts';
import { encodings } from '../../src/imaging/encodings.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

type Conformance = components['schemas']['Conformance'];

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ CAUSEWAY_SEARCH_LIMIT: '500', CAUSEWAY_STORAGE_SOP_CLASSES: '1.3.12.2.1107.5.9.1' });
});

afterAll(() => server?.close());

async function conformance(): Promise<Conformance> {
  return (await (await fetch(`${server.web}/conformance`)).json()) as Conformance;
}

/** Path of each method's resource as Python's XML parser finds it, below the base. */
const readWadl = `
import json, sys, xml.etree.ElementTree as tree
ns = '{http://wadl.dev.java.net/2009/02}'
found = []
def walk(element, path):
    for method in element.findall(ns + 'method'):
        found.append([method.get('name'), path])
    for child in element.findall(ns + 'resource'):
        walk(child, path + '/' + child.get('path'))
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == ns + 'application', root.tag
walk(root.find(ns + 'resources'), '')
json.dump(found, sys.stdout)
`;

describe('retrieving capabilities from a running house', () => {
  it('describes resources that are there, in XML that another reader takes', async () => {
    const wadl = await (await fetch(server.web, { method: 'OPTIONS' })).text();
    const { stdout, stderr, status } = spawnSync('python3', ['-c', readWadl], { input: wadl, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const methods = JSON.parse(stdout) as [string, string][];
    expect(methods.length).toBeGreaterThan(40);
    for (const [method, path] of methods.filter(([name]) => name === 'GET')) {
      const concrete = path.replace('{path}', '7FE00010').replace(/\{\w+\}/g, '1');
      const response = await fetch(server.web + concrete, { method });
      const text = await response.text();
      expect([path, response.status, text]).not.toEqual([path, 405, expect.anything()]);
      expect([path, text]).not.toEqual([path, expect.stringContaining('There is no resource with this path.')]);
    }
  });
});

describe('the conformance resource of a running house', () => {
  it('has the settings in it', async () => {
    const { limits, sopClasses } = await conformance();
    expect(limits.searchLimit).toBe(500);
    expect(sopClasses).toContainEqual({ uid: '1.3.12.2.1107.5.9.1' });
  });

  it('produces of all that it can decode every transfer syntax that it can write, and nothing of video', async () => {
    const { transferSyntaxes } = await conformance();
    const producible = (uid: string) => transferSyntaxes.find((one) => one.uid === uid)?.producible;
    const written = ['1.2.840.10008.1.2.1', ...encodings.map(({ transferSyntaxUid }) => transferSyntaxUid)];
    expect(producible('1.2.840.10008.1.2')).toEqual(written);
    expect(producible('1.2.840.10008.1.2.5')).toEqual(written.filter((uid) => uid !== '1.2.840.10008.1.2.5'));
    expect(producible('1.2.840.10008.1.2.4.100')).toEqual([]);
  });

  it('names keys that a search takes without a warning', async () => {
    const { searchKeys } = await conformance();
    const { patient, study, series, instance } = searchKeys;
    for (const { keyword, items } of [...patient, ...study, ...series, ...instance]) {
      const names = items === undefined ? [keyword] : items.map((item) => `${keyword}.${item.keyword}`);
      for (const name of names) {
        const response = await fetch(`${server.web}/instances?${name}=1`);
        if (response.status !== 200) expect([name, await response.json()]).toMatchObject([name, { parameter: name }]);
        expect([name, response.headers.get('warning')]).toEqual([name, null]);
      }
    }
  });

  it('names a key that an administrator adds, from then on', async () => {
    expect((await conformance()).searchKeys.series).not.toContainEqual(expect.objectContaining({ tag: '00181020' }));
    const added = await fetch(`${server.web}/extendedquerytags`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([{ Path: 'SoftwareVersions', Level: 'Series' }]),
    });
    expect(added.status).toBe(202);
    const key = { tag: '00181020', keyword: 'SoftwareVersions', vr: 'LO' };
    expect((await conformance()).searchKeys.series).toContainEqual(key);
  });
});
