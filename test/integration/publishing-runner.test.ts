import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createErase } from '../../src/erase/create-erase.ts';
import { mayBeOther } from '../../src/index/deliveries.ts';
import { claimDue } from '../../src/index/publishing-claims.ts';
import { createPublishingInstances } from '../../src/index/publishing-instances.ts';
import { lockStudy } from '../../src/index/study-lock.ts';
import { inTransaction } from '../../src/index/transaction.ts';
import { uidKey } from '../../src/index/uid-key.ts';
import { CausewayError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createPurge } from '../../src/publisher/purge.ts';
import { sendingPlan } from '../../src/publisher/sending-plan.ts';
import { createGraphWalk } from '../support/graph-walk.ts';
import { type InstanceNumbers, newInstance } from '../support/new-instance.ts';
import { aPublisher, createPublishingBench, outage, type PublishingBench } from '../support/publishing-bench.ts';

let bench: PublishingBench;
let study = 5_000;

beforeAll(async () => {
  bench = await createPublishingBench();
});

afterAll(() => bench.close());

/** A new study with one series, planned for the publishers of the configuration. */
async function planned(instances: number): Promise<string[]> {
  study += 1;
  const made = Array.from({ length: instances }, (_, at) => newInstance({ study, instance: at }));
  await bench.index.insertInstances(made.map((instance) => ({ instance, onDifferentContent: 'reject' as const })));
  await bench.planAll();
  return made.map(({ sopInstanceUid }) => sopInstanceUid);
}

/** Of all that is stored. */
const provenBy = async (publisher: string) => {
  const place = await bench.placeOf(aPublisher(), (await bench.configuration.read()).configuration);
  return bench.ledger.proven([{ publisher, place }], new Date(Date.now() + 86_400_000), 1_000);
};

const studyUid = () => `1.2.826.0.1.${study}`;

/** What is made of images: another kind of things, so that publishers can tell them apart. */
const report = (numbers: Omit<InstanceNumbers, 'study'>): InstanceNumbers => ({
  ...numbers,
  study,
  attributes: { '00080060': { vr: 'CS', Value: ['SR'] } },
});
const ofReports = (name: string, enabled = true) => ({ name, enabled, expression: 'SR' });

