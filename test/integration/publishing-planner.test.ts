import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DicomJson } from '../../src/dicom/json-model.ts';
import { createPool } from '../../src/index/pool.ts';
import { createArrivalStore } from '../../src/index/publishing-arrivals.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { newInstance } from '../support/new-instance.ts';
import { withClient } from '../support/postgres.ts';
import { createPublishingBench, outage, type PublishingBench, quietSeconds } from '../support/publishing-bench.ts';

let bench: PublishingBench;
let study = 1_000;

beforeAll(async () => {
  bench = await createPublishingBench();
});

afterAll(() => bench.close());

async function store(count: number, { series = 0, from = 0 } = {}, over = {}): Promise<string[]> {
  const made = Array.from({ length: count }, (_, at) => newInstance({ study, series, instance: from + at }, over));
  for (const one of made) await bench.index.insert(one, 'reject');
  return made.map(({ sopInstanceUid }) => sopInstanceUid);
}

/** Another node has written it. */
async function writeVersion(version: number): Promise<void> {
  await bench.database.pool.query(
    `insert into configuration_versions (version, by, comment, document, secrets, attempt)
     values ($1, '', '', '{}', '', gen_random_uuid())`,
    [version],
  );
}

/** Plans until all that is stored is noticed: whatever else goes on in the cluster may hold back a part of it for a moment. */
async function noticed(publishers: readonly string[], series: number): Promise<void> {
  const text = `select from arrivals where publisher = any ($1) and not exists (select from changes where sequence is null)`;
  const count = async () => {
    await bench.planner().plan();
    return (await bench.database.pool.query(text, [publishers])).rowCount;
  };
  await expect.poll(count).toBe(series);
}

const seriesUid = (series = 0) => `1.2.826.0.1.${study}.${series}`;

