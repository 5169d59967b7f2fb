import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { buildPart10, ctElements, pixelElements } from '../support/dicom-builder.ts';
import { stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
let feed: string;

beforeAll(async () => {
  server = await startTestServer({ CAUSEWAY_MAX_FEED_CLIENTS: '1', CAUSEWAY_ON_DIFFERENT_CONTENT: 'replace' });
  feed = `${new URL(server.web).origin}/v2/dicom-web/changefeed`;
});

afterAll(() => server?.close());

interface Change {
  readonly Sequence: number;
  readonly StudyInstanceUid: string;
  readonly SeriesInstanceUid: string;
  readonly SopInstanceUid: string;
  readonly Action: string;
  readonly Timestamp: string;
  readonly State: string;
  readonly Metadata?: DicomJson;
}

const root = '1.2.826.0.1.3680043.10.998.9';

async function store(instance: number, gray = 0): Promise<void> {
  const file = buildPart10({
    elements: ctElements(
      { study: root, series: `${root}.1`, instance: `${root}.1.${instance}` },
      ...pixelElements({ rows: 64, columns: 64, pixelData: Buffer.alloc(8192, gray) }),
    ),
  });
  expect((await stow(server.web, [file])).status).toBe(200);
}

async function changes(query = ''): Promise<Change[]> {
  const answer = await fetch(`${feed}?${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Change[];
}

async function changesWhen(count: number, query = ''): Promise<Change[]> {
  await expect.poll(async () => (await changes(query)).length).toBe(count);
  return changes(query);
}

interface Events {
  /** The next event with data. */
  next(): Promise<{ id: number; change: Change }>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  close(): void;
}

async function follow(headers: Record<string, string> = {}, url = feed): Promise<Events> {
  const leaving = new AbortController();
  const answer = await fetch(url, {
    headers: { Accept: 'text/event-stream', ...headers },
    signal: leaving.signal,
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function block(): Promise<string | undefined> {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
    const end = text.indexOf('\n\n');
    const found = text.slice(0, end);
    text = text.slice(end + 2);
    return found;
  }
  return {
    async next() {
      for (;;) {
        const found = await block();
        if (found === undefined) throw new Error('the stream ended');
        const event = /^id: (\d+)\ndata: (.*)$/.exec(found);
        if (event) return { id: Number(event[1]), change: JSON.parse(event[2]!) as Change };
        expect(found).toBe(':');
      }
    },
    async ended() {
      while ((await block()) !== undefined);
    },
    close: () => leaving.abort(),
  };
}

describe('the change feed', () => {
  it('is empty before anything happens', async () => {
    expect(await changes()).toEqual([]);
    expect((await fetch(`${feed}/latest`)).status).toBe(204);
  });

  it('tells creation, replacement and deletion, each with what is there now', async () => {
    await store(1);
    await store(2);
    await store(1, 1);
    const target = `${server.web}/studies/${root}/series/${root}.1/instances/${root}.1.2`;
    expect((await fetch(target, { method: 'DELETE' })).status).toBe(204);
    const all = await changesWhen(4);
    expect(all.map(({ Sequence, Action, State, SopInstanceUid }) => [Sequence, Action, State, SopInstanceUid])).toEqual(
      [
        [1, 'create', 'replaced', `${root}.1.1`],
        [2, 'create', 'deleted', `${root}.1.2`],
        [3, 'update', 'current', `${root}.1.1`],
        [4, 'delete', 'deleted', `${root}.1.2`],
      ],
    );
    expect(all[0]).toMatchObject({ StudyInstanceUid: root, SeriesInstanceUid: `${root}.1` });
    expect(all.map(({ Metadata }) => Metadata?.['00080018']?.Value)).toEqual([
      [`${root}.1.1`],
      undefined,
      [`${root}.1.1`],
      undefined,
    ]);
    const pixels = all[2]?.Metadata?.['7FE00010']?.BulkDataURI;
    expect(pixels).toContain('/v2/dicom-web/studies/');
    expect((await fetch(pixels!)).status).toBe(200);
    expect(new Date(all[0]!.Timestamp).toISOString()).toBe(all[0]!.Timestamp);
  });

  it('pages by offset and limit, and leaves metadata out where it is not wanted', async () => {
    const page = await changes('offset=1&limit=2&includeMetadata=false');
    expect(page.map(({ Sequence }) => Sequence)).toEqual([2, 3]);
    expect(page.filter((change) => 'Metadata' in change)).toEqual([]);
    expect(await changes('offset=4')).toEqual([]);
  });

  it('tells the last change', async () => {
    const answer = await fetch(`${feed}/latest?includemetadata=false`);
    expect(await answer.json()).toMatchObject({ Sequence: 4, Action: 'delete', State: 'deleted' });
    expect((await fetch(`${feed}/latest`, { method: 'HEAD' })).status).toBe(200);
  });

  it('tells of a span of time', async () => {
    const [, , third] = await changes('includemetadata=false');
    const before = await changes(`endTime=${third!.Timestamp}&includemetadata=false`);
    const since = await changes(`startTime=${third!.Timestamp}&includemetadata=false`);
    expect([...before, ...since].map(({ Sequence }) => Sequence)).toEqual([1, 2, 3, 4]);
    expect(await changes('startTime=2999-01-01T00:00:00%2B01:00')).toEqual([]);
    expect(await changes('startTime=2000-01-01&offset=3&includemetadata=false')).toHaveLength(1);
  });

  it('refuses what is no parameter, and names it', async () => {
    for (const [query, parameter] of [
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['LIMIT=abc', 'limit'],
      ['offset=-1', 'offset'],
      ['offset=9007199254740992', 'offset'],
      ['startTime=yesterday', 'startTime'],
      ['endTime=2026-02-30T99:00:00Z', 'endTime'],
      ['startTime=2026-01-02&endTime=2026-01-01', 'startTime'],
      ['includemetadata=perhaps', 'includemetadata'],
      ['offset=1&offset=2', 'offset'],
    ]) {
      const answer = await fetch(`${feed}?${query}`);
      expect(answer.status, query).toBe(400);
      expect(await answer.json(), query).toMatchObject({ parameter });
    }
    for (const query of ['endTime=2026-01-01', 'limit=5']) {
      const answer = await fetch(`${feed}?${query}`, { headers: { Accept: 'text/event-stream' } });
      expect(answer.status, query).toBe(400);
    }
    const lost = await fetch(feed, { headers: { Accept: 'text/event-stream', 'Last-Event-ID': 'x' } });
    expect(await lost.json()).toMatchObject({ status: 400, parameter: 'Last-Event-ID' });
    expect((await fetch(feed, { headers: { Accept: 'image/png' } })).status).toBe(406);
  });
});

describe('the change feed as a stream of events', () => {
  it('begins where the client left off and goes on with what happens', async () => {
    const events = await follow({ 'Last-Event-ID': '2' }, `${feed}?offset=0&includemetadata=false`);
    expect((await events.next()).change).toMatchObject({ Sequence: 3, Action: 'update' });
    expect((await events.next()).id).toBe(4);
    const next = events.next();
    await store(5);
    expect(await next).toMatchObject({ id: 5, change: { Action: 'create', SopInstanceUid: `${root}.1.5` } });
    events.close();
  });

  it('serves so many clients and no more, and makes room when one goes', async () => {
    const first = await vacant(() => follow());
    expect((await first.next()).change.Metadata?.['00080018']?.Value).toEqual([`${root}.1.1`]);
    const answer = await fetch(feed, { headers: { Accept: 'text/event-stream' } });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ limit: 'maxFeedClients' });
    first.close();
    (await vacant(() => follow())).close();
  });

  it('ends at once when the house closes', async () => {
    const own = await startTestServer();
    const events = await follow({}, `${own.web}/changefeed`);
    const started = performance.now();
    await Promise.all([events.ended(), own.close(5_000)]);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

/** The server learns of a client that went only after it went. */
async function vacant(follows: () => Promise<Events>): Promise<Events> {
  let events: Events | undefined;
  await expect
    .poll(async () => {
      events = await follows().catch(() => undefined);
      return events;
    })
    .toBeDefined();
  return events!;
}
