import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPart10, element, inTagOrder, pixelElements, sequence } from '../support/dicom-builder.ts';
import { joinMultipart, splitMultipart, stow } from '../support/multipart-bodies.ts';
import { type PrefixProxy, type proxyKinds, startHospitalProxy } from '../support/prefix-proxy.ts';
import { presentationState } from '../support/presentation-states.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const root = '1.2.826.0.1.3680043.10.998.12';
const ct = '1.2.840.10008.5.1.4.1.1.2';
const uids = (series: number) => ({ study: root, series: `${root}.${series}`, instance: `${root}.${series}.1` });

function file(series: number, sopClass: string, ...more: Parameters<typeof inTagOrder>[0]): Buffer {
  const { study, instance } = uids(series);
  return buildPart10({
    elements: inTagOrder([
      element('00080016', 'UI', sopClass),
      element('00080018', 'UI', instance),
      element('00080060', 'CS', 'CT'),
      element('00100010', 'PN', 'Doe^John'),
      element('00100020', 'LO', 'P1'),
      element('0020000D', 'UI', study),
      element('0020000E', 'UI', `${root}.${series}`),
      ...more,
    ]),
  });
}

const pixels = Uint8Array.from({ length: 2 * 32 * 32 }, (_, at) => (at * 7) & 0xff);
/** Two frames, and bulk data at the top and in an item. */
const image = file(
  1,
  ct,
  element('00091010', 'OB', Buffer.alloc(3000, 1)),
  element('00090010', 'LO', 'Causeway Test'),
  sequence('54000100', [[element('54001010', 'OW', Buffer.alloc(4000, 2))]]),
  ...pixelElements({ rows: 32, columns: 32, bitsAllocated: 8, frames: 2, pixelData: pixels }),
);
const document = file(
  2,
  '1.2.840.10008.5.1.4.1.1.104.1',
  element('00420011', 'OB', Buffer.from(`%PDF-1.4\n${'%'.repeat(2000)}\n`)),
  element('00420012', 'LO', 'application/pdf'),
);
const state = presentationState(uids(3), { ...uids(1), sopClassUid: ct, frames: '1\\2', size: [32, 32] });

const at = (series: number) => `/dicom-web/studies/${root}/series/${root}.${series}`;
const instance = (series: number) => `${at(series)}/instances/${root}.${series}.1`;
const dicomXml = 'multipart/related; type="application/dicom+xml"';
const related = (type: string) => `multipart/related; type="${type}"`;
const stowHeaders = {
  'Content-Type': 'multipart/related; type="application/dicom"; boundary=causeway-test-boundary',
};

interface Kind {
  readonly path: string;
  readonly accept?: string;
  readonly init?: RequestInit;
  /** Unless 200. */
  readonly status?: number;
  /** At least so many URLs are in the answer; 1 unless given. */
  readonly urls?: number;
}