describe('what has arrived', () => {
  it('makes one graph for each publisher when it has come to rest and the publisher is enabled, and no earlier', async () => {
    study += 1;
    bench.configure({ name: 'one' }, { name: 'other' }, { name: 'asleep', enabled: false });
    await store(3);
    await noticed(['one', 'other', 'asleep'], 3);
    bench.advance(quietSeconds - 1);
    await bench.planner().plan();
    expect(await bench.graphs('one')).toEqual([]);
    bench.advance(1);
    await bench.planner().plan();
    for (const name of ['one', 'other']) {
      expect(await bench.graphs(name)).toMatchObject([
        { publisher: name, unit: 'series', referenceUid: seriesUid(), status: 'INITIAL', instances: 3 },
      ]);
    }
    expect(await bench.graphs('asleep')).toEqual([]);
    bench.configure({ name: 'asleep' });
    await bench.planner().plan();
    expect(await bench.graphs('asleep')).toMatchObject([{ instances: 3 }]);
  });

  it('is planned exactly once by planners that run at the same time and lose their connections', {
    timeout: 60_000,
  }, async () => {
    bench.configure({ name: 'once', unit: 'series' }, { name: 'whole', unit: 'study' });
    const first = study + 1;
    const studies = 12;
    for (let n = 0; n < studies; n++) {
      study += 1;
      await store(2);
      await store(1, { series: 1 });
    }
    const { pid } = (await bench.database.pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!;
    const pools = [1, 2, 3].map(() =>
      createPool({ connection: bench.database.connection, maxConnections: 2, log: silentLog }),
    );
    let killing = true;
    const kill = withClient(bench.database.connection, async (client) => {
      for (let killed = 0; killing && killed < 12; ) {
        const { rowCount } = await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid not in (pg_backend_pid(), $1) and query like '%publishing%'
             and state <> 'idle' and random() < 0.3 limit 1`,
          [pid],
        );
        killed += rowCount ?? 0;
      }
    });
    const planners = pools.map((pool) => bench.planner(pool));
    for (let round = 0; round < 8; round++) {
      bench.advance(quietSeconds / 2);
      await Promise.allSettled(planners.map((planner) => planner.plan()));
    }
    killing = false;
    await kill;
    await Promise.all(pools.map((pool) => pool.end()));
    await bench.planAll();
    const { rows } = await bench.database.pool.query<{
      publisher: string;
      graphs: string;
      instances: string;
      once: boolean;
    }>(
      `select publisher, count(distinct graph_id) as graphs, count(*) as instances,
         count(*) = count(distinct (study_id, series_id, instance_id)) as once
       from publishing_graphs join publishing_instances using (graph_id)
       where publisher in ('once', 'whole') group by publisher order by publisher`,
    );
    expect(rows).toEqual([
      { publisher: 'once', graphs: String(2 * studies), instances: String(3 * studies), once: true },
      { publisher: 'whole', graphs: String(studies), instances: String(3 * studies), once: true },
    ]);
    const tasks = await bench.database.pool.query<{ total: string }>(
      `select sum(total) as total from publishing_tasks where publisher = 'once'`,
    );
    expect(Number(tasks.rows[0]?.total)).toBe(3 * studies);
    expect(first).toBeLessThan(study);
  });

  it('late extends the graph: what came late is sent, and nothing twice', async () => {
    study += 1;
    bench.configure({ name: 'late' });
    const early = await store(3);
    await bench.planAll();
    await bench.runner().settle();
    expect(await bench.graphs('late')).toMatchObject([{ status: 'SUCCESS', delivered: 3 }]);
    const late = await store(2, { from: 3 });
    await bench.planAll();
    expect(await bench.graphs('late')).toMatchObject([{ status: 'INITIAL', instances: 5, delivered: 3 }]);
    await bench.runner().settle();
    expect(await bench.graphs('late')).toMatchObject([{ status: 'SUCCESS', delivered: 5 }]);
    expect(Object.fromEntries(bench.receiver('late').accepted)).toEqual(
      Object.fromEntries([...early, ...late].map((uid) => [uid, 1])),
    );
  });

  it('and is replaced is sent again; in the version that is known it is not', async () => {
    study += 1;
    bench.configure({ name: 'replaced' });
    const [changed, same] = await store(2);
    await bench.planAll();
    await bench.runner().settle();
    await bench.index.insert(newInstance({ study, instance: 0, version: 1 }), 'replace');
    await bench.index.insert(newInstance({ study, instance: 1 }), 'replace');
    await bench.planAll();
    await bench.runner().settle();
    const { accepted } = bench.receiver('replaced');
    expect([accepted.get(changed!), accepted.get(same!)]).toEqual([2, 1]);
    const { items } = await bench.ledger.rows(`1.2.826.0.1.${study}`, 'replaced', { limit: 10, offset: 0 });
    expect(
      items
        .filter(({ sopInstanceUid }) => sopInstanceUid === changed)
        .map(({ current }) => current)
        .sort(),
    ).toEqual([false, true]);
  });

  it('and is replaced before it was sent leaves once, in the new version', async () => {
    study += 1;
    bench.configure({ name: 'newest' });
    const [uid] = await store(1);
    await bench.planAll();
    await bench.index.insert(newInstance({ study, version: 1 }), 'replace');
    await bench.runner().settle();
    await bench.planAll();
    await bench.runner().settle();
    expect(bench.receiver('newest').accepted.get(uid!)).toBe(1);
    expect(await bench.graphs('newest')).toMatchObject([{ status: 'SUCCESS', instances: 1, delivered: 1 }]);
  });

  it('and is deleted before it was sent is not sent', async () => {
    study += 1;
    bench.configure({ name: 'erased' });
    const uids = await store(3);
    await bench.planAll();
    await bench.index.erase({
      studyInstanceUid: `1.2.826.0.1.${study}`,
      seriesInstanceUid: seriesUid(),
      sopInstanceUid: uids[1]!,
    });
    await bench.runner().settle();
    expect([...bench.receiver('erased').accepted.keys()].sort()).toEqual([uids[0], uids[2]]);
    expect(await bench.graphs('erased')).toMatchObject([
      { status: 'SUCCESS', delivered: 2, note: expect.stringContaining('deleted') },
    ]);
    // It comes again: its deletion does not keep it from being sent.
    await store(1, { from: 1 });
    await bench.planAll();
    await bench.runner().settle();
    expect(bench.receiver('erased').accepted.get(uids[1]!)).toBe(1);
  });

  it('goes past no publisher of which another node has not heard yet', async () => {
    study += 1;
    bench.configure({ name: 'old' });
    await bench.allArrived();
    const outdated = { configurationVersion: (await bench.configuration.read()).version, publishers: ['old'] };
    await writeVersion(outdated.configurationVersion + 1);
    bench.configure({ name: 'old' }, { name: 'new' });
    await store(1);
    const other = createArrivalStore(bench.database.pool);
    await expect.poll(() => other.read(outdated, 10, bench.clock.now())).toBe('outdated');
    await bench.allArrived();
    expect(await other.keepOnly(outdated)).toBe(false);
    await bench.planAll();
    expect(await bench.graphs('new')).toMatchObject([{ instances: 1 }]);
  });

  it('from a publisher goes nowhere by itself', async () => {
    study += 1;
    bench.configure({ name: 'no-echo' });
    await store(2, {}, { source: { door: 'publisher' } });
    await bench.planAll();
    expect(await bench.graphs('no-echo')).toEqual([]);
  });

  it('of a study waits until all of its series have come to rest', async () => {
    study += 1;
    bench.configure({ name: 'study', unit: 'study' });
    await store(1);
    await noticed(['study'], 1);
    bench.advance(quietSeconds - 1);
    await store(1, { series: 1 });
    await noticed(['study'], 2);
    bench.advance(1);
    await bench.planner().plan();
    expect(await bench.graphs('study')).toEqual([]);
    bench.advance(quietSeconds);
    await bench.planner().plan();
    expect(await bench.graphs('study')).toMatchObject([{ unit: 'study', instances: 2 }]);
  });
});

describe('without publishers', () => {
  it('nothing is numbered, and what was stored then is no arrival for the first of them', async () => {
    study += 1;
    bench.configure();
    await bench.planner().plan();
    await store(1);
    await bench.planner().plan();
    const { rowCount } = await bench.database.pool.query('select from changes where sequence is null');
    expect(rowCount).toBe(1);
    const { version } = await bench.configuration.read();
    await writeVersion(version + 1);
    bench.configure({ name: 'first' });
    const [uid] = await store(1, { from: 1 });
    await bench.planAll();
    await bench.runner().settle();
    expect([...bench.receiver('first').accepted.keys()]).toEqual([uid]);
    // Who has not heard of it yet keeps nobody from reading on.
    await createArrivalStore(bench.database.pool).follow(version, false);
    const [next] = await store(1, { from: 2 });
    await bench.planAll();
    await bench.runner().settle();
    expect([...bench.receiver('first').accepted.keys()]).toEqual([uid, next]);
  });
});

describe('a filter', () => {
  it('is asked about each instance, and what it does not select ends the graph with the reason', async () => {
    study += 1;
    bench.configure({ name: 'mr-only', expression: 'MR' });
    await store(2);
    const mr = newInstance({ study, series: 1, attributes: { '00080060': { vr: 'CS', Value: ['MR'] } } });
    await bench.index.insert(mr, 'reject');
    await bench.planAll();
    await bench.runner().settle();
    expect(await bench.graphs('mr-only')).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          referenceUid: seriesUid(),
          status: 'SUCCESS',
          selected: 0,
          note: expect.stringContaining('0 of 2 selected'),
        }),
        expect.objectContaining({ referenceUid: seriesUid(1), status: 'SUCCESS', selected: 1, delivered: 1 }),
      ]),
    );
    expect([...bench.receiver('mr-only').accepted.keys()]).toEqual([mr.sopInstanceUid]);
    const why = await bench.publishing.whyNot(`1.2.826.0.1.${study}`, 'mr-only');
    expect(why).toMatchObject({
      verdict: 'partly',
      refusals: [{ of: 'publisher', clause: 'MR', from: 0, till: 2, because: "Modality is not 'MR'", instances: 2 }],
    });
  });

  it('is asked again about what is replaced after it has answered, before that leaves', async () => {
    study += 1;
    bench.configure({ name: 'seen', expression: 'CT' });
    const [replaced, same] = await store(2);
    const receiver = bench.receiver('seen');
    receiver.before = () => outage();
    await bench.planAll();
    await bench.runner().settle();
    const other = newInstance({ study, version: 1, attributes: { '00080060': { vr: 'CS', Value: ['MR'] } } });
    await bench.index.insert(other, 'replace');
    receiver.before = () => {};
    bench.advance(1_000);
    await bench.runner().settle();
    await bench.planAll();
    await bench.runner().settle();
    expect([...receiver.accepted.keys()]).toEqual([same]);
    expect(await bench.graphs('seen')).toMatchObject([{ status: 'SUCCESS', selected: 1, delivered: 1 }]);

    await bench.index.insert(newInstance({ study, version: 2 }), 'replace');
    await bench.planAll();
    await bench.runner().settle();
    expect(receiver.accepted.get(replaced!)).toBe(1);
  });

  it('is not asked by a replay with an expression of its own, nor what was delivered sent again, unless it is said so', async () => {
    const stored = { from: new Date(0), till: new Date(Date.now() + 86_400_000) };
    bench.configure({ name: 'mr-only', expression: 'MR' });
    const before = bench.receiver('mr-only').accepted.size;
    const replay = await bench.publishing.startReplay({
      publisher: 'mr-only',
      expression: 'MR',
      ...stored,
      again: false,
    });
    await bench.planner().plan();
    await bench.runner().settle();
    expect(await bench.publishing.replay(replay.id)).toMatchObject({ status: 'SUCCESS' });
    expect(bench.receiver('mr-only').accepted.size).toBe(before);
    await bench.publishing.startReplay({ publisher: 'mr-only', expression: 'CT', ...stored, again: false });
    await bench.planner().plan();
    await bench.runner().settle();
    expect(bench.receiver('mr-only').accepted.size).toBeGreaterThan(before + 40);
    expect(Math.max(...bench.receiver('mr-only').accepted.values())).toBe(1);
    await bench.publishing.startReplay({ publisher: 'mr-only', expression: 'MR', ...stored, again: true });
    await bench.planner().plan();
    await bench.runner().settle();
    expect(Math.max(...bench.receiver('mr-only').accepted.values())).toBe(2);
  });

  const magnetic: DicomJson = { '00080060': { vr: 'CS', Value: ['MR'] } };

  it('decides at once on what is replaced while its publisher is disabled, when that is enabled', async () => {
    study += 1;
    const over = newInstance({ study, version: 1, attributes: magnetic });
    for (const [name, expected] of [
      ['resting', 0],
      ['resting-mr', 1],
    ] as const) {
      bench.configure({ name, expression: 'CT' });
      await bench.index.insert(newInstance({ study }), 'replace');
      await bench.planAll();
      const receiver = bench.receiver(name);
      receiver.before = () => outage();
      await bench.runner().settle();
      bench.configure({ name, expression: 'CT', enabled: false });
      await bench.index.insert(over, 'replace');
      await bench.planAll();
      receiver.before = () => {};
      bench.configure({ name, expression: expected === 0 ? 'CT' : 'MR' });
      bench.advance(1_000);
      // Before the planner has looked.
      await bench.runner().settle();
      expect(receiver.accepted.size).toBe(expected);
      await bench.planAll();
      await bench.runner().settle();
      expect(receiver.accepted.size).toBe(expected);
      expect(await bench.graphs(name)).toMatchObject([{ status: 'SUCCESS', selected: expected, delivered: expected }]);
    }
  });

  it('has seen the version that leaves, when it was replaced between planning, filter and upload, of a replay as well', async () => {
    study += 1;
    const stored = { from: new Date(0), till: new Date(Date.now() + 86_400_000) };
    const [first, second, third] = await store(3);
    const receiver = bench.receiver('versions');
    const left: string[] = [];
    receiver.say = ({ sopInstanceUid, sha256 }) => {
      left.push(`${sopInstanceUid} ${sha256}`);
      return 'accepted';
    };
    bench.configure({ name: 'versions', expression: 'MR' });
    await bench.publishing.startReplay({ publisher: 'versions', expression: 'CT', ...stored, again: false });
    await bench.planner().plan();
    // Between planning and the filter: the filter sees what is stored then.
    const early = newInstance({ study, instance: 0, version: 1 });
    await bench.index.insert(early, 'replace');
    await bench.index.insert(newInstance({ study, instance: 1, version: 1, attributes: magnetic }), 'replace');
    receiver.before = () => outage();
    await bench.runner().settle();
    // Between filter and upload: it is asked again.
    const late = newInstance({ study, instance: 2, version: 1 });
    await bench.index.insert(late, 'replace');
    await bench.index.insert(newInstance({ study, instance: 0, version: 2, attributes: magnetic }), 'replace');
    receiver.before = () => {};
    bench.advance(1_000);
    await bench.runner().settle();
    const ofStudy = left.filter((one) => one.startsWith(`${seriesUid()}.`));
    expect(ofStudy).toEqual([`${third} ${late.sha256.toString('hex')}`]);
    expect([first, second].map((uid) => receiver.accepted.get(uid!))).toEqual([undefined, undefined]);
    const graphs = (await bench.graphs('versions')).filter(({ referenceUid }) => referenceUid === seriesUid());
    expect(graphs).toMatchObject([{ origin: 'replay', status: 'SUCCESS', instances: 3, selected: 1, delivered: 1 }]);
    expect(early.sha256.equals(late.sha256)).toBe(false);
  });
});
