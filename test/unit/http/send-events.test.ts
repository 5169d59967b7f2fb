import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { ChangeFeed, FeedEntry } from '../../../src/changes/change-feed.ts';
import { createChangeFeed } from '../../../src/changes/create-change-feed.ts';
import type { Change } from '../../../src/index/instance-index.ts';
import { fakeServers } from './serve-fakes.ts';

const serve = fakeServers();

function changeOf(sequence: number): Change {
  return {
    sequence,
    action: 'created',
    state: 'current',
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.2.3',
    sopInstanceUid: `1.2.3.${sequence}`,
    at: new Date(sequence),
  };
}

/** A feed without an end, and how far it was read. */
function endlessFeed() {
  const told = { entries: 0, ended: false };
  const feed: ChangeFeed = {
    async *read() {},
    latest: async () => undefined,
    async *follow({ after }): AsyncGenerator<FeedEntry, void, void> {
      try {
        for (let sequence = after + 1; ; sequence++) {
          told.entries += 1;
          yield { change: changeOf(sequence), metadata: Buffer.from(JSON.stringify({ filler: 'x'.repeat(65_536) })) };
        }
      } finally {
        told.ended = true;
      }
    },
    close() {},
  };
  return { feed, told };
}

const request = 'GET /dicom-web/changefeed HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n';

describe('a stream of changes', () => {
  it('drops a client that takes nothing, and has read no more than fits the wire', async () => {
    const { feed, told } = endlessFeed();
    const { port } = await serve({ changes: feed, limits: { feedStallMs: 100 } });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(request);
    await expect.poll(() => told.ended).toBe(true);
    expect(told.entries * 65_536).toBeLessThan(33_554_432);
    socket.destroy();
  });

  it('stops reading when the client goes', async () => {
    const { feed, told } = endlessFeed();
    const { port } = await serve({ changes: feed });
    const socket = connect(port, '127.0.0.1');
    socket.write(request);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await expect.poll(() => told.ended).toBe(true);
  });

  it('says now and then that it lives while nothing happens, and goes on where it was', async () => {
    const changes = [1, 2, 3].map(changeOf);
    let known = 1;
    const feed = createChangeFeed({
      index: {
        changes: async (after, limit) => changes.slice(after, Math.min(known, after + limit)),
        lastChange: async () => undefined,
        lastSequence: async () => known,
      },
      retrieve: { async *metadata() {} },
      maxFollowers: 1,
      pollMs: 1,
      quietMs: 5,
    });
    const { web } = await serve({ changes: feed });
    const answer = await fetch(`${web}/changefeed?includemetadata=false`, { headers: { Accept: 'text/event-stream' } });
    let text = '';
    const ids = () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      // Each time that nothing has happened for a while, something happens.
      if (/:\n\n$/.test(text) && ids().length === known) known += 1;
      if (known > changes.length) break;
    }
    expect(ids()).toEqual([1, 2, 3]);
    feed.close();
  });
});
