import { describe, expect, it } from 'vitest';
import { type PeerCalls, peerCalls } from '../../../src/bridge/peer-calls.ts';
import { CausewayError, type ErrorCode } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';

const peer = { aeTitle: 'PACS1', host: '127.0.0.1', port: 104, maxAssociations: 4 };
const words = 'The association ended before the peer answered: Waited 60 s for the response to our request.';

/** One that fails in whatever it is asked. */
function failing(code: ErrorCode): PeerCalls {
  const fail = () => Promise.reject(new CausewayError(code, words));
  return peerCalls({
    async *find() {
      yield { identifier: {}, complete: true };
      await fail();
    },
    takesRelationalQueries: fail,
    list: fail,
    get: fail,
    move: fail,
    async *send() {},
  });
}

describe('a peer that goes away in the middle', () => {
  const target = { studyInstanceUid: '1.2' };
  const calls: Record<string, (scu: PeerCalls) => Promise<unknown>> = {
    'C-FIND': async (scu) => {
      for await (const _ of scu.find(peer, {}, silentLog));
    },
    'the negotiation of queries': (scu) => scu.takesRelationalQueries(peer, silentLog),
    'a list of instances': (scu) => scu.list(peer, target, silentLog),
    'C-GET': (scu) => scu.get(peer, target, {}, silentLog),
    'C-MOVE': (scu) => scu.move(peer, target, 'CAUSEWAY', {}, silentLog),
  };

  it.each(Object.keys(calls))(
    'of %s is out of reach, which says nothing of the client that waits for it',
    async (name) => {
      const call = calls[name]!;
      await expect(call(failing('aborted'))).rejects.toMatchObject({ code: 'unavailable', message: words });
      await expect(call(failing('sop-class-unsupported'))).rejects.toMatchObject({ code: 'sop-class-unsupported' });
    },
  );
});
