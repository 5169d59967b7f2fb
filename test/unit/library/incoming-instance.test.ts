import { describe, expect, it } from 'vitest';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { ingestInto, type ReceiveInstance } from '../../../src/library/incoming-instance.ts';

const source = {
  door: 'dimse',
  id: 'a',
  callingAeTitle: 'CT1',
  address: '127.0.0.1',
  affected: { sopClassUid: '1.2', sopInstanceUid: '1.2.3' },
} as const;
const receiving = (receive: ReceiveInstance) => ingestInto(receive, silentLog).receive(source);

describe('an instance on its way to a function', () => {
  it('comes in order, and no faster than it is taken', async () => {
    const taken: string[] = [];
    let goOn = (): void => {};
    const receiver = receiving(async ({ file, callingAeTitle, sopInstanceUid }) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      for await (const chunk of file) taken.push(Buffer.from(chunk).toString());
      taken.push(callingAeTitle, sopInstanceUid);
    });
    const memory = Buffer.from('first');
    let isTaken = false;
    const first = receiver.write(memory)!.then(() => {
      isTaken = true;
    });
    memory.fill(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isTaken).toBe(false);
    goOn();
    await first;
    await receiver.write(Buffer.from('second'));
    expect(await receiver.finish()).toMatchObject({ status: 'stored', sopInstanceUid: '1.2.3' });
    expect(taken).toEqual(['first', 'second', 'CT1', '1.2.3']);
  });

  it('is stored only when the function says so', async () => {
    let done = (): void => {};
    const receiver = receiving(() => new Promise((resolve) => (done = resolve)));
    let answered = false;
    const finished = receiver.finish().then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    done();
    await finished;
  });

  it('is refused in the words of what is thrown, and the rest of it is passed over', async () => {
    const receiver = receiving(async () => {
      throw new CausewayError('sop-class-unsupported', 'No reports, please.');
    });
    await receiver.write(Buffer.from('first'));
    await receiver.write(Buffer.from('second'));
    expect(await receiver.finish()).toMatchObject({ status: 'refused', message: 'No reports, please.' });
  });

  it('is refused without telling what went wrong within', async () => {
    const receiver = receiving(() => Promise.reject(new Error('the secret path')));
    expect(await receiver.finish()).toMatchObject({ status: 'refused', code: 'internal' });
    expect(JSON.stringify(await receiver.finish())).not.toContain('secret');
  });

  it('throws where it is read if the sender goes away, and nobody waits for ever', async () => {
    let seen: unknown;
    const receiver = receiving(async ({ file }) => {
      try {
        for await (const _ of file);
      } catch (thrown) {
        seen = thrown;
        throw thrown;
      }
    });
    await receiver.write(Buffer.from('first'));
    await receiver.abort();
    expect(seen).toMatchObject({ code: 'aborted' });
  });

  it('may be left unread', async () => {
    const receiver = receiving(async ({ file }) => {
      for await (const _ of file) break;
    });
    await receiver.write(Buffer.from('first'));
    await receiver.write(Buffer.from('second'));
    expect(await receiver.finish()).toMatchObject({ status: 'stored' });
  });
});