describe('a poisoned instance', () => {
  it('that a receiver refuses fails a task of its own with what the receiver said, and nothing else', async () => {
    bench.configure({ name: 'refusing', confirm: true, upload: { batchSize: 4 } });
    const receiver = bench.receiver('refusing');
    receiver.confirm = () => 'confirmed';
    const refused = `${studyUid().replace(/\d+$/, String(study + 1))}.0.5`;
    receiver.say = ({ sopInstanceUid }) =>
      sopInstanceUid === refused ? { status: 'refused', answer: '0xC123: it cannot be understood.' } : 'accepted';
    const uids = await planned(10);
    await bench.runner().settle();
    expect(receiver.accepted.size).toBe(9);
    const [graph] = await bench.graphs('refusing');
    expect(graph).toMatchObject({ status: 'FAILED', delivered: 9, failure: '0xC123: it cannot be understood.' });
    const tasks = await bench.tasks(graph!.id);
    expect(tasks.filter(({ status }) => status === 'FAILED').map(({ type, total }) => [type, total])).toEqual([
      ['upload', 1],
      ['confirm', 1],
    ]);
    expect(tasks.filter(({ status }) => status === 'SUCCESS').reduce((sum, { total }) => sum + total, 0)).toBe(18);
    expect(uids).toContain(refused);

    receiver.say = () => 'accepted';
    await bench.publishing.retryGraph(graph!.id);
    await bench.runner().settle();
    expect(await bench.graphs('refusing')).toMatchObject([{ status: 'SUCCESS', delivered: 10 }]);
    expect([...receiver.accepted.values()]).toEqual(Array(10).fill(1));
    await expect(bench.publishing.retryGraph(graph!.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('whose file here is damaged keeps no other of its batch', async () => {
    bench.configure({ name: 'unreadable' });
    bench.damaged.add(`1.2.826.0.1.${study + 1}.0.2`);
    const uids = await planned(6);
    await bench.runner().settle();
    expect([...bench.receiver('unreadable').accepted.keys()].sort()).toEqual(uids.filter((_, at) => at !== 2).sort());
    expect(await bench.graphs('unreadable')).toMatchObject([
      { status: 'FAILED', delivered: 5, failure: expect.stringContaining('damaged') },
    ]);
  });
});

describe('a batch that is refused altogether', () => {
  const results = { waitSeconds: 60, pollSeconds: 5, publishBackTo: ['onwards'] };

  it('keeps nobody from fetching and sending on what is made of the others, nor of itself when it is sent again', async () => {
    bench.configure({ name: 'halves', results, upload: { batchSize: 2 } }, ofReports('onwards'));
    const [receiver, onwards] = [bench.receiver('halves'), bench.receiver('onwards')];
    const refused = new Set([0, 1].map((at) => `1.2.826.0.1.${study + 1}.0.${at}`));
    receiver.say = ({ sopInstanceUid }) =>
      refused.has(sopInstanceUid) ? { status: 'refused', answer: '0xC123: it is no good.' } : 'accepted';
    receiver.results = async ({ sopInstanceUids }) => ({
      complete: true,
      made: sopInstanceUids.map((uid) => report({ series: 7, instance: Number(uid.split('.').at(-1)) })),
    });
    const uids = await planned(4);
    await bench.runner().settle();
    const [graph] = await bench.graphs('halves');
    expect(graph).toMatchObject({ status: 'FAILED', delivered: 2, failure: '0xC123: it is no good.' });
    expect(graph!.finishedAt).toBeDefined();
    const statuses = async () => (await bench.tasks(graph!.id)).map(({ type, status }) => `${type} ${status}`);
    expect(await statuses()).toEqual(['upload FAILED', 'upload SUCCESS', 'results SUCCESS', 'publish-back SUCCESS']);
    const made = uids.map((_uid, at) => `${studyUid()}.7.${at}`);
    expect([...onwards.accepted.keys()].sort()).toEqual(made.slice(2));

    receiver.say = () => 'accepted';
    await bench.publishing.retryTask((await bench.tasks(graph!.id))[0]!.id);
    expect(await statuses()).toEqual(['upload INITIAL', 'upload SUCCESS', 'results INITIAL', 'publish-back INITIAL']);
    await bench.runner().settle();
    expect(await bench.graphs('halves')).toMatchObject([{ status: 'SUCCESS', delivered: 4 }]);
    expect(Object.fromEntries(onwards.accepted)).toEqual(Object.fromEntries(made.map((uid) => [uid, 1])));
  });

  it('and so is every other leaves nothing to ask after', async () => {
    bench.configure({ name: 'nothing', results, upload: { batchSize: 2 } }, ofReports('onwards'));
    const receiver = bench.receiver('nothing');
    let asked = 0;
    receiver.say = () => 'refused';
    receiver.results = async () => {
      asked += 1;
      return { complete: true, made: [] };
    };
    await planned(4);
    await bench.runner().settle();
    expect(asked).toBe(0);
    const [graph] = await bench.graphs('nothing');
    expect(graph).toMatchObject({ status: 'FAILED', failure: 'It says refused.' });
    expect((await bench.tasks(graph!.id)).map(({ failure }) => failure)).toEqual([
      'It says refused.',
      'It says refused.',
      'Not done, as all that it waits for has failed.',
      expect.stringMatching(/^Not done, as the task upload \d+ has failed\.$/),
    ]);
  });
});

describe('the tasks of a graph', () => {
  it('wait for what is left of what they wait for, begin no earlier, and end, in whatever order they are ended and done again', {
    timeout: 120_000,
  }, async () => {
    let walks = 0;
    const choices = fc.array(fc.nat(), { minLength: 250, maxLength: 250 });
    await fc.assert(
      fc.asyncProperty(choices, fc.boolean(), fc.boolean(), async (numbers, isFiltered, isPrepared) => {
        walks += 1;
        const name = `walk-${walks}`;
        const receiver = bench.receiver(name);
        receiver.confirm = () => 'confirmed';
        receiver.results = async () => ({ complete: true, made: [] });
        const deidentify = { profile: isPrepared ? 'basic' : 'none', alsoRemove: [], keep: [] } as const;
        bench.configure({
          name,
          expression: isFiltered ? 'CT' : '',
          confirm: true,
          upload: { batchSize: 2, deidentify, ...(isPrepared && { transferSyntaxUid: '1.2.840.10008.1.2.4.80' }) },
          results: { waitSeconds: 60, pollSeconds: 5, publishBackTo: ['onwards'] },
        });
        await planned(5);
        const { configuration } = await bench.configuration.read();
        const [publisher] = configuration.publishers;
        const here = { confirm: async () => [], results: async () => ({ complete: true, results: [] }) };
        let at = 0;
        const choose = (below: number) => numbers[at++ % numbers.length]! % below;
        await createGraphWalk(bench, name, sendingPlan(publisher!, configuration, here), choose).walk(40);
      }),
      { numRuns: 6 },
    );
  });
});

describe('results', () => {
  it('that come one by one go on as they come, each once', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: ['viewer', 'nobody', 'asleep'] };
    bench.configure({ name: 'slowly', results }, ofReports('viewer'), ofReports('asleep', false));
    const [receiver, viewer] = [bench.receiver('slowly'), bench.receiver('viewer')];
    let made = 0;
    receiver.results = async () => ({
      complete: false,
      made: Array.from({ length: made }, (_, instance) => report({ series: 3, instance })),
    });
    await planned(1);
    const runner = bench.runner();
    for (made of [0, 1, 1, 3]) {
      await runner.settle();
      await runner.settle();
      expect([...viewer.accepted.values()]).toEqual(Array(made).fill(1));
      bench.advance(400);
    }
    expect(await bench.graphs('slowly')).toMatchObject([{ status: 'INITIAL' }]);
    bench.advance(3_600);
    await runner.settle();
    expect(await bench.graphs('slowly')).toMatchObject([{ status: 'FAILED' }]);
    const [graph] = await bench.graphs('slowly');
    expect((await bench.tasks(graph!.id)).map(({ failure, note }) => failure ?? note)).toEqual([
      undefined,
      '3 results were stored; there may be more after 3600 s.',
      '3 results do not go on to nobody: there is no such publisher.',
    ]);
    expect([...viewer.accepted.values()]).toEqual([1, 1, 1]);
    // Who is disabled has them when it is enabled.
    bench.configure(ofReports('asleep'));
    await runner.settle();
    expect([...bench.receiver('asleep').accepted.values()]).toEqual([1, 1, 1]);
  });

  it('that cannot be had keep no other from going on, are asked for again, and are no outage', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: ['viewer'] };
    bench.configure({ name: 'dead-link', results }, ofReports('viewer'));
    const [receiver, viewer] = [bench.receiver('dead-link'), bench.receiver('viewer')];
    const before = viewer.accepted.size;
    let dead = new CausewayError('unavailable', 'A result cannot be fetched (404).', { details: { status: 404 } });
    let isDead = ({ instance }: InstanceNumbers) => instance === 0;
    const first = study + 1;
    receiver.results = async ({ studyInstanceUid }) => ({
      complete: true,
      made: studyInstanceUid.endsWith(`.${first}`)
        ? [0, 1, 2].map((instance) => ({ ...report({ series: 3, instance }), study: first }))
        : [],
      why: (numbers) => (isDead(numbers) ? dead : undefined),
    });
    await planned(1);
    const runner = bench.runner();
    await runner.settle();
    expect(viewer.accepted.size).toBe(before + 2);
    const [graph] = await bench.graphs('dead-link');
    const theTask = async () => (await bench.tasks(graph!.id))[1];
    expect(await theTask()).toMatchObject({
      status: 'INITIAL',
      attempts: 0,
      note: '2 results so far. 1 of 3 results was not to be had: A result cannot be fetched (404).',
    });
    // It is there: what is to be sent does not wait.
    await planned(1);
    await runner.settle();
    expect(receiver.accepted.size).toBe(2);

    dead = new CausewayError('forbidden', 'The token is not accepted (401).', { details: { status: 401 } });
    bench.advance(400);
    await runner.settle();
    expect(await theTask()).toMatchObject({ note: expect.stringContaining('The token is not accepted (401).') });
    bench.advance(3_600);
    await runner.settle();
    const failure = '1 of 3 results was not to be had: The token is not accepted (401). 2 results were stored.';
    expect(await theTask()).toMatchObject({ status: 'FAILED', failure });

    isDead = () => false;
    await bench.publishing.retryGraph(graph!.id);
    await runner.settle();
    expect(await theTask()).toMatchObject({ status: 'SUCCESS', note: '3 results were stored.' });
    expect(await bench.graphs('dead-link')).toMatchObject([{ status: 'SUCCESS' }, {}]);
  });

  it('that are not kept are told and listed, and asked for again where somebody says so', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: [] };
    bench.configure({ name: 'strange', results });
    const receiver = bench.receiver('strange');
    let of = 1;
    receiver.results = async () => ({
      complete: true,
      made: [report({ series: 4, instance: 0 }), { ...report({ series: 4, instance: 1 }), study: of }],
    });
    await planned(1);
    await bench.runner().settle();
    const [graph] = await bench.graphs('strange');
    expect(graph).toMatchObject({
      status: 'FAILED',
      failure: '1 of 2 results was not kept: It is of another study. 1 results were stored.',
    });
    const page = { limit: 10, offset: 0 };
    for (const filter of [{ graphId: graph!.id }, { studyInstanceUid: studyUid() }]) {
      const { items, total } = await bench.publishing.results(filter, page);
      expect([total, items.map(({ status }) => status).sort()]).toEqual([2, ['refused', 'stored']]);
    }
    of = study;
    await bench.publishing.retryGraph(graph!.id);
    await bench.runner().settle();
    expect(await bench.graphs('strange')).toMatchObject([{ status: 'SUCCESS' }]);
    expect((await bench.publishing.results({ graphId: graph!.id }, page)).items).toMatchObject([
      { status: 'stored' },
      { status: 'stored' },
    ]);

    // Nor has that to wait until there are no more to come.
    const complete = await bench.graphs('strange');
    receiver.results = async () => ({ complete: false, made: [{ ...report({ series: 5, instance: 0 }), study: of }] });
    of = 1;
    await planned(1);
    await bench.runner().settle();
    const waiting = (await bench.graphs('strange')).find(({ id }) => complete.every((one) => one.id !== id))!;
    expect((await bench.publishing.results({ graphId: waiting.id }, page)).items).toMatchObject([
      { status: 'refused' },
    ]);
    of = study;
    await bench.publishing.retryGraph(waiting.id);
    await bench.runner().settle();
    expect((await bench.publishing.results({ graphId: waiting.id }, page)).items).toMatchObject([{ status: 'stored' }]);
  });

  it('of a part that the receiver says it never got are waited for, and then it is told', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: [] };
    bench.configure({ name: 'forgetful', results });
    let words = 'It never got the series 1.2.';
    bench.receiver('forgetful').results = async () => ({
      complete: true,
      made: [report({ series: 5, instance: 0 })],
      troubles: words === '' ? [] : [{ words, mayPass: true }],
    });
    await planned(1);
    await bench.runner().settle();
    expect(await bench.graphs('forgetful')).toMatchObject([{ status: 'INITIAL' }]);
    bench.advance(601);
    await bench.runner().settle();
    const failure = 'It never got the series 1.2. 1 results were stored.';
    expect(await bench.graphs('forgetful')).toMatchObject([{ status: 'FAILED', failure }]);
    words = '';
    await planned(1);
    await bench.runner().settle();
    expect(await bench.graphs('forgetful')).toMatchObject([{}, { status: 'SUCCESS' }]);
  });

  it('are asked for until their time is over, however often the receiver cannot be reached meanwhile', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: [] };
    const retries = { attempts: 2, firstDelaySeconds: 10, maxDelaySeconds: 10 };
    bench.configure({ name: 'shaky', results, retries });
    let asked = 0;
    bench.receiver('shaky').results = async () => {
      asked += 1;
      if (asked % 4 !== 0) outage();
      return { complete: asked === 12, made: [] };
    };
    await planned(1);
    const runner = bench.runner();
    for (let poll = 0; poll < 13; poll++) {
      await runner.settle();
      bench.advance(200);
    }
    expect(asked).toBe(12);
    const [graph] = await bench.graphs('shaky');
    expect(graph).toMatchObject({ status: 'SUCCESS' });
    // One that fails for good when it is over says why.
    bench.receiver('shaky').results = async () => outage();
    await planned(1);
    for (let poll = 0; poll < 3; poll++) {
      await runner.settle();
      bench.advance(2_000);
    }
    expect((await bench.graphs('shaky')).at(-1)).toMatchObject({
      status: 'FAILED',
      failure: 'The receiver refuses the connection.',
    });
  });

  it('are asked after while uploads have all places, and hold up none of these', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: [] };
    bench.configure({ name: 'crowded', results, upload: { batchSize: 1 } });
    const receiver = bench.receiver('crowded');
    let asked = 0;
    receiver.results = async () => {
      asked += 1;
      return { complete: false, made: [] };
    };
    await planned(1);
    await bench.runner().settle();
    expect(asked).toBe(1);

    bench.advance(400);
    await planned(3);
    const gate = () => {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      return { open, opened };
    };
    const [sent, answered] = [gate(), gate()];
    let begun = 0;
    receiver.before = async () => {
      begun += 1;
      await sent.opened;
    };
    const patience = { timeout: 10_000 };
    const runner = bench.runner('crowd', { pollMs: 20 });
    runner.start();
    await expect.poll(() => [begun, asked], patience).toEqual([2, 2]);
    receiver.results = async () => {
      asked += 1;
      await answered.opened;
      return { complete: false, made: [] };
    };
    bench.advance(400);
    await expect.poll(() => asked, patience).toBe(3);
    sent.open();
    await expect.poll(() => receiver.accepted.size, patience).toBe(4);
    answered.open();
    await runner.close();
  });
});

