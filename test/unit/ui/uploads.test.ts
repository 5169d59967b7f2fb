import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildPart10, ctElements, element } from '../../support/dicom-builder.ts';
import { pageModules } from './page-modules.ts';

type Module = Awaited<ReturnType<typeof load>>;
const load = () =>
  pageModules(async () => ({
    ...(await import('../../../src/ui/upload/uploads.ts')),
    ...(await import('../../../src/ui/upload/store-request.ts')),
    ...(await import('../../../src/ui/upload/sop-instance-uid.ts')),
    ...(await import('../../../src/ui/api.ts')),
  }));

let module: Module;
beforeAll(async () => {
  module = await load();
});

/** One that is no DICOM file goes out alone. */
const file = (name: string) => new File(['x'], name);
const stored = answerOf({ sopInstanceUid: '1.2.3' });

type Answer = Awaited<ReturnType<Module['store']>>;

function answerOf(...instances: Partial<Answer['instances'][number]>[]): Answer {
  return {
    instances: instances.map((one) => ({ sopInstanceUid: undefined, fate: 'stored', comment: undefined, ...one })),
    warnings: [],
  };
}

/** A CT whose File Meta Information may say that it is another. */
function dicomFile(instance: string, options: { meta?: string; transferSyntaxUid?: string } = {}): File {
  const { meta = instance, transferSyntaxUid = '1.2.840.10008.1.2.1' } = options;
  const bytes = buildPart10({ elements: ctElements({ instance }), transferSyntaxUid });
  const said = element('00020003', 'UI', instance).encodeValue({ explicitVr: true, bigEndian: false });
  bytes.write(meta.padEnd(said.length, '\0'), bytes.indexOf(Buffer.from(said)), 'latin1');
  return new File([new Uint8Array(bytes)], `${instance}.dcm`);
}

type Sent = Parameters<Parameters<Module['createUploads']>[0] & object>[0];

