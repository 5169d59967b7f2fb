import type { Scu } from '../dimse/scu/create-scu.ts';
import { CausewayError } from '../kernel/errors.ts';

/** What the bridge asks of peers. */
export type PeerCalls = Pick<Scu, 'find' | 'takesRelationalQueries' | 'list' | 'get' | 'move' | 'send'>;

/**
 * Who asks over the web is told of a peer that went away in the middle that the peer is out of reach, in the words that tell
 * why: `aborted` would say of the client itself that it has gone.
 */
export function peerCalls(scu: PeerCalls): PeerCalls {
  const inReach = <Asked extends readonly unknown[], Answer>(call: (...asked: Asked) => Promise<Answer>) => {
    return (...asked: Asked): Promise<Answer> =>
      call(...asked).catch((thrown: unknown) => Promise.reject(outOfReach(thrown)));
  };
  return {
    async *find(...asked) {
      try {
        yield* scu.find(...asked);
      } catch (thrown) {
        throw outOfReach(thrown);
      }
    },
    takesRelationalQueries: inReach(scu.takesRelationalQueries),
    list: inReach(scu.list),
    get: inReach(scu.get),
    move: inReach(scu.move),
    // What becomes of an instance on its way is a result.
    send: scu.send,
  };
}

function outOfReach(thrown: unknown): unknown {
  if (!(thrown instanceof CausewayError) || thrown.code !== 'aborted') return thrown;
  return new CausewayError('unavailable', thrown.message, { cause: thrown });
}
