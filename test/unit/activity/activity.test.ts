import { describe, expect, it } from 'vitest';
import { createActivity } from '../../../src/activity/create-activity.ts';
import type { Happening } from '../../../src/activity/house-event.ts';

const noon = Date.UTC(2026, 0, 1, 12);

function activityAt(times: { now: number }, maxFollowers = 2) {
  return createActivity({ clock: { now: () => new Date(times.now) }, maxFollowers });
}

function instance(outcome: 'stored' | 'refused', bytes = 10): Happening {
  return { kind: 'instance', door: 'dimse', outcome, bytes };
}

const graph = (name: string): Happening => ({ kind: 'graph', graph: name, status: 'INITIAL' });

describe('what happens', () => {
  it('is told to those who look on, after what happened before', async () => {
    const activity = activityAt({ now: noon });
    for (const name of ['a', 'b', 'c']) activity.tell(graph(name));
    const gone = new AbortController();
    const seen: string[] = [];
    for await (const event of activity.follow({ recent: 2, signal: gone.signal })) {
      if (event === 'quiet') activity.tell(graph('d'));
      else if (typeof event === 'object' && event.kind === 'graph') seen.push(event.graph);
      if (seen.length === 3) gone.abort();
    }
    expect(seen).toEqual(['b', 'c', 'd']);
  });

  it('since an event is told to who comes back, and how much of it is not kept; another process knows no such event', async () => {
    const activity = activityAt({ now: noon });
    const first = async (options: { after?: string }) => {
      const gone = new AbortController();
      const following = activity.follow({ recent: 1, signal: gone.signal, ...options })[Symbol.asyncIterator]();
      await following.next();
      const next = (await following.next()).value as unknown;
      gone.abort();
      await following.return?.();
      return next;
    };
    for (const name of ['a', 'b', 'c']) activity.tell(graph(name));
    const [a] = activity.recent(3);
    expect(await first({ after: a!.id })).toMatchObject({ graph: 'b' });
    expect(await first({ after: `0${a!.id}` })).toMatchObject({ graph: 'c' });
    expect(await first({})).toMatchObject({ graph: 'c' });
    for (let n = 0; n < 250; n++) activity.tell(graph(String(n)));
    expect(await first({ after: a!.id })).toBe(52);
  });

  it('is lost to one who is slow but for the newest, and the loss is told', async () => {
    const activity = activityAt({ now: noon });
    const gone = new AbortController();
    const following = activity.follow({ recent: 0, signal: gone.signal })[Symbol.asyncIterator]();
    expect((await following.next()).value).toBe('quiet');
    for (let n = 0; n < 250; n++) activity.tell(graph(String(n)));
    expect((await following.next()).value).toBe(50);
    expect((await following.next()).value).toMatchObject({ graph: '50' });
    gone.abort();
    await following.return?.();
  });

  it('is told to no more than may look on, and to nobody once it is closed', async () => {
    const activity = activityAt({ now: noon }, 1);
    const { signal } = new AbortController();
    const one = activity.follow({ recent: 0, signal })[Symbol.asyncIterator]();
    await one.next();
    const another = () => activity.follow({ recent: 0, signal })[Symbol.asyncIterator]().next();
    await expect(another()).rejects.toMatchObject({ code: 'unavailable', details: { limit: 'maxFeedClients' } });
    activity.close();
    expect((await one.next()).done).toBe(true);
    await expect(another()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('counts what was received by the minute, for an hour', () => {
    const times = { now: noon };
    const activity = activityAt(times);
    activity.tell(instance('stored'));
    activity.tell(instance('stored', 5));
    activity.tell(instance('refused'));
    times.now = noon + 61_000;
    activity.tell(instance('refused'));
    expect(activity.received()).toEqual([
      { minute: new Date(noon), instances: 2, bytes: 15, refused: 1 },
      { minute: new Date(noon + 60_000), instances: 0, bytes: 0, refused: 1 },
    ]);
    times.now = noon + 60 * 60_000;
    expect(activity.received()).toHaveLength(1);
  });
});
