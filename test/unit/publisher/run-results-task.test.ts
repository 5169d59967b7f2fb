import { describe, expect, it } from 'vitest';
import { uidOfHash } from '../../../src/dicom/uuid-uid.ts';
import type { AcceptedInstance } from '../../../src/index/publishing-instances.ts';
import type { ReceivedResult } from '../../../src/index/publishing-results.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import type { Result } from '../../../src/publisher/destination.ts';
import { createResultsTask } from '../../../src/publisher/run-results-task.ts';
import type { RunningTask } from '../../../src/publisher/run-task.ts';
import { aPublisher } from '../../support/publishing-bench.ts';

const now = new Date('2026-03-02T12:00:00Z');

/** As the vault makes them. */
const pseudonymOf = (uid: string) => uidOfHash(Buffer.from(uid.padEnd(16).slice(-16)));

interface Site {
  readonly isPseudonymous?: boolean;
  /** Whether the publisher de-identifies now. */
  readonly deidentifies?: boolean;
  /** SOP Instance UIDs that have been deleted since they were sent. */
  readonly deleted?: readonly string[];
  /** What is there already under its UID: `duplicate` for the same, `kept` for another content. */
  readonly outcome?: 'stored' | 'duplicate' | 'kept';
  /** Whose that is: a result, an instance that was sent, or one that has nothing to do with the receiver. */
  readonly whose?: 'result' | 'sent' | 'other';
  /** Whether a result of the graph is stored as what is there already. */
  readonly isRecorded?: boolean;
  readonly mediaType?: string;
  readonly resultId?: string;
  /** Whether it could not be had before. */
  readonly wasMissing?: boolean;
}

const study = '1.2.826.0.1.77';
const images = ['1.1', '1.2', '2.1', '2.2'].map((tail) => ({
  studyInstanceUid: study,
  seriesInstanceUid: `${study}.${tail[0]}`,
  sopInstanceUid: `${study}.${tail}`,
}));

/** What is stored of a result of what was sent: text, or what was written into the vault. */
async function received(content: string | Buffer, about: Partial<Result['about']>, site: Site = {}) {
  const { isPseudonymous = false, deidentifies = isPseudonymous, deleted = [], outcome = 'stored' } = site;
  const outside = isPseudonymous ? pseudonymOf : (uid: string) => uid;
  const written: Uint8Array[] = [];
  const recorded: ReceivedResult[] = [];
  let restored = false;
  async function* sent() {
    for (const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } of images) {
      yield {
        studyInstanceUid,
        seriesInstanceUid,
        sopInstanceUid,
        sent: {
          studyInstanceUid: outside(studyInstanceUid),
          seriesInstanceUid: outside(seriesInstanceUid),
          sopInstanceUid: outside(sopInstanceUid),
        },
      } as AcceptedInstance;
    }
  }
  const originals = new Map(images.flatMap((one) => Object.values(one)).map((uid) => [pseudonymOf(uid), uid]));
  const run = createResultsTask({
    instances: { sent },
    results: {
      known: async (_publisher, ids) => new Map(site.wasMissing ? ids.map((id) => [id, 'missing']) : []),
      record: async (result) => void recorded.push(result),
      isOfGraph: async () => site.isRecorded === true,
      cameBack: async () => site.whose === 'result',
      isOfPublisher: async () => site.whose === 'sent',
      everSent: async () => new Set(),
      tally: async () => ({ stored: 0, leftOut: 0, refused: 0, refusal: undefined }),
      list: async () => ({ items: [], total: 0 }),
      sendOn: async () => 0,
    },
    retrieve: {
      async *metadata(target) {
        const found = images.filter(
          (one) =>
            one.studyInstanceUid === target.studyInstanceUid &&
            (target.seriesInstanceUid ?? one.seriesInstanceUid) === one.seriesInstanceUid &&
            (target.sopInstanceUid ?? one.sopInstanceUid) === one.sopInstanceUid &&
            !deleted.includes(one.sopInstanceUid),
        );
        if (found.length === 0) throw new CausewayError('gone', 'It was deleted.');
        for (const one of found) {
          const json = Buffer.from(
            JSON.stringify({
              '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
              '00080018': { vr: 'UI', Value: [one.sopInstanceUid] },
              '0020000D': { vr: 'UI', Value: [one.studyInstanceUid] },
              '0020000E': { vr: 'UI', Value: [one.seriesInstanceUid] },
            }),
          );
          yield { ...one, json };
        }
      },
    },
    ingest: {
      receive: () => ({
        write: (chunk) => void written.push(Buffer.from(chunk)),
        abort: async () => {},
        finish: async () => ({ status: outcome, warnings: [], sopClassUid: '1.2', ...images[0]! }),
      }),
    },
    vault: {
      deidentified: () => Promise.reject(new Error('Nothing leaves here.')),
      restored(_publisher, bytes) {
        restored = true;
        return bytes;
      },
      restoredText: async (_publisher, studyUid, text) => {
        expect(studyUid).toBe(outside(study));
        return [...originals].reduce((left, [pseudonym, uid]) => left.replaceAll(pseudonym, uid), text);
      },
    },
    publishBack: async () => ({ absent: [] }),
    clock: { now: () => now },
  });
  const publisher = aPublisher({
    results: { waitSeconds: 60, pollSeconds: 1, publishBackTo: [] },
    upload: { deidentify: { profile: deidentifies ? 'basic' : 'none', alsoRemove: [], keep: [] } },
  });
  const result: Result = {
    id: site.resultId ?? 'result',
    mediaType: site.mediaType ?? 'application/json',
    about: {
      studyInstanceUid: outside(study),
      ...Object.fromEntries(Object.entries(about).map(([level, uid]) => [level, outside(uid)])),
    },
    async *open() {
      yield Buffer.from(content);
    },
  };
  await run({
    task: { id: '1', graphId: '1', wave: 1, readyAt: now },
    publisher,
    configuration: { upload: { deidentify: { profile: 'none', alsoRemove: [], keep: [] } } },
    destination: { results: async () => ({ complete: true, results: [result] }) },
    sending: { signal: new AbortController().signal },
    alive: () => {},
  } as unknown as RunningTask);
  const { status, answer } = recorded[0] ?? {};
  return { text: Buffer.concat(written).toString('latin1'), status, answer, restored };
}