/** Every kind of answer that could hold a URL of ours. */
const kindsOfAnswer = (newTag: string): Kind[] => [
  ...[
    '/studies',
    '/series',
    '/instances',
    `/studies/${root}/series`,
    `/studies/${root}/instances?includefield=all`,
  ].map((path) => ({ path: `/dicom-web${path}`, accept: 'application/dicom+json' })),
  { path: `${at(1)}/instances`, accept: dicomXml },
  { path: '/v2/dicom-web/studies' },
  ...[`/dicom-web/studies/${root}`, at(1), instance(1)].flatMap((target) => [
    { path: `${target}/metadata`, urls: 2 },
    { path: `${target}/metadata`, accept: dicomXml, urls: 3 },
    { path: target, accept: related('application/dicom') },
  ]),
  { path: instance(1), accept: 'application/dicom' },
  { path: instance(1), accept: `${related('application/dicom')}; transfer-syntax=1.2.840.10008.1.2.4.80` },
  { path: `${instance(1)}/frames/2,1`, urls: 2 },
  { path: `${instance(1)}/frames/2`, accept: 'application/octet-stream' },
  { path: `${instance(1)}/frames/1`, accept: 'image/jls' },
  { path: `${instance(1)}/rendered?window=100,50,linear`, accept: related('image/png') },
  { path: `${instance(1)}/frames/1,2/rendered?viewport=16,16`, accept: related('image/png'), urls: 2 },
  { path: `${instance(1)}/thumbnail?viewport=8,8`, accept: related('image/png') },
  { path: `${at(1)}/thumbnail`, accept: related('image/jpeg') },
  { path: `${instance(2)}/rendered` },
  { path: `${instance(2)}/rendered`, accept: related('application/pdf') },
  { path: `${instance(3)}/rendered?quality=50`, accept: related('image/jpeg') },
  { path: `${instance(1)}/bulkdata/00091010` },
  { path: `${instance(1)}/bulkdata/00091010`, accept: related('application/octet-stream') },
  { path: `/wado?requestType=WADO&studyUID=${root}&seriesUID=${root}.2&objectUID=${root}.2.1`, accept: '*/*' },
  {
    path: `/wado?requestType=WADO&studyUID=${root}&seriesUID=${root}.1&objectUID=${root}.1.1&contentType=application%2Fdicom`,
    accept: '*/*',
  },
  ...['application/dicom+json', 'application/dicom+xml'].map((accept) => ({
    path: '/dicom-web/studies',
    accept,
    init: { method: 'POST', headers: stowHeaders, body: joinMultipart([image, document]) },
    urls: 2,
  })),
  { path: '/dicom-web/changefeed?includemetadata=true', accept: 'application/json', urls: 2 },
  { path: '/v2/dicom-web/changefeed/latest', accept: 'application/json', urls: 0 },
  { path: '/dicom-web/changefeed', accept: 'text/event-stream', urls: 2 },
  {
    path: '/dicom-web/extendedquerytags',
    init: {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([{ Path: newTag, Level: 'Series' }]),
    },
    status: 202,
    urls: 2,
  },
  {
    path: `/api/peers/${randomUUID().slice(0, 8)}`,
    init: {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ host: 'localhost' }),
    },
    status: 201,
  },
  { path: '/dicom-web/extendedquerytags', urls: 0 },
  { path: '/dicom-web', init: { method: 'OPTIONS' }, accept: 'application/vnd.sun.wadl+xml' },
  { path: `/dicom-web/studies/${root}/series`, init: { method: 'OPTIONS' }, accept: 'application/json' },
  { path: '/dicom-web/conformance', urls: 0 },
  { path: `${instance(4)}`, status: 404, urls: 0 },
  { path: `${instance(1)}/frames/0`, status: 400, urls: 0 },
  { path: `${instance(1)}/rendered`, accept: 'text/plain', status: 406, urls: 0 },
  { path: '/', accept: 'text/html', urls: 2 },
  { path: '/viewer/', accept: 'text/html', urls: 2 },
  { path: '/viewer/viewer?StudyInstanceUIDs=1.2.3', accept: 'text/html', urls: 2 },
  { path: '/viewer?StudyInstanceUIDs=1.2.3', init: { redirect: 'manual' }, status: 308 },
];

/** Attributes that nobody has made searchable before. */
const newTags = {
  'X-Forwarded-Host, -Port, -Proto and -Prefix': '00181020',
  'Forwarded and X-Forwarded-Prefix': '00181018',
  nothing: '00181020',
};

/** One thing that a URL is said to lead to: anything, or just these bytes. */
interface Reference {
  readonly url: string;
  readonly content?: { readonly type: string; readonly bytes: Buffer };
}

/** Names of XML namespaces look like URLs. */
const namespace = /^https?:\/\/(?:dicom\.nema\.org|wadl\.dev\.java\.net|www\.w3\.org)\//;

async function bodyOf(response: Response): Promise<Buffer> {
  if (response.headers.get('content-type') !== 'text/event-stream') return Buffer.from(await response.arrayBuffer());
  // It never ends; what is stored together is numbered in any order.
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    // After the last blank line stands an event that has not ended.
    const events = Buffer.concat(chunks).toString().split('\n\n').slice(0, -1).join();
    if ([1, 2, 3].every((number) => events.includes(`"SopInstanceUid":"${uids(number).instance}"`))) break;
  }
  return Buffer.concat(chunks);
}