describe('uploads', () => {
  let sent: Sent[];
  let answer: (request: Sent) => Promise<Answer>;
  let uploads: ReturnType<Module['createUploads']>;
  const states = () => uploads.snapshot().files.map(({ state, reason }) => (reason ? `${state}: ${reason}` : state));

  beforeEach(() => {
    sent = [];
    answer = async () => stored;
    uploads = module.createUploads((request) => {
      sent.push(request);
      return answer(request);
    });
  });

  it('that are cancelled while the server is busy are not tried again', async () => {
    answer = () => Promise.reject(new module.ApiError(503, { detail: 'busy' }, 60_000));
    await uploads.add([file('a')]);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    uploads.cancel();
    await vi.waitFor(() => expect(states()).toEqual(['cancelled: It may have been stored all the same.']));
    expect([sent.length, uploads.snapshot().isBusy]).toEqual([1, false]);
  });

  it('wait as long as a busy server says', async () => {
    vi.useFakeTimers();
    try {
      answer = () => Promise.reject(new module.ApiError(503, { detail: 'busy' }, 10_000));
      await uploads.add([file('a')]);
      await vi.advanceTimersByTimeAsync(9_000);
      expect(sent).toHaveLength(1);
      answer = async () => stored;
      await vi.advanceTimersByTimeAsync(1_100);
      expect([sent.length, states()]).toEqual([2, ['stored']]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that are cancelled while files are still looked at are not sent', async () => {
    const adding = uploads.add([file('a'), file('b')]);
    uploads.cancel();
    await adding;
    await vi.waitFor(() => expect(uploads.snapshot().isBusy).toBe(false));
    expect(sent).toEqual([]);
    expect(states().every((state) => state === 'cancelled: Not sent.')).toBe(true);
  });

  it('that were refused are sent again when that is asked for, and those that were stored are not', async () => {
    answer = ({ body }) =>
      body.size > 400 ? Promise.reject(new module.ApiError(500, { detail: 'broken' })) : Promise.resolve(stored);
    await uploads.add([file('small'), new File(['x'.repeat(500)], 'large')]);
    await vi.waitFor(() => expect(states()).toEqual(['stored', 'refused: broken']));
    expect(uploads.snapshot().repeatable).toBe(1);
    answer = async () => stored;
    await uploads.again();
    await vi.waitFor(() => expect(states()).toEqual(['stored', 'stored']));
    expect([sent.length, uploads.snapshot().repeatable]).toEqual([3, 0]);
  });

  it('are told apart by the data set, in every encoding, whatever the File Meta Information says', async () => {
    const kinds = [
      dicomFile('1.2.2', { meta: '1.2.1' }),
      ...['1.2.840.10008.1.2', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.1.99'].map((transferSyntaxUid) =>
        dicomFile('1.2.4', { transferSyntaxUid }),
      ),
    ].map(module.fileKind);
    expect(await Promise.all(kinds)).toEqual([
      { kind: 'instance', sopInstanceUid: '1.2.2' },
      { kind: 'instance', sopInstanceUid: '1.2.4' },
      { kind: 'instance', sopInstanceUid: '1.2.4' },
      // What is deflated cannot be read without inflating it, and goes out alone.
      { kind: 'unknown' },
    ]);
  });

  it('of which an answer does not tell one from the other are sent alone, and a refused one is not shown as stored', async () => {
    const refused = answerOf({ sopInstanceUid: '1.2.2', fate: 'refused', comment: 'differs' });
    let alone = 0;
    answer = async ({ body }) => {
      const text = await body.text();
      if (text.includes('1.2.2') && text.includes('1.2.7')) {
        return answerOf({ sopInstanceUid: '1.2.2' }, ...refused.instances);
      }
      alone += 1;
      return text.includes('1.2.7') ? answerOf({ sopInstanceUid: '1.2.7' }) : refused;
    };
    await uploads.add([dicomFile('1.2.7'), dicomFile('1.2.2')]);
    await vi.waitFor(() => expect(states()).toEqual(['stored', 'refused: differs']));
    expect(alone).toBe(2);
  });

  it('say of each image of several what became of it, and ask again for what was left out', async () => {
    answer = async ({ body }) =>
      (await body.text()).includes('1.2.5')
        ? answerOf(
            { sopInstanceUid: '1.2.5', comment: 'odd' },
            { sopInstanceUid: '1.2.6', fate: 'kept', comment: 'stays' },
          )
        : answerOf({ sopInstanceUid: '1.2.8' });
    await uploads.add(['1.2.5', '1.2.6', '1.2.8'].map((instance) => dicomFile(instance)));
    await vi.waitFor(() => expect(states()).toEqual(['warned: odd', 'kept: stays', 'stored']));
    expect(sent).toHaveLength(2);
  });

  it('of archives tell what was not stored, and all that is to be known', async () => {
    const zip = new File([Uint8Array.of(0x50, 0x4b, 3, 4)], 'a.zip');
    const outcomes = async (given: Answer) => {
      answer = async () => given;
      uploads = module.createUploads(answer);
      await uploads.add([zip]);
      await vi.waitFor(() => expect(states()).toEqual([expect.stringContaining('stored')]));
      return states()[0];
    };
    const kept = { fate: 'kept', comment: 'Not stored: it stays.' } as const;
    const replaced = { comment: 'Replaced it.' };
    expect(await outcomes(answerOf({}, {}))).toBe('stored: 2 images stored.');
    expect(await outcomes(answerOf(replaced, {}, replaced))).toBe('warned: 3 images stored: Replaced it.');
    expect(await outcomes(answerOf({}, kept, kept))).toBe(
      'partly: 1 image stored, 2 not stored: Not stored: it stays.',
    );
    expect(await outcomes(answerOf(kept))).toBe('kept: 0 images stored, 1 not stored: Not stored: it stays.');
    const many = Array.from({ length: 20 }, (_, at) => ({ fate: 'refused', comment: `No ${at}.` }) as const);
    expect(await outcomes(answerOf({}, ...many))).toMatch(
      /^partly: 1 image stored, 20 refused: No 0\..* No 7\. And 12 more\.$/,
    );
  });

  it('read from an answer whether an image was stored or what was there stays', () => {
    const item = (uid: string, more: object) => ({ '00081155': { vr: 'UI', Value: [uid] }, ...more });
    expect(
      module
        .instancesOf({
          '00081199': {
            Value: [
              item('1', {}),
              item('2', { '00081196': { vr: 'US', Value: [0xb006] } }),
              item('3', { '00081196': { vr: 'US', Value: [0xb007] } }),
            ],
          },
          '00081198': { Value: [item('4', {})] },
        })
        .map(({ sopInstanceUid, fate }) => [sopInstanceUid, fate]),
    ).toEqual([
      ['1', 'stored'],
      ['2', 'kept'],
      ['3', 'stored'],
      ['4', 'refused'],
    ]);
  });
});