describe('an upload', () => {
  it('that fails in part sends the rest again, later each time, and fails with the last answer', async () => {
    bench.configure({ name: 'busy', retries: { attempts: 3, firstDelaySeconds: 10, maxDelaySeconds: 100 } });
    const receiver = bench.receiver('busy');
    receiver.say = ({ sopInstanceUid }) =>
      sopInstanceUid.endsWith('.1') ? { status: 'failed', answer: 'It is busy.' } : 'accepted';
    await planned(3);
    for (const [sends, seconds] of [
      [1, 9],
      [1, 1],
      [2, 19],
      [2, 1],
    ] as const) {
      await bench.runner().settle();
      expect(receiver.sends).toBe(sends);
      bench.advance(seconds);
    }
    await bench.runner().settle();
    expect(receiver.sends).toBe(3);
    expect(await bench.graphs('busy')).toMatchObject([{ status: 'FAILED', delivered: 2, failure: 'It is busy.' }]);
    expect([...receiver.accepted.values()]).toEqual([1, 1]);
  });

  it('comes again when the receiver has said that it may, and not before', async () => {
    bench.configure({ name: 'resting', retries: { attempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 10 } });
    const receiver = bench.receiver('resting');
    receiver.before = () => {
      throw new CausewayError('unavailable', 'It is asked too often (429).', { details: { retryAfterSeconds: 600 } });
    };
    await planned(1);
    await bench.runner().settle();
    bench.advance(599);
    // Of two nodes, one of which has not heard it.
    const runner = bench.runner();
    await runner.settle();
    expect(receiver.sends).toBe(1);
    bench.advance(1);
    await runner.settle();
    bench.advance(300);
    // Nor does anything else.
    await planned(1);
    await runner.settle();
    expect(receiver.sends).toBe(2);
    receiver.before = () => {};
    bench.advance(300);
    await runner.settle();
    await runner.settle();
    expect((await bench.graphs('resting')).map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('tells apart instances of two series that have the same SOP Instance UID', async () => {
    study += 1;
    bench.configure({ name: 'twins', unit: 'study', confirm: true });
    const receiver = bench.receiver('twins');
    receiver.confirm = () => 'confirmed';
    receiver.say = ({ seriesInstanceUid }) => (seriesInstanceUid.endsWith('.1') ? 'refused' : 'accepted');
    const sopInstanceUid = `${studyUid()}.9`;
    const made = [0, 1].map((series) => ({ ...newInstance({ study, series }), sopInstanceUid }));
    await bench.index.insertInstances(made.map((instance) => ({ instance, onDifferentContent: 'reject' as const })));
    await bench.planAll();
    await bench.runner().settle();
    expect(await bench.graphs('twins')).toMatchObject([{ status: 'FAILED', delivered: 1 }]);
    const { items } = await bench.publishing.deliveries(studyUid(), 'twins', { limit: 10, offset: 0 });
    expect(items.map((one) => [one.seriesInstanceUid, one.status, one.confirmedAt !== undefined]).sort()).toEqual([
      [`${studyUid()}.0`, 'accepted', true],
      [`${studyUid()}.1`, 'refused', false],
    ]);
  });

  it('whose answer was lost is asked after where the receiver says that it has it, and is no proof', async () => {
    bench.configure({ name: 'no-twice', confirm: true });
    const receiver = bench.receiver('no-twice');
    receiver.confirm = () => 'confirmed';
    const there = { status: 'refused', answer: 'It has it already (0111)', isThere: true } as const;
    const uids = await planned(3);
    // The connection breaks when the first is there, of which nobody hears.
    receiver.say = () => outage();
    await bench.runner().settle();
    receiver.say = ({ sopInstanceUid }) => (sopInstanceUid === uids[0] ? there : 'accepted');
    bench.advance(100);
    await bench.runner().settle();
    const { items } = await bench.publishing.deliveries(studyUid(), 'no-twice', { limit: 10, offset: 0 });
    const ofUid = (uid: string | undefined) => items.find(({ sopInstanceUid }) => sopInstanceUid === uid);
    expect(ofUid(uids[0])).toMatchObject({
      status: 'accepted',
      answer: 'It has it already (0111), which may have been sent to it before its answer was lost',
      confirmedAt: expect.any(Date),
    });
    const proven = await provenBy('no-twice');
    expect(proven.map(({ sopInstanceUid }) => sopInstanceUid).sort()).toEqual(uids.slice(1));
    const page = { limit: 1, offset: 0 };
    expect((await bench.publishing.deliveries(studyUid(), 'no-twice', page)).publishers).toMatchObject([
      { selected: 3, accepted: 3, confirmed: 2, missing: 1, complete: false },
    ]);
    expect(await bench.publishing.whyNot(studyUid(), 'no-twice')).toMatchObject({
      verdict: 'partly',
      reasons: [
        'Of 1, the receiver had something already when they came, or does not say that it has stored them: it may have another content of them.',
      ],
    });
    expect(await bench.graphs('no-twice')).toMatchObject([{ status: 'SUCCESS', delivered: 3 }]);

    // What was there the first time is something else, and so it is when it is sent again.
    receiver.say = () => there;
    const [other] = await planned(1);
    await bench.runner().settle();
    const graph = (await bench.graphs('no-twice')).at(-1)!;
    expect(graph).toMatchObject({ status: 'FAILED', failure: there.answer });
    await bench.publishing.retryGraph(graph.id);
    await bench.runner().settle();
    const deliveries = await bench.publishing.deliveries(studyUid(), 'no-twice', { limit: 10, offset: 0 });
    expect(deliveries.items).toMatchObject([{ sopInstanceUid: other, status: 'refused' }]);
  });

  it('knows how many of a series were accepted in the batches before', async () => {
    bench.configure({ name: 'counting', upload: { batchSize: 2 } });
    const receiver = bench.receiver('counting');
    const counts: number[] = [];
    let asksAgain = async (): Promise<number | undefined> => undefined;
    receiver.before = async (batch, _signal, acceptedBefore) => {
      asksAgain = async () => acceptedBefore?.(batch[0]!.seriesInstanceUid);
      counts.push((await asksAgain()) ?? -1);
    };
    receiver.say = () => (receiver.accepted.size === 3 ? 'failed' : 'accepted');
    await planned(4);
    const runner = bench.runner();
    await runner.settle();
    receiver.say = () => 'accepted';
    bench.advance(100);
    await runner.settle();
    // Side by side, the second may begin before the first has ended; again, it has those of both.
    expect(counts.at(-1)).toBe(3);
    // What it has had accepted itself, and is written down by now, is not among them.
    expect(await asksAgain()).toBe(3);
    // What is sent again is counted anew.
    await bench.publishing.send('counting', { studyInstanceUid: studyUid() });
    await runner.settle();
    expect(Math.min(...counts.slice(3))).toBe(0);
    expect(Math.max(...counts.slice(3))).toBeLessThanOrEqual(2);
  });

  it('of what cannot be converted sends it as it is stored, and says so', async () => {
    bench.configure({ name: 'converting', upload: { transferSyntaxUid: '1.2.840.10008.1.2.4.80' } });
    await planned(3);
    await bench.runner().settle();
    const [graph] = await bench.graphs('converting');
    expect(graph).toMatchObject({ status: 'SUCCESS', delivered: 3 });
    expect(await bench.tasks(graph!.id)).toMatchObject([
      { type: 'compress', note: '3 of 3 cannot be converted, and go as they are stored.' },
      {},
    ]);
  });

  it('that is refused altogether, as by a wrong token, fails at once', async () => {
    bench.configure({ name: 'forbidden' });
    bench.receiver('forbidden').before = () => {
      throw new CausewayError('forbidden', 'The receiver does not accept the token (401).');
    };
    await planned(2);
    await bench.runner().settle();
    expect(bench.receiver('forbidden').sends).toBe(1);
    expect(await bench.graphs('forbidden')).toMatchObject([
      { status: 'FAILED', failure: 'The receiver does not accept the token (401).' },
    ]);
  });

  it('that was planned before de-identification was switched on sends nothing that identifies, now or again', async () => {
    bench.configure({ name: 'late-basic' });
    await planned(2);
    const deidentify = { profile: 'basic', alsoRemove: [], keep: [] } as const;
    bench.configure({ name: 'late-basic', upload: { deidentify } });
    for (let attempt = 0; attempt < 2; attempt++) {
      await bench.runner().settle();
      const [graph] = await bench.graphs('late-basic');
      expect(graph).toMatchObject({
        status: 'FAILED',
        delivered: 0,
        failure: 'It was planned before de-identification was switched on: send it again.',
      });
      await bench.publishing.retryGraph(graph!.id);
    }
    expect(bench.receiver('late-basic').sends).toBe(0);
  });

  it('of what was de-identified before the rules were tightened sends it as the rules are now', async () => {
    const name = 'tightened';
    const basic = (alsoRemove: string[]) => ({ deidentify: { profile: 'basic', alsoRemove, keep: [] } }) as const;
    const receiver = bench.receiver(name);
    const left: string[] = [];
    receiver.say = ({ sha256 }) => {
      left.push(sha256);
      return 'accepted';
    };
    receiver.before = outage;
    bench.configure({ name, upload: basic([]) });
    await planned(2);
    await bench.runner().settle();
    bench.configure({ name, upload: basic(['StudyDescription']) });
    receiver.before = () => {};
    bench.advance(1_000);
    await bench.runner().settle();
    const now = createHash('sha256').update('{"alsoRemove":["StudyDescription"],"keep":[]}').digest('hex');
    expect(left).toEqual([now, now]);
    const [graph] = await bench.graphs(name);
    expect(graph).toMatchObject({ status: 'SUCCESS', delivered: 2 });
    const tasks = await bench.tasks(graph!.id);
    expect(tasks.map(({ type, status, attempts }) => [type, status, attempts])).toEqual([
      ['anonymise', 'SUCCESS', 0],
      ['upload', 'SUCCESS', 1],
    ]);
    // All that was made for it goes, the first files as well.
    const { rowCount } = await bench.database.pool.query('select from blobs_to_delete where blob_key = any ($1)', [
      [...bench.prepared.keys()],
    ]);
    expect(rowCount).toBe(4);
  });

  it('leaves no file behind that was made of what is deleted here, however long its publisher is disabled', async () => {
    const name = 'erased';
    const upload = { deidentify: { profile: 'basic', alsoRemove: [], keep: [] } } as const;
    bench.receiver(name).before = outage;
    bench.configure({ name, upload });
    const uids = await planned(2);
    const before = new Set(bench.prepared.keys());
    await bench.runner().settle();
    bench.configure({ name, upload, enabled: false });
    const made = [...bench.prepared.keys()].filter((key) => !before.has(key));
    expect(made).toHaveLength(2);
    const deleted: string[] = [];
    const erase = createErase({
      index: bench.index,
      blobs: { delete: async (key) => void deleted.push(key) },
      forget: () => {},
      log: silentLog,
    });
    await erase.erase({ studyInstanceUid: studyUid() });
    expect(deleted).toEqual(expect.arrayContaining(made));
    const { rows } = await bench.database.pool.query(
      'select state, prepared from publishing_instances where sop_instance_uid = any ($1)',
      [uids],
    );
    expect(rows).toEqual(uids.map(() => ({ state: 'gone', prepared: null })));
  });

  it('whose files a node makes that has lost it, or of what is deleted meanwhile, has them deleted', async () => {
    const name = 'overtaken';
    const upload = { deidentify: { profile: 'basic', alsoRemove: [], keep: [] } } as const;
    bench.configure({ name, upload });
    const uids = await planned(2);
    const series = `${studyUid()}.0`;
    const before = new Set(bench.prepared.keys());
    const erase = { studyInstanceUid: studyUid(), seriesInstanceUid: series, sopInstanceUid: uids[0]! };
    let isFirst = true;
    bench.beforeFile = async () => {
      if (!isFirst) return;
      isFirst = false;
      bench.advance(31);
      await bench.runner('quick').settle();
      await bench.index.erase(erase);
    };
    await bench.runner('slow').settle();
    bench.beforeFile = async () => {};
    expect(bench.receiver(name).accepted.size).toBe(2);
    const made = [...bench.prepared.keys()].filter((key) => !before.has(key));
    const { rows } = await bench.database.pool.query<{ blob_key: string }>(
      'select blob_key from blobs_to_delete where blob_key = any ($1)',
      [made],
    );
    expect(rows.map(({ blob_key: key }) => key).sort()).toEqual(made.sort());
    const { rowCount } = await bench.database.pool.query('select from publishing_blobs where blob_key = any ($1)', [
      made,
    ]);
    expect(rowCount).toBe(0);
  });

  it('whose files wait until a deletion is over keeps no lease from being renewed meanwhile', async () => {
    const { pool } = bench.database;
    const upload = { deidentify: { profile: 'basic', alsoRemove: [], keep: [] } } as const;
    bench.configure({ name: 'patient', upload });
    await planned(1);
    const deleting = await pool.connect();
    try {
      await deleting.query('begin');
      const { rows } = await deleting.query<{ pid: number }>(`select pg_backend_pid() as pid, ${lockStudy('$1')}`, [
        uidKey(studyUid()),
      ]);
      const settled = bench.runner().settle();
      const waits = async () =>
        (await pool.query('select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))', [rows[0]!.pid]))
          .rowCount;
      await expect.poll(waits).toBe(1);
      const [graph] = await bench.graphs('patient');
      const free = 'select from publishing_tasks where graph_id = $1 and leased_until is not null for update nowait';
      expect((await pool.query(free, [graph!.id])).rowCount).toBe(1);
      // Nor does a connection that serves readers wait all the time.
      await expect.poll(waits).toBe(0);
      await deleting.query('commit');
      await settled;
    } finally {
      deleting.release();
    }
    expect(bench.receiver('patient').accepted.size).toBe(1);
  });

  it('keeps the files that were put in their places where nobody has heard that they were', async () => {
    const { pool } = bench.database;
    const name = 'placed-once';
    bench.configure({ name });
    await planned(1);
    bench.receiver(name).before = outage;
    await bench.runner().settle();
    bench.advance(100);
    const claiming = { publisher: name, types: ['upload'], mostRunning: 1, most: 1, mostPrepared: 1 } as const;
    const [task] = await inTransaction(pool, (client) => claimDue(client, 'one', claiming, bench.clock.now(), 1_000));
    const instances = createPublishingInstances(pool);
    const [pending] = await instances.pending(task!);
    const [placed, unused] = ['placed', 'unused'].map((key) => `publishing/${task!.graphId}/${key}`);
    const file = { sopClassUid: '1.2', transferSyntaxUid: '1.2', size: 1, sha256: '00' };
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = pending!;
    const prepared = { blobKey: placed!, studyInstanceUid, seriesInstanceUid, sopInstanceUid, ...file };
    await instances.announceFiles(task!, [placed!, unused!]);
    for (let time = 0; time < 2; time++) {
      expect(await instances.recordPrepared(task!, [{ ...pending!, prepared }])).toBe(true);
    }
    await instances.discardFiles([placed!, unused!]);
    const keysOf = async (table: string) =>
      (
        await pool.query<{ blob_key: string }>(`select blob_key from ${table} where blob_key = any ($1)`, [
          [placed, unused],
        ])
      ).rows;
    expect(await keysOf('blobs_to_delete')).toEqual([{ blob_key: unused }]);
    expect(await keysOf('publishing_blobs')).toEqual([{ blob_key: placed }]);
  });

  it('of a node that has died is taken over when its lease has ended, without what the ledger has', async () => {
    bench.configure({ name: 'died', upload: { batchSize: 8 } });
    const uids = await planned(4);
    const receiver = bench.receiver('died');
    // What a node leaves behind that dies after half of its batch.
    await bench.database.pool.query(
      `update publishing_tasks set leased_by = 'dead', claims = 1, leased_until = $1::timestamptz + interval '30 s' where publisher = 'died'`,
      [bench.clock.now()],
    );
    await bench.database.pool.query(
      `update publishing_instances set state = 'accepted' where sop_instance_uid = any ($1)`,
      [uids.slice(0, 2)],
    );
    await bench.runner('other').settle();
    expect(receiver.sends).toBe(0);
    bench.advance(31);
    await bench.runner('other').settle();
    expect([...receiver.accepted.keys()].sort()).toEqual(uids.slice(2).sort());
    expect(await bench.graphs('died')).toMatchObject([{ status: 'SUCCESS', delivered: 4 }]);
  });

  it('that another node has taken over writes nothing down but what has left', async () => {
    bench.configure({ name: 'slow', confirm: true });
    const receiver = bench.receiver('slow');
    receiver.confirm = () => 'confirmed';
    const [uid] = await planned(1);
    const takenOver = async () => {
      bench.advance(31);
      await bench.runner('quick').settle();
    };
    receiver.before = async () => {
      receiver.before = () => {};
      await takenOver();
    };
    const confirmed = async () => (await bench.ledger.summaries(studyUid(), ['slow'])).map((one) => one.confirmed);
    await bench.runner('slow').settle();
    expect(receiver.accepted.get(uid!)).toBe(2);
    expect(await bench.graphs('slow')).toMatchObject([{ status: 'SUCCESS', delivered: 1 }]);
    // Nor does it take back what the receiver has said since to the other.
    expect(await confirmed()).toEqual([1]);
    const [graph] = await bench.graphs('slow');
    expect(await bench.tasks(graph!.id)).toMatchObject(Array(2).fill({ status: 'SUCCESS', attempts: 0 }));

    receiver.confirm = async (): Promise<'missing'> => {
      receiver.confirm = () => 'confirmed';
      await takenOver();
      return 'missing';
    };
    await planned(1);
    await bench.runner('slow').settle();
    expect(await confirmed()).toEqual([1]);
    expect(await bench.graphs('slow')).toMatchObject([{}, { status: 'SUCCESS', delivered: 1 }]);
  });

  it('that hangs is given up with the reason', async () => {
    bench.configure({ name: 'hanging', retries: { attempts: 1, firstDelaySeconds: 1, maxDelaySeconds: 1 } });
    bench.receiver('hanging').before = (_batch, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await planned(1);
    const runner = bench.runner('patient', { stallMs: 60 });
    await runner.settle();
    await runner.close();
    expect(await bench.graphs('hanging')).toMatchObject([
      { status: 'FAILED', failure: expect.stringContaining('Nothing has happened') },
    ]);
  });

  it('leaves when the schedule says so', async () => {
    const closed = new Date(bench.clock.now().getTime() + 3_600_000);
    const time = (date: Date) =>
      `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
    const till = new Date(closed.getTime() + 7_200_000);
    bench.configure({ name: 'nights', upload: { schedule: [{ days: [], from: time(closed), till: time(till) }] } });
    await planned(1);
    await bench.runner().settle();
    expect(bench.receiver('nights').sends).toBe(0);
    expect((await bench.publishing.whyNot(studyUid(), 'nights')).reasons).toEqual([
      expect.stringContaining('by a schedule'),
    ]);
    bench.advance(3_600);
    await bench.runner().settle();
    expect(bench.receiver('nights').sends).toBe(1);
  });

  it('under way ends when its publisher is disabled or its rules are others, which is no failure of it', async () => {
    const name = 'stopped';
    const deidentify = { profile: 'basic', alsoRemove: [], keep: [] } as const;
    const receiver = bench.receiver(name);
    let isUnderWay = false;
    receiver.before = (_batch, signal) =>
      new Promise((_resolve, reject) => {
        isUnderWay = true;
        signal.addEventListener('abort', () => {
          isUnderWay = false;
          reject(signal.reason as Error);
        });
      });
    bench.configure({ name });
    await planned(2);
    const runner = bench.runner('stopping', { pollMs: 20 });
    runner.start();
    const patience = { timeout: 10_000 };
    await expect.poll(() => isUnderWay, patience).toBe(true);
    bench.configure({ name, enabled: false });
    await expect.poll(() => isUnderWay, patience).toBe(false);
    const [graph] = await bench.graphs(name);
    const tasks = async () => (await bench.tasks(graph!.id)).map((one) => [one.status, one.attempts, one.runningOn]);
    await expect.poll(tasks, patience).toEqual([['INITIAL', 0, undefined]]);

    bench.configure({ name });
    runner.wake();
    await expect.poll(() => isUnderWay, patience).toBe(true);
    bench.configure({ name, upload: { deidentify } });
    await expect.poll(tasks, patience).toEqual([['FAILED', 1, undefined]]);
    expect(isUnderWay).toBe(false);
    expect(receiver.accepted.size).toBe(0);
    await runner.close();
  });

  it('of a publisher of which this node has not heard yet does not fail', async () => {
    bench.configure({ name: 'unheard' });
    await planned(1);
    const { latest } = bench.configuration;
    const old = await latest().then(({ version, configuration }) => ({
      version: version - 1,
      configuration: { ...configuration, publishers: [] },
    }));
    await bench.runner('behind', {}, { read: async () => old, latest }).settle();
    expect(await bench.graphs('unheard')).toMatchObject([{ status: 'SUCCESS', delivered: 1 }]);
  });

  it('for a publisher that is gone from the configuration fails and says so', async () => {
    bench.configure({ name: 'gone' });
    await planned(1);
    bench.configure({ name: 'another' });
    await bench.runner().settle();
    bench.configure();
    await bench.runner().settle();
    expect(await bench.graphs('gone')).toMatchObject([
      { status: 'FAILED', failure: expect.stringContaining('no publisher gone') },
    ]);
  });
});

describe('a confirmation', () => {
  it('that finds something missing has it sent again, and fails when the receiver says yes and means no', async () => {
    bench.configure({
      name: 'liar',
      confirm: true,
      retries: { attempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 1 },
    });
    const receiver = bench.receiver('liar');
    receiver.confirm = (uid) => (uid.endsWith('.1') ? 'missing' : 'confirmed');
    const uids = await planned(3);
    for (let attempt = 0; attempt < 12; attempt++) {
      await bench.runner().settle();
      bench.advance(2);
    }
    expect(await bench.graphs('liar')).toMatchObject([
      { status: 'FAILED', failure: expect.stringContaining('has accepted 1 and does not have 1 of them') },
    ]);
    expect(receiver.accepted.get(uids[1]!)).toBeGreaterThan(1);
    expect(receiver.accepted.get(uids[0]!)).toBe(1);
    const deliveries = await bench.publishing.deliveries(studyUid(), 'liar', { limit: 10, offset: 0 });
    expect(deliveries.publishers).toMatchObject([
      { here: 3, selected: 3, accepted: 3, confirmed: 2, missing: 1, complete: false },
    ]);
    expect((await bench.publishing.whyNot(studyUid(), 'liar')).verdict).toBe('failed');

    // It does not count as delivered where nobody asks any more, and neither where it is planned again.
    const state = async () =>
      (await bench.publishing.deliveries(studyUid(), 'liar', { limit: 1, offset: 0 })).publishers[0];
    bench.configure({ name: 'liar' });
    expect(await state()).toMatchObject({ accepted: 3, missing: 1, complete: false });
    receiver.say = () => 'refused';
    await bench.publishing.send('liar', { studyInstanceUid: studyUid() });
    await bench.runner().settle();
    // What it has stays accepted; what it does not have is as it says now.
    expect(await state()).toMatchObject({ accepted: 2, failed: 1, missing: 1, complete: false });
    receiver.say = () => 'accepted';
    const sent = () => uids.map((uid) => receiver.accepted.get(uid));
    const before = sent();
    const stored = { from: new Date(0), till: new Date(Date.now() + 86_400_000) };
    await bench.database.pool.query(
      `update deliveries set status = 'accepted', missing = true where publisher = 'liar' and sop_instance_uid = $1`,
      [uids[1]],
    );
    await bench.publishing.startReplay({ publisher: 'liar', expression: 'CT', ...stored, again: false });
    await bench.planner().plan();
    await bench.runner().settle();
    expect(sent()).toEqual([before[0], before[1]! + 1, before[2]]);
    expect(await state()).toMatchObject({ accepted: 3, missing: 0, complete: true });
  });

  it('that finds things late has nothing sent again, and where it does, what was accepted before is in no doubt', async () => {
    bench.configure({
      name: 'late',
      confirm: true,
      retries: { attempts: 20, firstDelaySeconds: 5, maxDelaySeconds: 600 },
    });
    const receiver = bench.receiver('late');
    let foundAt = bench.clock.now().getTime() + 60_000;
    receiver.confirm = () => (bench.clock.now().getTime() < foundAt ? 'missing' : 'confirmed');
    const untilDone = async () => {
      for (let round = 0; round < 400; round++) {
        await bench.runner().settle();
        if ((await bench.graphs('late')).at(-1)?.status === 'SUCCESS') return;
        bench.advance(10);
      }
    };
    await planned(1);
    await untilDone();
    expect([await bench.graphs('late'), receiver.sends]).toMatchObject([[{ status: 'SUCCESS' }], 1]);

    foundAt = bench.clock.now().getTime() + 400_000;
    const there = { status: 'refused', answer: 'It has it already (0111)', isThere: true } as const;
    receiver.say = ({ sopInstanceUid }) => (receiver.accepted.has(sopInstanceUid) ? there : 'accepted');
    const [uid] = await planned(1);
    await untilDone();
    expect(receiver.sends).toBeGreaterThan(2);
    expect((await bench.publishing.deliveries(studyUid(), 'late', { limit: 1, offset: 0 })).publishers).toMatchObject([
      { accepted: 1, confirmed: 1, missing: 0, complete: true },
    ]);
    const isProven = async () => (await provenBy('late')).some(({ sopInstanceUid }) => sopInstanceUid === uid);
    expect(await isProven()).toBe(true);

    // Of what takes the place of what was accepted before it is in doubt.
    foundAt = 0;
    const sayNow = async (said: ReturnType<typeof receiver.say>) => {
      receiver.say = () => said;
      await bench.publishing.send('late', { studyInstanceUid: studyUid() });
      await bench.runner().settle();
      return isProven();
    };
    const discarded = { status: 'accepted', answer: 'Elements were discarded (B006)', inDoubt: true } as const;
    expect(await sayNow(discarded)).toBe(false);
    expect(await sayNow('accepted')).toBe(true);
    expect(await sayNow({ ...discarded, answer: `The answer names nothing; QIDO-RS finds it${mayBeOther}` })).toBe(
      false,
    );
  });

  it('leaves time to find what is sent again, however few attempts there are', async () => {
    const receiver = bench.receiver('few');
    let arrived: number[] = [];
    receiver.say = () => {
      arrived.push(bench.clock.now().getTime());
      return 'accepted';
    };
    // It loses what comes first.
    receiver.confirm = () =>
      bench.clock.now().getTime() >= (arrived[1] ?? Infinity) + 5_000 ? 'confirmed' : 'missing';
    for (const attempts of [5, 6]) {
      bench.configure({
        name: 'few',
        confirm: true,
        retries: { attempts, firstDelaySeconds: 5, maxDelaySeconds: 600 },
      });
      arrived = [];
      await planned(1);
      const status = async () => (await bench.graphs('few')).at(-1)?.status;
      for (let round = 0; round < 100 && (await status()) === 'INITIAL'; round++) {
        await bench.runner().settle();
        bench.advance(10);
      }
      expect([attempts, await status()]).toEqual([attempts, 'SUCCESS']);
    }
  });

  it('that takes its time holds up nothing that is to leave', async () => {
    bench.configure({ name: 'slow', confirm: true, upload: { batchSize: 1 } });
    const receiver = bench.receiver('slow');
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    receiver.confirm = () => answered.then(() => 'confirmed');
    const uids = await planned(8);
    const runner = bench.runner();
    runner.start();
    try {
      await vi.waitFor(() => expect([...receiver.accepted.keys()]).toEqual(expect.arrayContaining(uids)), 10_000);
      answer();
      await vi.waitFor(async () => {
        const graphs = await bench.graphs('slow');
        expect(graphs.map(({ status }) => status)).toEqual(graphs.map(() => 'SUCCESS'));
      }, 10_000);
    } finally {
      await runner.close();
    }
  });

  it('that is complete is what the ledger says', async () => {
    bench.configure({ name: 'honest', confirm: true });
    bench.receiver('honest').confirm = () => 'confirmed';
    await planned(3);
    await bench.runner().settle();
    expect(await bench.publishing.deliveries(studyUid(), 'honest', { limit: 2, offset: 0 })).toMatchObject({
      total: 3,
      items: [{ status: 'accepted', current: true, confirmedAt: expect.any(Date) }, {}],
      publishers: [{ publisher: 'honest', here: 3, selected: 3, confirmed: 3, missing: 0, complete: true }],
    });
    expect(await bench.publishing.whyNot(studyUid(), 'honest')).toMatchObject({ verdict: 'delivered' });

    const complete = async () =>
      (await bench.publishing.deliveries(studyUid(), 'honest', { limit: 1, offset: 0 })).publishers[0]?.complete;
    const late = newInstance({ study, instance: 3 });
    await bench.index.insertInstances([{ instance: late, onDifferentContent: 'reject' }]);
    expect(await complete()).toBe(false);
    await bench.allArrived();
    expect(await complete()).toBe(false);
    await bench.planAll();
    await bench.runner().settle();
    expect(await complete()).toBe(true);

    await bench.index.erase({
      studyInstanceUid: studyUid(),
      seriesInstanceUid: `${studyUid()}.0`,
      sopInstanceUid: late.sopInstanceUid,
    });
    const page = { limit: 1, offset: 0 };
    expect((await bench.publishing.deliveries(studyUid(), 'honest', page)).publishers).toMatchObject([
      { here: 3, selected: 4, sent: 4, confirmed: 4, missing: 0, complete: true },
    ]);
    await bench.index.erase({ studyInstanceUid: studyUid() });
    expect((await bench.publishing.deliveries(studyUid(), 'honest', page)).publishers).toMatchObject([
      { here: 0, selected: 4, sent: 4, confirmed: 4, missing: 0, complete: true },
    ]);
    expect(await bench.publishing.whyNot(studyUid(), 'honest')).toMatchObject({
      verdict: 'delivered',
      reasons: ['The study is deleted here.', 'All 4 instances are there.'],
    });
  });

  it('lacks nothing that was deleted here before it was sent, be it refused there, left out or not', async () => {
    bench.configure({ name: 'without', expression: 'CT', unit: 'study' });
    const other = newInstance({ study: study + 1, series: 1, attributes: { '00080060': { vr: 'CS', Value: ['MR'] } } });
    await bench.index.insert(other, 'reject');
    const uids = await planned(2);
    // It cannot be read here: nothing of it has left.
    bench.damaged.add(uids[0]!);
    await bench.runner().settle();
    const states = async () =>
      (await bench.ledger.summaries(studyUid(), ['without'])).map(({ selected, failed, excluded }) => ({
        selected,
        failed,
        excluded,
      }));
    expect(await states()).toEqual([{ selected: 2, failed: 1, excluded: 1 }]);
    for (const gone of [other.sopInstanceUid, uids[0]!]) {
      const seriesInstanceUid = gone === uids[0] ? `${studyUid()}.0` : other.seriesInstanceUid;
      await bench.index.erase({ studyInstanceUid: studyUid(), seriesInstanceUid, sopInstanceUid: gone });
    }
    expect(await states()).toEqual([{ selected: 1, failed: 0, excluded: 0 }]);
    const { publishers } = await bench.publishing.deliveries(studyUid(), 'without', { limit: 1, offset: 0 });
    expect(publishers).toMatchObject([{ selected: 1, missing: 0, complete: true }]);
  });
});

describe('purging', () => {
  it('deletes what each of the named receivers has confirmed as it is stored, when it is old enough, and nothing else', async () => {
    bench.configure({ name: 'first', confirm: true }, { name: 'second', confirm: true }, { name: 'third' });
    const [first, second] = [bench.receiver('first'), bench.receiver('second')];
    first.confirm = () => 'confirmed';
    second.confirm = (uid) => (uid.endsWith('.3') ? 'unknown' : 'confirmed');
    const deleted: string[] = [];
    const erase = createErase({
      index: bench.index,
      blobs: { delete: async (key) => void deleted.push(key) },
      forget: () => {},
      log: silentLog,
    });
    const { configuration, ledger, placeOf } = bench;
    // Instances are stored by the clock of the database.
    const clock = { now: () => new Date(Date.now() + 3 * 86_400_000) };
    const purge = createPurge({ ledger, erase, placeOf, configuration, clock, log: silentLog });
    const uids = await planned(5);
    await bench.runner().settle();
    // Replaced after it was confirmed.
    await bench.index.insert(newInstance({ study, instance: 4, version: 1 }), 'replace');
    expect(await purge.purge()).toBe(0);
    bench.setPurge({ afterDays: 4, deliveredTo: ['first', 'second'] });
    expect(await purge.purge()).toBe(0);
    bench.setPurge({ afterDays: 2, deliveredTo: ['first', 'third'] });
    expect(await purge.purge()).toBe(0);
    bench.setPurge({ afterDays: 2, deliveredTo: ['first', 'second'] });
    // What one place has confirmed is not at another to which the publisher leads by now.
    const elsewhere = { kind: 'folder', path: '/elsewhere' } as const;
    bench.configure({ name: 'first', confirm: true, destination: elsewhere }, { name: 'second', confirm: true });
    expect(await purge.purge()).toBe(0);
    bench.configure({ name: 'first', confirm: true }, { name: 'second', confirm: true });
    expect(await purge.purge()).toBe(3);
    expect(deleted).toHaveLength(3);
    const left: string[] = [];
    for await (const { sopInstanceUid } of bench.index.instances({ studyInstanceUid: studyUid() }))
      left.push(sopInstanceUid);
    expect(left.sort()).toEqual([uids[3], uids[4]]);
    // A configuration may be older than the rule that it breaks.
    const deidentify = { profile: 'basic', alsoRemove: [], keep: [] } as const;
    bench.configure({ name: 'first', confirm: true, upload: { deidentify } });
    bench.setPurge({ afterDays: 0, deliveredTo: ['first'] });
    expect(await purge.warning()).toContain('first gets instances de-identified');
    expect(await purge.purge()).toBe(0);
    bench.configure({ name: 'first', confirm: true });
    expect(await purge.warning()).toBeUndefined();
    // What is proven is a version: one that has come meanwhile stays.
    const target = { studyInstanceUid: studyUid(), seriesInstanceUid: `${studyUid()}.0`, sopInstanceUid: uids[4]! };
    const { sha256 } = newInstance({ study, instance: 4 });
    await expect(erase.erase(target, { sha256 })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('purging', () => {
  it('waits for results that are still to come', async () => {
    const results = { waitSeconds: 3_600, pollSeconds: 5, publishBackTo: [] };
    bench.configure({ name: 'kept-for', confirm: true }, { name: 'asked', results });
    bench.receiver('kept-for').confirm = () => 'confirmed';
    bench.receiver('asked').results = async () => ({ complete: false, made: [] });
    await planned(1);
    await bench.runner().settle();
    const proven = async () => {
      const all = await provenBy('kept-for');
      return all.filter(({ studyInstanceUid }) => studyInstanceUid === studyUid()).length;
    };
    expect(await proven()).toBe(0);
    bench.advance(3_601);
    await bench.runner().settle();
    expect(await proven()).toBe(1);
  });

  it('takes for no proof what left under other UIDs, or in another version before', async () => {
    bench.configure({ name: 'proof', confirm: true });
    bench.receiver('proof').confirm = () => 'confirmed';
    const uids = await planned(4);
    await bench.runner().settle();
    await bench.index.insert(newInstance({ study, instance: 1, version: 1 }), 'replace');
    await bench.planAll();
    await bench.runner().settle();
    for (const [column, uid] of [
      ['sent_sop_instance_uid', uids[2]],
      ['sent_study_instance_uid', uids[3]],
    ]) {
      await bench.database.pool.query(`update deliveries set ${column} = '2.25.1' where sop_instance_uid = $1`, [uid]);
    }
    const proven = await provenBy('proof');
    const ofStudy = proven.filter(({ studyInstanceUid }) => studyInstanceUid === studyUid());
    expect(ofStudy.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([uids[0]]);
    // Nor what left before places were written down, where the publisher leads nowhere.
    await bench.database.pool.query('update deliveries set place = null where sop_instance_uid = $1', [uids[0]]);
    const isProven = (all: typeof proven) => all.some(({ sopInstanceUid }) => sopInstanceUid === uids[0]);
    expect(isProven(await provenBy('proof'))).toBe(true);
    const nowhere = [{ publisher: 'proof', place: undefined }];
    expect(await bench.ledger.proven(nowhere, new Date(Date.now() + 86_400_000), 1_000)).toEqual([]);
  });
});

describe('sending now', () => {
  it('asks no filter, waits for nothing, and sends what was sent before', async () => {
    bench.configure({ name: 'now', expression: 'MR' });
    const uids = await planned(2);
    await bench.runner().settle();
    expect(bench.receiver('now').sends).toBe(0);
    for (const times of [1, 2]) {
      const graph = await bench.publishing.send('now', { studyInstanceUid: studyUid() });
      expect(graph).toMatchObject({ origin: 'send', unit: 'study', instances: 2 });
      await bench.runner().settle();
      expect(uids.map((uid) => bench.receiver('now').accepted.get(uid))).toEqual([times, times]);
    }
    await expect(bench.publishing.send('now', { studyInstanceUid: '1.2.3' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(bench.publishing.send('nobody', { studyInstanceUid: studyUid() })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a destination that could not be reached', () => {
  it('is tried at once where somebody sends something now, or has it done again, and by nothing else', async () => {
    bench.configure({ name: 'away' });
    const receiver = bench.receiver('away');
    receiver.before = outage;
    const runner = bench.runner();
    await planned(1);
    await runner.settle();
    await planned(1); // its time passes, and the first fails again
    await runner.settle();
    const before = receiver.sends;
    const [first, second] = await bench.graphs('away');
    await runner.settle();
    expect(receiver.sends).toBe(before);

    await bench.publishing.retryGraph(first!.id);
    await runner.settle();
    expect(receiver.sends).toBe(before + 1);
    await runner.settle();
    expect(receiver.sends).toBe(before + 1);
    await bench.publishing.send('away', { studyInstanceUid: studyUid() });
    await runner.settle();
    expect(receiver.sends).toBe(before + 2);

    receiver.before = () => {};
    const [waiting] = await bench.tasks(first!.id);
    await bench.publishing.retryTask(waiting!.id);
    await runner.settle();
    expect(receiver.accepted.size).toBe(2);
    bench.advance(1_000);
    await runner.settle();
    expect(await bench.graphs('away').then((graphs) => graphs.slice(0, 2))).toMatchObject(
      [first, second].map((one) => ({ id: one!.id, status: 'SUCCESS' })),
    );
  });

  it('is not believed to be there because it answers questions after results by nothing but failures', async () => {
    const results = { waitSeconds: 36_000, pollSeconds: 5, publishBackTo: [] };
    const retries = { attempts: 1, firstDelaySeconds: 10, maxDelaySeconds: 100 };
    bench.configure({ name: 'crashing', results, retries });
    const receiver = bench.receiver('crashing');
    let asked = 0;
    receiver.results = async () => {
      asked += 1;
      return { complete: false, made: [], isAnswered: false };
    };
    const runner = bench.runner();
    await planned(1);
    await runner.settle();
    receiver.before = outage;
    await planned(1);
    await runner.settle();
    const [before, askedBefore] = [receiver.sends, asked];
    bench.advance(400);
    await runner.settle();
    expect(asked).toBe(askedBefore + 1);
    for (let unit = 0; unit < 3; unit++) await planned(1);
    await runner.settle();
    expect(receiver.sends).toBe(before + 1);
  });
});

describe('an outage of an hour', () => {
  it('leaves the others alone, and its backlog drains at the rate that is configured', {
    timeout: 60_000,
  }, async () => {
    const rate = 5;
    const all = 300;
    bench.configure(
      { name: 'well', upload: { batchSize: 10, quietSeconds: 20 } },
      {
        name: 'down',
        upload: { batchSize: 10 },
        maxInstancesPerSecond: rate,
        retries: { attempts: 100, firstDelaySeconds: 10, maxDelaySeconds: 60 },
      },
    );
    const [well, down] = [bench.receiver('well'), bench.receiver('down')];
    down.before = outage;
    const storedAt = new Map<string, number>();
    const runner = bench.runner();
    const planner = bench.planner();
    const step = async (seconds: number) => {
      bench.advance(seconds);
      await planner.plan();
      await runner.settle();
    };
    const latencies: number[] = [];
    // A series of twenty every four minutes, for an hour.
    for (let minute = 0; minute < 60; minute += 4) {
      study += 1;
      const made = Array.from({ length: 20 }, (_, at) => newInstance({ study, instance: at }));
      await bench.index.insertInstances(made.map((instance) => ({ instance, onDifferentContent: 'reject' as const })));
      for (const { sopInstanceUid } of made) storedAt.set(sopInstanceUid, bench.clock.now().getTime());
      await bench.allArrived();
      for (let second = 0; second < 240; second += 30) await step(30);
    }
    expect(well.accepted.size).toBe(all);
    for (const [uid, at] of well.acceptedAt) latencies.push((at - storedAt.get(uid)!) / 1000);
    latencies.sort((a, b) => a - b);
    expect(latencies[Math.floor(latencies.length * 0.9)]).toBeLessThanOrEqual(60);
    expect(down.accepted.size).toBe(0);
    // An attempt every minute, and none for each of the series that wait.
    expect(down.sends).toBeLessThan(90);

    down.before = () => {};
    const backAt = bench.clock.now().getTime();
    for (let seconds = 0; down.accepted.size < all && seconds < 100; seconds++) await step(1);
    const times = [...down.acceptedAt.values()].map((at) => (at - backAt) / 1000).sort((a, b) => a - b);
    const drained = times.at(-1)! - times[0]!;
    expect(all / drained).toBeGreaterThan(rate * 0.9);
    expect(all / drained).toBeLessThan(rate * 1.1);
    expect([...down.accepted.values()].every((count) => count === 1)).toBe(true);
  });
});
