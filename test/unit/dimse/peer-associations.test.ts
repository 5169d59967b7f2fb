import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { OpenedAssociation } from '../../../src/dimse/scu/open-association.ts';
import { createPeerAssociations } from '../../../src/dimse/scu/peer-associations.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const peer = { aeTitle: 'PACS', host: '127.0.0.1', port: 104, maxAssociations: 1 };
const contexts = [{ id: 1, abstractSyntaxUid: '1.2', transferSyntaxUids: ['1.2.840.10008.1.2'] }];
const opened: OpenedAssociation = {
  peer: { contexts: [], invoke: () => Promise.reject(new Error()), request: () => Promise.reject(new Error()) },
  acceptedContexts: [],
  extendedNegotiations: [],
  userIdentityResponse: undefined,
  isOpen: true,
  endedBy: undefined,
  release: async () => {},
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('who waits for a place that never comes free is told which limit that is', async () => {
  const associations = createPeerAssociations({ open: async () => opened, waitMs: 1000 });
  const borrow = () => associations.borrow(peer, { contexts }, silentLog);
  const first = await borrow();
  const second = borrow();
  const third = expect(borrow()).rejects.toMatchObject({ code: 'timed-out', details: { limit: 'maxAssociations' } });
  await vi.advanceTimersByTimeAsync(900);
  await first.giveBack();
  // That the line has moved gives the third as long again.
  await vi.advanceTimersByTimeAsync(900);
  const lent = await second;
  await vi.advanceTimersByTimeAsync(100);
  await third;
  await lent.giveBack();
  const next = await borrow();
  await next.giveBack();
  await associations.close();
});
