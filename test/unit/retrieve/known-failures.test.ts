import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { createKnownFailures } from '../../../src/retrieve/known-failures.ts';

async function* failing(failure: CausewayError): AsyncGenerator<Uint8Array> {
  yield Buffer.from('frame 1');
  throw failure;
}

describe('what failed when its answer had begun', () => {
  const broken = new CausewayError('decode-failed', 'The codestream is broken.');

  it('is told before for ten minutes, and tried again then', async () => {
    let now = 0;
    const failures = createKnownFailures(() => now);
    await expect(buffer(failures.watch('a', failing(broken)))).rejects.toBe(broken);
    now = 599_999;
    expect(() => failures.check('a')).toThrow(broken);
    expect(() => failures.check('b')).not.toThrow();
    now = 600_000;
    expect(() => failures.check('a')).not.toThrow();
  });

  it.each([
    new CausewayError('decode-failed', 'The decoder broke down on this frame.', { details: { passing: true } }),
    new CausewayError('timed-out', 'It took too long.'),
  ])('is tried again at once where it may go well then: $message', async (failure) => {
    const failures = createKnownFailures();
    await expect(buffer(failures.watch('a', failing(failure)))).rejects.toBe(failure);
    expect(() => failures.check('a')).not.toThrow();
  });
});
