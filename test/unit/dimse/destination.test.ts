import { describe, expect, it, vi } from 'vitest';
import { runSubOperations } from '../../../src/dimse/scp/sub-operations.ts';
import { createDestination } from '../../../src/dimse/scu/destination.ts';
import type { LentAssociation } from '../../../src/dimse/scu/peer-associations.ts';
import { CausewayError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { uids } from '../../support/dimse-raw-client.ts';

const files = {
  file: async function* () {},
  dataSet: async () => Buffer.alloc(10),
  producible: () => [],
  converted: () => Promise.reject(new Error('not asked for')),
};
const image = {
  sopClassUid: uids.ctImageStorage,
  sopInstanceUid: '1.2',
  transferSyntaxUid: uids.explicitLittleEndian,
  size: 10,
  dataSetOffset: 0,
};

async function* sixImages() {
  for (let number = 0; number < 6; number += 1) yield image;
}

/** Sends so many instances to a peer that hangs up on some, and tells what became of each. */
async function sendTo(hangsUpOn: (number: number) => boolean, count: number) {
  let calls = 0;
  let sent = 0;
  const context = { id: 1, abstractSyntaxUid: uids.ctImageStorage, transferSyntaxUid: uids.explicitLittleEndian };
  const call = async (): Promise<LentAssociation> => {
    calls += 1;
    let isOpen = true;
    return {
      isReused: false,
      get isOpen() {
        return isOpen;
      },
      endedBy: undefined,
      acceptedContexts: [context],
      extendedNegotiations: [],
      userIdentityResponse: undefined,
      release: async () => {},
      giveBack: async () => {},
      peer: {
        contexts: [context],
        request: () => Promise.reject(new Error('not asked for')),
        async invoke() {
          sent += 1;
          if (!hangsUpOn(sent)) return { commandField: 0x8001, status: 0 };
          isOpen = false;
          throw new CausewayError('aborted', 'The association ended before the peer answered.');
        },
      },
    };
  };
  const destination = createDestination({
    call,
    retrieve: files,
    command: { priority: 0 },
  });
  const outcomes: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    try {
      const send = await destination.prepare(image);
      await send();
      outcomes.push('sent');
    } catch (thrown) {
      expect(destination.hasFailed(thrown as Error)).toBe(true);
      outcomes.push((thrown as Error).message);
    }
  }
  return { outcomes, calls };
}

describe('a destination that hangs up', () => {
  it('now and then loses the instances that it hung up on, and no others', async () => {
    const { outcomes } = await sendTo((number) => number % 3 === 0, 18);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(12);
  });

  it('on everything is called three times, and the others are told why', async () => {
    const { outcomes, calls } = await sendTo(() => true, 6);
    expect(calls).toBe(3);
    expect(outcomes.at(-1)).toBe(
      'The destination was called 3 times and took nothing. The last time: The association ended before the peer answered.',
    );
  });
});

it('of a destination that cannot be called none of the instances is looked for again, of which nothing is wrong', async () => {
  const destination = createDestination({
    call: () => Promise.reject(new CausewayError('unavailable', 'Nobody listens.')),
    retrieve: files,
    command: { priority: 0 },
  });
  const lookAgain = vi.fn(async () => 'unchanged' as const);
  const result = await runSubOperations<typeof image>({
    total: 6,
    instances: sixImages(),
    prepare: destination.prepare,
    isReceiver: destination.hasFailed,
    lookAgain,
    report: async () => {},
    stop: new AbortController().signal,
    gone: new AbortController().signal,
    log: silentLog,
  });
  expect([result.failed, lookAgain.mock.calls.length]).toEqual([6, 0]);
});