/** Every URL in an answer: in its own headers, in those of its parts, and anywhere in what is text. */
function referencesIn(response: Response, body: Buffer): Reference[] {
  const found: Reference[] = [];
  const type = response.headers.get('content-type') ?? '';
  const parts = type.startsWith('multipart/') ? splitMultipart(body, type) : [];
  const whole = { headers: Object.fromEntries(response.headers), body };
  for (const { headers, body: bytes } of [...(parts.length > 0 ? [] : [whole]), ...parts]) {
    const header = (name: string) => headers[name] ?? headers[name.toLowerCase()];
    const ofContent = header('Content-Type') ?? '';
    const location = header('Content-Location');
    if (location !== undefined) {
      const url = new URL(location, response.url).href;
      // A match of a search names the instance that it describes.
      const isMatch = ofContent === 'application/dicom+xml' && !url.endsWith('/metadata');
      found.push(isMatch ? { url } : { url, content: { type: ofContent, bytes } });
    }
    const elsewhere = header('Location');
    if (elsewhere !== undefined) found.push({ url: new URL(elsewhere, response.url).href });
    if (/json|xml|text/.test(ofContent)) {
      const text = bytes.toString('utf8');
      for (const [url] of text.matchAll(/https?:\/\/[^\s"'<>]+/g)) if (!namespace.test(url)) found.push({ url });
      if (ofContent === 'application/problem+json') {
        // RFC 9457: both are URI references.
        const { type, instance: occurrence = '' } = JSON.parse(text) as { type: string; instance?: string };
        const resolved = [type, occurrence].map((reference) => new URL(reference, response.url));
        found.push(...resolved.filter(({ protocol }) => protocol !== 'urn:').map(({ href }) => ({ url: href })));
      }
      if (ofContent.startsWith('text/html')) {
        for (const [, url = ''] of text.matchAll(/(?:href|src|content)="(\.[^"]*|\/[^"]*)"/g)) {
          found.push({ url: new URL(url, response.url).href });
        }
      }
    }
  }
  return found;
}

type ProxyKind = keyof typeof proxyKinds;

describe.each<{ setting: string; proxies: readonly ProxyKind[] }>([
  {
    setting: 'trustProxy',
    proxies: ['X-Forwarded-Host, -Port, -Proto and -Prefix', 'Forwarded and X-Forwarded-Prefix'],
  },
  { setting: 'publicUrl', proxies: ['nothing'] },
])('a server with $setting', { timeout: 90_000 }, ({ setting, proxies: proxyNames }) => {
  const proxies = new Map<ProxyKind, PrefixProxy>();
  let server: TestServer;
  let viewerDir: string;
  let direct: string;

  beforeAll(async () => {
    for (const name of proxyNames) proxies.set(name, await startHospitalProxy(name));
    const [{ url }] = proxies.values() as unknown as [PrefixProxy];
    viewerDir = await mkdtemp(join(tmpdir(), 'causeway-viewer-'));
    await writeFile(
      join(viewerDir, 'index.html'),
      '<script src="%base%base.js" data-dicomweb="%dicomweb%"></script><link href="%base%app.css">',
    );
    await writeFile(join(viewerDir, 'base.js'), '"use strict";');
    await writeFile(join(viewerDir, 'app.css'), 'a {}');
    await mkdir(join(viewerDir, 'page/assets'), { recursive: true });
    await writeFile(
      join(viewerDir, 'page/index.html'),
      '<base href="%base%"><script src="./assets/page.js" data-dicomweb="%dicomweb%"></script>',
    );
    await writeFile(join(viewerDir, 'page/assets/page.js'), '"use strict";');
    server = await startTestServer({
      CAUSEWAY_PAGE_DIR: join(viewerDir, 'page'),
      CAUSEWAY_VIEWER_DIR: viewerDir,
      ...(setting === 'publicUrl' ? { CAUSEWAY_PUBLIC_URL: `${url}/` } : { CAUSEWAY_TRUST_PROXY: 'true' }),
    });
    direct = server.local;
    for (const proxy of proxies.values()) proxy.forwardTo(direct);
    expect((await stow(`${direct}/dicom-web`, [image, document, state])).status).toBe(200);
  });
  afterAll(async () => {
    for (const proxy of proxies.values()) await proxy.close();
    await server?.close();
    if (viewerDir !== undefined) await rm(viewerDir, { recursive: true });
  });

  /** What an answer says, apart from what it calls the server. */
  function sameForAll(body: Buffer, proxy: PrefixProxy): string {
    return body.toString('latin1').replaceAll(proxy.url, 'http://server').replaceAll(direct, 'http://server');
  }

  async function get(url: string, accept = '*/*', method = 'GET') {
    const response = await fetch(url, { method, headers: { Accept: accept } });
    const body = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get('content-type') ?? '';
    const isMultipart = type.startsWith('multipart/');
    return { response, body, bodies: isMultipart ? splitMultipart(body, type).map((part) => part.body) : [body] };
  }

  it.each(proxyNames)('every URL in its answers leads back through a proxy that tells %s', async (name) => {
    const proxy = proxies.get(name)!;
    const said = (bodies: readonly Buffer[]) => bodies.map((body) => sameForAll(body, proxy)).join();
    const wrong: string[] = [];
    const found = new Set<string>();
    /** What an answer refers to has to lie behind the proxy, and to hold what it is said to hold. */
    const check = async (what: string, references: readonly Reference[]) => {
      for (const { url, content } of references) {
        found.add(url);
        if (!url.startsWith(`${proxy.url}/`)) wrong.push(`${what} refers to ${url}`);
        else if (content !== undefined) {
          const bare = content.type.split(';')[0] ?? '';
          const again = await get(url, `${content.type}, ${content.type.replace(bare, related(bare))}`);
          if (!again.bodies.some((one) => one.equals(content.bytes)))
            wrong.push(`${what}: something else is at ${url}`);
        }
      }
    };
    for (const { path, accept = '*/*', init, status = 200, urls = 1 } of kindsOfAnswer(newTags[name])) {
      const response = await fetch(proxy.url + path, { ...init, headers: { Accept: accept, ...init?.headers } });
      const references = referencesIn(response, await bodyOf(response));
      const what = `${init?.method ?? 'GET'} ${path} as ${accept}`;
      expect([what, response.status]).toEqual([what, status]);
      expect([what, references.length]).toEqual([what, expect.toSatisfy((count: number) => count >= urls)]);
      await check(what, references);
    }
    // The set grows while what it holds is followed.
    for (const url of found) {
      if (!url.startsWith(proxy.url)) continue;
      const local = url.replace(proxy.url, direct);
      if (url.includes('/operations/')) {
        await expect.poll(async () => (await get(url)).response.status).toBe(200);
      }
      const method = url.endsWith('/dicom-web/') ? 'OPTIONS' : 'GET';
      const [outside, inside] = [await get(url, '*/*', method), await get(local, '*/*', method)];
      if (!outside.response.ok) {
        wrong.push(`${outside.response.status} ${url}`);
        continue;
      }
      if (said(outside.bodies) !== said(inside.bodies)) wrong.push(`another ${url}`);
      for (const next of referencesIn(outside.response, outside.body)) found.add(next.url);
    }
    expect(wrong).toEqual([]);
    expect(proxy.strayed).toEqual([]);
    for (const end of [
      '/bulkdata/00091010',
      '/54001010',
      '/frames/2',
      `/extendedquerytags/${newTags[name]}`,
      '/viewer/base.js',
      '/assets/page.js',
    ]) {
      expect([...found]).toContainEqual(expect.toSatisfy((url: string) => url.endsWith(end), end));
    }
  });

  it.each(proxyNames)(
    'its Warnings are of the host that the client knows, behind a proxy that tells %s',
    async (name) => {
      const proxy = proxies.get(name)!;
      const response = await fetch(`${proxy.url}/dicom-web/instances?BurnedInAnnotation=YES`);
      expect(response.headers.get('warning')).toMatch(new RegExp(`^299 ${new URL(proxy.url).host}: `));
    },
  );
});
