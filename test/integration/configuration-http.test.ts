import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/kernel/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let database: TestDatabase;
let server: TestServer;
const logged: string[] = [];
const log: Log = (() => {
  const line = (message: string, facts?: object) => void logged.push(JSON.stringify([message, facts]));
  const one: Log = { debug: line, info: line, warn: line, error: line, child: () => one };
  return one;
})();

const peer = { aeTitle: 'ARCHIVE', host: 'localhost', port: 104 };
const secrets = ['cloud-token-9f', 'stow-password-9f', 'client-secret-9f', 's3-secret-9f', 'signing-9f'];

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startTestServer({ DATABASE_URL: database.url, CAUSEWAY_TRUST_PROXY: 'true' }, log);
  await post('/api/peers', peer);
});

afterAll(async () => {
  await server.close();
  await database.drop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of many kinds
  readonly body: any;
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${server.local}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const get = (path: string) => ask('GET', path);
const post = (path: string, body?: unknown, headers?: Record<string, string>) => ask('POST', path, body, headers);

async function put(configuration: unknown, headers: Record<string, string> = {}, query = ''): Promise<Answer> {
  const { headers: now } = await get('/api/config');
  return ask('PUT', `/api/config${query}`, configuration, { 'If-Match': now.get('etag')!, ...headers });
}

function publisher(name: string, destination: object, more: object = {}) {
  return { name, destination, ...more };
}

const full = {
  api: [{ name: 'cloud', url: 'https://cloud.example/api', source: 'site-1', token: secrets[0] }],
  filter: { expression: "Modality in ['CR', 'DX']" },
  upload: { deidentify: { profile: 'basic', alsoRemove: ['StudyDescription'], keep: ['PatientAge'] } },
  publishers: [
    publisher('to-cloud', { kind: 'api', endpoint: 'cloud' }, { results: { publishBackTo: ['archive'] } }),
    publisher('archive', { kind: 'dimse', peer: 'ARCHIVE' }, { expression: "BodyPartExamined == 'CHEST'" }),
    publisher('web', {
      kind: 'stow',
      url: 'https://web.example/dicom-web',
      auth: { kind: 'basic', username: 'us', password: secrets[1] },
    }),
    publisher('web2', {
      kind: 'stow',
      url: 'https://web.example/dicom-web',
      auth: {
        kind: 'oauth2-client-credentials',
        tokenUrl: 'https://id.example/t',
        clientId: 'c',
        clientSecret: secrets[2],
      },
    }),
    publisher('bucket', { kind: 'bucket', url: 's3://bucket/prefix', accessKeyId: 'id', secretAccessKey: secrets[3] }),
    publisher(
      'folder',
      { kind: 'folder', path: '/srv/out' },
      { upload: { transferSyntaxUid: '1.2.840.10008.1.2.4.80' } },
    ),
    publisher('hook', { kind: 'webhook', url: 'https://hook.example/', signingKey: secrets[4] }),
  ],
};

describe('the configuration', () => {
  it('is empty at first, with everything that has a default', async () => {
    const { headers, body } = await get('/api/config');
    expect(headers.get('etag')).toBe('"0"');
    expect(body).toEqual({
      api: [],
      filter: { expression: '' },
      upload: {
        batchSize: 32,
        quietSeconds: 20,
        deidentify: { profile: 'none', alsoRemove: [], keep: [] },
        schedule: [],
      },
      publishers: [],
    });
  });

  it('is changed as a whole, and shows of secrets only that they are set', async () => {
    const { status, headers, body } = await put(full, { 'X-Forwarded-User': 'dr.jones' }, '?comment=First%20site');
    expect([status, headers.get('etag')]).toEqual([200, '"1"']);
    expect(body.api[0]).toEqual({ ...full.api[0], token: { set: true }, threads: 5, computePer: 'series' });
    expect(body.publishers[1]).toMatchObject({
      enabled: true,
      unit: 'series',
      confirm: true,
      destination: { commitment: true },
      retries: { attempts: 20, firstDelaySeconds: 5, maxDelaySeconds: 900 },
    });
    expect(body.publishers[6].destination.auth).toEqual({ kind: 'none' });
    expect((await get('/api/config')).body).toEqual(body);
    const { version, configuration } = await server.house.configurations.read();
    expect([version, configuration.api[0]?.token]).toEqual([1, secrets[0]]);
    expect(configuration.publishers[2]?.destination).toMatchObject({ auth: { password: secrets[1] } });
  });

  it('has its secrets nowhere in what is answered, logged or stored', async () => {
    const paths = ['', '/export', '/versions', '/versions/1'];
    const answers = await Promise.all(
      paths.map(async (path) => JSON.stringify((await get(`/api/config${path}`)).body)),
    );
    const { rows } = await database.pool.query<{ document: object; secrets: Buffer }>(
      'select document, secrets from configuration_versions',
    );
    const stored = rows.map((row) => JSON.stringify(row.document) + row.secrets.toString('latin1'));
    for (const secret of secrets) {
      expect([secret, [...answers, ...stored, ...logged].filter((text) => text.includes(secret))]).toEqual([
        secret,
        [],
      ]);
    }
    const key = join(server.dataDir, 'secret.key');
    expect([(await stat(key)).mode & 0o777, (await readFile(key, 'utf8')).length]).toEqual([0o600, 65]);
  });

  it('keeps the secrets that are said to be set, and forgets those that are left out', async () => {
    const { body } = await get('/api/config');
    delete body.publishers[4].destination.secretAccessKey;
    const changed = await put({ ...body, publishers: [...body.publishers].reverse() });
    expect(changed.status).toBe(200);
    const { configuration } = await server.house.configurations.read();
    const [hook, , bucket, web2] = configuration.publishers;
    expect(hook?.destination).toMatchObject({ signingKey: secrets[4] });
    expect(bucket?.destination).not.toHaveProperty('secretAccessKey');
    expect(web2?.destination).toMatchObject({ auth: { clientSecret: secrets[2] } });
  });

  it('sends no secret to an address that it was not given for', async () => {
    const { body } = await get('/api/config');
    const elsewhere = structuredClone(body);
    elsewhere.api[0].url = 'https://attacker.example/';
    elsewhere.publishers[3].destination.auth.tokenUrl = 'https://attacker.example/';
    const { status, body: problem } = await put(elsewhere);
    expect([status, problem.errors.map(({ path }: { path: string }) => path)]).toEqual([
      400,
      ['/api/0/token', '/publishers/3/destination/auth/clientSecret'],
    ]);
    const diverted = structuredClone(body);
    diverted.publishers[3].destination.url = 'https://attacker.example/dicom-web';
    expect((await put(diverted)).body.errors).toMatchObject([
      { path: '/publishers/3/destination/auth/clientSecret', message: expect.stringContaining('https://web.example') },
    ]);
    const moved = structuredClone(body);
    moved.api[0].url = 'https://cloud.example/v2';
    expect((await put(moved)).status).toBe(200);
  });

  it('is not changed by who has not seen what another has done', async () => {
    const { headers, body } = await get('/api/config');
    const seen = headers.get('etag')!;
    const change = (tag: string | undefined) =>
      ask('PUT', '/api/config', body, tag === undefined ? {} : { 'If-Match': tag });
    expect((await change(undefined)).status).toBe(428);
    const both = await Promise.all([change(seen), change(seen)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await change('"nonsense"')).status).toBe(412);
    expect((await change('*')).status).toBe(200);
  });

  it('has versions with who, when and why, of which each can be had again', async () => {
    const { body } = await get('/api/config/versions?limit=2');
    expect(body.items).toHaveLength(2);
    expect(body.next).toBe('2');
    const { body: first } = await get('/api/config/versions/1');
    expect(first).toMatchObject({ version: 1, by: 'dr.jones', comment: 'First site' });
    const basic = { Authorization: `Basic ${Buffer.from('ops:secret').toString('base64')}` };
    const restored = await post('/api/config/versions/1/restore', undefined, basic);
    expect([restored.status, restored.body]).toEqual([200, first.configuration]);
    const { configuration } = await server.house.configurations.read();
    expect(configuration.publishers[4]?.destination).toMatchObject({ secretAccessKey: secrets[3] });
    const { items } = (await get('/api/config/versions?limit=1')).body;
    expect(items[0]).toMatchObject({ by: 'ops', comment: 'Restored from version 1', version: body.total + 1 });
    expect((await get('/api/config/versions/999')).status).toBe(404);
  });

  it('has peers beside it of which it is written down who changed them, without their passcodes', async () => {
    const path = '/api/peers/MOVED';
    const userIdentity = { userName: 'causeway', passcode: 'peer-passcode-9f' };
    const as = (user: string) => ({ 'X-Forwarded-User': user });
    await ask('PUT', path, { host: 'old.example', port: 104, userIdentity }, as('dr.jones'));
    await ask('PUT', path, { host: 'new.example', port: 11112 }, as('mallory'));
    await fetch(`${server.local}${path}`, { method: 'DELETE', headers: as('ops') });
    const { body } = await get('/api/peer-changes?limit=3');
    expect(body.items).toMatchObject([
      { by: 'ops', action: 'removed', aeTitle: 'MOVED' },
      { by: 'mallory', action: 'changed', aeTitle: 'MOVED', peer: { host: 'new.example', port: 11112 } },
      {
        by: 'dr.jones',
        action: 'added',
        peer: { host: 'old.example', userIdentity: { userName: 'causeway', passcodeIsSet: true } },
      },
    ]);
    expect(body).toMatchObject({ total: 4, next: '3' });
    const { rows } = await database.pool.query('select peer::text from peer_changes');
    expect(JSON.stringify([body, rows])).not.toContain(userIdentity.passcode);
  });

  it('goes to a second site as a file, which tells what secrets are missing there', async () => {
    const { headers, body: file } = await get('/api/config/export');
    expect(headers.get('content-disposition')).toContain('attachment');
    const second = await startTestServer();
    try {
      const response = await fetch(`${second.local}/api/config/import`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(file),
      });
      const { configuration, missingSecrets } = (await response.json()) as {
        configuration: { publishers: object[] };
        missingSecrets: string[];
      };
      expect([response.status, missingSecrets]).toEqual([
        200,
        [
          '/api/0/token',
          '/publishers/2/destination/auth/password',
          '/publishers/3/destination/auth/clientSecret',
          '/publishers/4/destination/secretAccessKey',
          '/publishers/6/destination/signingKey',
        ],
      ]);
      expect(configuration.publishers).toHaveLength(full.publishers.length);
      expect(await second.house.peers.get('ARCHIVE')).toMatchObject({ host: 'localhost', port: 104 });

      const importing = async (peers: object[], over: object = {}, query = '') => {
        const answer = await fetch(`${second.local}/api/config/import${query}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ ...file, peers, ...over }),
        });
        return [answer.status, ((await answer.json()) as { detail?: string }).detail ?? ''] as const;
      };
      const moved = { aeTitle: 'ARCHIVE', host: 'elsewhere', port: 11112 };
      const newcomer = { aeTitle: 'NEWCOMER', host: 'there', port: 104 };
      const [status, detail] = await importing([newcomer, moved]);
      expect([status, detail]).toEqual([409, expect.stringContaining('ARCHIVE at elsewhere:11112')]);
      const bad = { configuration: { publishers: [publisher('a', { kind: 'dimse', peer: 'NOBODY' })] } };
      expect((await importing([newcomer, moved], bad, '?peers=replace'))[0]).toBe(400);
      expect((await second.house.peers.all()).map(({ host }) => host)).toEqual(['localhost']);
      expect((await importing([newcomer, moved], {}, '?peers=replace'))[0]).toBe(200);
      expect((await second.house.peers.all()).map(({ host }) => host)).toEqual(['elsewhere', 'there']);
    } finally {
      await second.close();
    }
    const again = await post('/api/config/import', file);
    expect([again.status, again.body.missingSecrets]).toEqual([200, []]);
  });

  it('is effective on other nodes within a second, if they have the key', async () => {
    const shared = { DATABASE_URL: database.url, CAUSEWAY_BLOBS: join(server.dataDir, 'blobs') };
    const node = await startTestServer({
      ...shared,
      CAUSEWAY_SECRET_KEY_FILE: join(server.dataDir, 'secret.key'),
    });
    const stranger = await startTestServer({ ...shared, CAUSEWAY_SECRET_KEY: 'ab'.repeat(32) });
    try {
      expect((await node.house.configurations.read()).configuration.api[0]?.token).toBe(secrets[0]);
      const { body } = await get('/api/config');
      const { headers } = await put({ ...body, filter: { expression: 'Rows > 5' } });
      const wanted = Number(headers.get('etag')!.replaceAll('"', ''));
      await expect.poll(async () => (await node.house.configurations.read()).version).toBe(wanted);
      await expect(stranger.house.configurations.read()).rejects.toThrow(/CAUSEWAY_SECRET_KEY/);
      await expect(stranger.house.configurations.document()).resolves.toMatchObject({ version: wanted });
    } finally {
      await Promise.all([node.close(), stranger.close()]);
    }
  });
});

describe('a configuration that is refused', () => {
  const folder = { kind: 'folder', path: '/srv' };
  const named = (...publishers: object[]) => ({ publishers });
  it.each<[string, object, string, RegExp]>([
    ['has a property that is none', { filters: {} }, '/filters', /additional properties/],
    ['is out of bounds', { upload: { batchSize: 1001 } }, '/upload/batchSize', /<= 1000/],
    ['has a publisher without a name', named({ destination: folder }), '/publishers/0/name', /required/],
    ['has a name twice', named(publisher('a', folder), publisher('A', folder)), '/publishers/1/name', /twice/],
    [
      'has a kind that is none',
      named(publisher('a', { kind: 'fax' })),
      '/publishers/0/destination/kind',
      /dimse, stow/,
    ],
    [
      'has a destination without its url',
      named(publisher('a', { kind: 'stow' })),
      '/publishers/0/destination/url',
      /required/,
    ],
    [
      'names no peer',
      named(publisher('a', { kind: 'dimse', peer: 'NOBODY' })),
      '/publishers/0/destination/peer',
      /NOBODY/,
    ],
    [
      'names no endpoint',
      named(publisher('a', { kind: 'api', endpoint: 'x' })),
      '/publishers/0/destination/endpoint',
      /no endpoint x/,
    ],
    [
      'names no publisher',
      named(publisher('a', { kind: 'stow', url: 'http://x/' }, { results: { publishBackTo: ['b'] } })),
      '/publishers/0/results/publishBackTo/0',
      /no publisher b/,
    ],
    [
      'wants what cannot be produced',
      { upload: { transferSyntaxUid: '1.2.3' } },
      '/upload/transferSyntaxUid',
      /1\.2\.3/,
    ],
    [
      'keeps what is no attribute',
      { upload: { deidentify: { profile: 'basic', keep: ['Nonsense'] } } },
      '/upload/deidentify/keep/0',
      /Nonsense/,
    ],
    [
      'keeps a private attribute of nobody knows whom',
      { upload: { deidentify: { profile: 'basic', keep: ['0029,xx08 SIEMENS CSA HEADER', '0019100c'] } } },
      '/upload/deidentify/keep/1',
      /0019100c that the site keeps.*0019,xx0C SIEMENS/,
    ],
    [
      'has a publisher that does not say by which profile it de-identifies',
      named(publisher('a', { kind: 'folder', path: '/srv' }, { upload: { deidentify: { alsoRemove: [], keep: [] } } })),
      '/publishers/0/upload/deidentify/profile',
      /profile/,
    ],
    [
      'has a password in its URL',
      named(publisher('a', { kind: 'stow', url: 'http://u:p@x/' })),
      '/publishers/0/destination/url',
      /pattern/,
    ],
    [
      'has a key without a certificate',
      named(publisher('a', { kind: 'stow', url: 'http://x/', tls: { key: 'k' } })),
      '/publishers/0/destination/tls',
      /go together/,
    ],
    [
      'keeps a secret that was never given',
      named(publisher('new', { kind: 'bucket', url: 's3://bucket', secretAccessKey: { set: true } })),
      '/publishers/0/destination/secretAccessKey',
      /give it/,
    ],
  ])('%s', async (_what, configuration, path, message) => {
    const { status, body } = await put(configuration);
    expect(status).toBe(400);
    const found = body.errors.find((one: { path: string }) => one.path === path);
    expect(found?.message ?? JSON.stringify(body)).toMatch(message);
  });

  it('says all that is wrong, and of an expression where', async () => {
    const { body } = await put({
      filter: { expression: 'Modality = 1' },
      publishers: [publisher('a', folder, { expression: 'Rwos > 5' })],
    });
    expect(body.errors).toEqual([
      { path: '/filter/expression', message: 'Values are compared by ==.', from: 9, till: 10 },
      { path: '/publishers/0/expression', message: 'There is no attribute Rwos; is Rows meant?', from: 0, till: 4 },
    ]);
  });

  it('does not repeat a secret that is at fault', async () => {
    const answer = await put(
      named(publisher('a', { kind: 'bucket', url: 's3://bucket', secretAccessKey: ['oops-secret'] })),
    );
    expect([answer.status, JSON.stringify(answer.body).includes('oops-secret')]).toEqual([400, false]);
    expect(logged.filter((line) => line.includes('oops-secret'))).toEqual([]);
  });
});

describe('a configuration that is older than a rule', () => {
  it('is said to keep no private attribute by its number alone, and whose list it is that cannot be saved', async () => {
    const deidentify = { profile: 'basic', alsoRemove: [], keep: ['0029100C'] };
    const { body: document } = await get('/api/config');
    document.api = [];
    document.publishers = [publisher('old', { kind: 'folder', path: '/srv' }, { upload: { deidentify } })];
    await database.pool.query(
      `insert into configuration_versions (version, by, comment, document, secrets, attempt)
       select max(version) + 1, 'us', '', $1, '', gen_random_uuid() from configuration_versions`,
      [JSON.stringify(document)],
    );
    const words = '0029100C that old keeps is that of whoever has reserved the block: write it with its creator';
    const warnings = async () => JSON.stringify((await get('/health/ready')).body.warnings ?? []);
    await expect.poll(warnings).toContain(words);
    expect(logged.filter((line) => line.includes(words))).toHaveLength(1);
    const { status, body } = await put((await get('/api/config')).body);
    expect([status, body.errors]).toEqual([
      400,
      [{ path: '/publishers/0/upload/deidentify/keep/0', message: expect.stringContaining(words) }],
    ]);
  });
});

describe('help with filters', () => {
  it('checks an expression', async () => {
    expect((await post('/api/config/check-filter', { expression: "Modality == 'CT'" })).body).toEqual({ ok: true });
    expect((await post('/api/config/check-filter', { expression: 'Modalty == 1' })).body).toEqual({
      ok: false,
      error: { message: 'There is no attribute Modalty; is Modality meant?', from: 0, till: 7, suggestion: 'Modality' },
    });
  });

  it('completes names, those that begin with what is typed first', async () => {
    const { body } = await get('/api/filter-attributes?text=bodypart&limit=2');
    expect(body.items[0]).toEqual({
      keyword: 'BodyPartExamined',
      tag: '00180015',
      vr: 'CS',
      name: 'Body Part Examined',
      type: 'text',
    });
    expect([body.items.length, body.total]).toEqual([2, 2]);
    const { body: some } = await get('/api/filter-attributes?text=name&limit=3&offset=3');
    expect([some.items.length, some.next]).toEqual([3, '6']);
    expect((await get('/api/filter-attributes?text=0018,0015')).body.total).toBe(1);
    expect(
      (await get('/api/filter-attributes?text=received')).body.items.map(({ keyword }: { keyword: string }) => keyword),
    ).toContain('ReceivedTime');
  });
});
