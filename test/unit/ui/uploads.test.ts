import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { pageModules } from './page-modules.ts';

type Module = Awaited<ReturnType<typeof load>>;
const load = () =>
  pageModules(async () => ({
    ...(await import('../../../src/ui/upload/uploads.ts')),
    ...(await import('../../../src/ui/api.ts')),
  }));

let module: Module;
beforeAll(async () => {
  module = await load();
});

/** One that is no DICOM file goes out alone. */
const file = (name: string) => new File(['x'], name);
const stored = { instances: [{ sopInstanceUid: '1.2.3', isStored: true, comment: undefined }], warnings: [] };

type Sent = Parameters<Parameters<Module['createUploads']>[0] & object>[0];

describe('uploads', () => {
  let sent: Sent[];
  let answer: (request: Sent) => Promise<typeof stored>;
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
    await vi.waitFor(() => expect(states()).toEqual(['refused: Cancelled.']));
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
    expect(states().every((state) => state === 'refused: Cancelled.')).toBe(true);
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
});