const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(8)]);

describe('what comes back', () => {
  it('is restored as it was sent, whatever the configuration says by now', async () => {
    const cases = [
      { isPseudonymous: true, deidentifies: false },
      { isPseudonymous: false, deidentifies: true },
    ];
    for (const site of cases) expect((await received(dicom, {}, site)).restored).toBe(site.isPseudonymous);
  });

  it('has its original UIDs in a text, too', async () => {
    const said = JSON.stringify({ series: pseudonymOf(images[2]!.seriesInstanceUid), version: '2.25.1' });
    const { text } = await received(said, {}, { isPseudonymous: true });
    expect(text).toContain(JSON.stringify({ series: images[2]!.seriesInstanceUid, version: '2.25.1' }));
  });

  it('is not kept where something else is here under its UID, which is told unless that is what was sent', async () => {
    const cases = [
      ['duplicate', 'result', 'stored'],
      ['duplicate', 'sent', 'left-out'],
      ['duplicate', 'other', 'left-out'],
      ['kept', 'result', 'refused'],
      ['kept', 'sent', 'left-out'],
      ['kept', 'other', 'refused'],
    ] as const;
    for (const [outcome, whose, expected] of cases) {
      const { status } = await received(dicom, {}, { outcome, whose });
      expect([outcome, whose, status]).toEqual([outcome, whose, expected]);
    }
  });

  it('is kept once, whatever it is called the next time that it is named', async () => {
    const uidsOf = async (content: string, about: Partial<Result['about']>, resultId: string) => {
      const { text } = await received(content, about, { resultId });
      return [...new Set(text.match(/2\.25\.\d+/g))].sort();
    };
    const about = { seriesInstanceUid: images[0]!.seriesInstanceUid };
    const first = await uidsOf('{"a": 1}', about, '1');
    // With the Implementation Class UID.
    expect(first).toHaveLength(3);
    expect(await uidsOf('{"a": 1}', about, '2')).toEqual(first);
    const others = [await uidsOf('{"a": 2}', about, '1'), await uidsOf('{"a": 1}', {}, '1')];
    expect(new Set([first, ...others].flat()).size).toBe(7);

    const cases = [
      // Written down once.
      ['{}', 'duplicate', true, undefined],
      // The patient's name was corrected meanwhile.
      ['{}', 'kept', true, undefined],
      [dicom, 'duplicate', true, undefined],
      // Of a node that has died before it could write it down.
      ['{}', 'duplicate', false, 'stored'],
      [dicom, 'kept', true, 'refused'],
    ] as const;
    for (const [content, outcome, isRecorded, expected] of cases) {
      const { status } = await received(content, {}, { outcome, whose: 'result', isRecorded });
      expect([outcome, isRecorded, status]).toEqual([outcome, isRecorded, expected]);
    }
    const before = { outcome: 'duplicate', whose: 'result', isRecorded: true, wasMissing: true } as const;
    expect((await received(dicom, {}, before)).status).toBe('left-out');
  });

  it('is asked for again where a page stands in its place, and left where it is of a kind that is not kept', async () => {
    const page = '<!DOCTYPE html><html>Log in</html>';
    const cases = [
      ['application/dicom', 'missing'],
      ['application/pdf', 'missing'],
      ['application/json', 'missing'],
      ['application/hl7-v2+er7', 'left-out'],
    ] as const;
    for (const [mediaType, expected] of cases) {
      expect([mediaType, (await received(page, {}, { mediaType })).status]).toEqual([mediaType, expected]);
    }
    expect((await received('{"text": "<html>"}', {})).status).toBe('stored');
  });

  it('is tied to the images that it is about, as far as they are still here', async () => {
    const [first, , third, fourth] = images.map(({ sopInstanceUid }) => sopInstanceUid) as [
      string,
      string,
      string,
      string,
    ];
    const { seriesInstanceUid } = images[2]!;
    const cases: [Partial<Result['about']>, readonly string[], string | undefined][] = [
      [{}, [], first],
      [{ seriesInstanceUid }, [], third],
      [{ seriesInstanceUid }, [third], fourth],
      [{ seriesInstanceUid: images[0]!.seriesInstanceUid }, [third], first],
      [{ sopInstanceUid: fourth }, [], fourth],
      // None that was sent, as that of what was made of it.
      [{ seriesInstanceUid: '1.2.3' }, [first, images[1]!.sopInstanceUid], third],
      [{ sopInstanceUid: third }, [third], undefined],
    ];
    for (const isPseudonymous of [false, true]) {
      for (const [about, deleted, expected] of cases) {
        const { text, answer } = await received('{}', about, { isPseudonymous, deleted });
        expect(images.map(({ sopInstanceUid }) => sopInstanceUid).filter((uid) => text.includes(uid))).toEqual(
          expected === undefined ? [] : [expected],
        );
        expect(answer).toBe(expected === undefined ? 'What the result is about is no longer here.' : 'It is stored.');
      }
    }
  });
});
