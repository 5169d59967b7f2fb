import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPartFlow } from '../../../src/dimse/association/part-flow.ts';
import type { PduPart } from '../../../src/dimse/association/pdu-reader.ts';

/** Every look at the clock is a millisecond later, and so is whoever handles a part. */
let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now++);
});
afterEach(() => vi.restoreAllMocks());

const part: PduPart = { kind: 'pdu', type: 5, body: Buffer.alloc(4) };

/** A connection that has sent so many PDUs at once. */
function flowOf(parts: number, handle: () => Promise<void> | undefined) {
  let left = parts;
  const socket = new Socket();
  const failed = vi.fn();
  const reader = { push() {}, keep() {}, midPdu: false, next: () => (left-- > 0 ? part : undefined) };
  const flow = createPartFlow({ socket, reader, isOver: () => false, handle, failed, onRest() {} });
  return { flow, failed, socket };
}

const longestRun = (order: string): number => Math.max(...order.match(/a+|b+/g)!.map((run) => run.length));

describe('two connections that have sent hundreds of messages at once', () => {
  test.each<[string, () => Promise<void> | undefined]>([
    ['are handled at once', () => undefined],
    ['are waited for, but for nothing', () => Promise.resolve()],
  ])('have their turns one after the other where they %s', async (_, taken) => {
    let order = '';
    const [a, b] = ['a', 'b'].map((name) =>
      flowOf(200, () => {
        order += name;
        return taken();
      }),
    );
    a!.flow.readOn();
    b!.flow.readOn();
    expect(a!.flow.isWaiting).toBe(true);
    expect(a!.socket.isPaused()).toBe(true);
    while (order.length < 400) await turn();
    expect(longestRun(order)).toBeLessThanOrEqual(3);
    await vi.waitFor(() => expect([a!.flow.isWaiting, b!.flow.isWaiting]).toEqual([false, false]));
  });
});

test('what cannot be taken has failed, and what comes behind it is gone through', async () => {
  const refusal = new Error('no');
  let handled = 0;
  const { flow, failed } = flowOf(3, () => {
    handled += 1;
    return handled === 1 ? Promise.reject(refusal) : undefined;
  });
  flow.readOn();
  await vi.waitFor(() => expect(handled).toBe(3));
  expect(failed.mock.calls).toEqual([[refusal]]);
});
