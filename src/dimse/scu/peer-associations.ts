import { setTimeout as delay } from 'node:timers/promises';
import { CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { CalledPeer } from './called-peer.ts';
import type { AssociationProposal, OpenAssociation, OpenedAssociation } from './open-association.ts';

/** What an association is for: one that is the same in all of it can be used again. */
export type Purpose = Pick<AssociationProposal, 'contexts' | 'extendedNegotiations' | 'served'>;

export interface LentAssociation extends OpenedAssociation {
  /** It lay idle: the peer may have closed it at this moment. */
  readonly isReused: boolean;
  /** Instead of releasing it: somebody else may need it soon. Never rejects. */
  giveBack(): Promise<void>;
}

/** Associations that we open, shared by whoever needs them. */
export interface PeerAssociations {
  /**
   * Lends an association: one that lies idle, or a new one. Waits while as many are in use as the peer is to have. A peer
   * that rejects for the moment is called again, three times in all.
   * @throws CausewayError `unavailable`, `timed-out` if there is none to be had, that of `maxAssociations` if none of those in use
   * comes back for `waitMs`
   */
  borrow(peer: CalledPeer, purpose: Purpose, log: Log): Promise<LentAssociation>;
  /** Releases what lies idle. */
  close(): Promise<void>;
}

export interface PeerAssociationsOptions {
  readonly open: OpenAssociation;
  /** How long an association lies idle before it is released, in case somebody needs it. */
  readonly idleMs?: number;
  /** How long who waits for a place waits at most while none of those before comes free. */
  readonly waitMs?: number;
  /** Before a peer that rejected for the moment is called again; twice as long each time. */
  readonly retryMs?: number;
}

interface Idle {
  readonly association: OpenedAssociation;
  readonly purpose: string;
  readonly timer: NodeJS.Timeout;
}

interface Waiting {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

interface Line {
  inUse: number;
  readonly waiting: Waiting[];
  readonly idle: Idle[];
}

const maxCalls = 3;

export function createPeerAssociations({
  open,
  idleMs = 2_000,
  waitMs = 300_000,
  retryMs = 250,
}: PeerAssociationsOptions): PeerAssociations {
  const lines = new Map<string, Line>();

  function lineOf({ aeTitle, host, port, tls, callingAeTitle, userIdentity }: CalledPeer): Line {
    // What was opened as one user is not for another.
    const { type, responseRequested, primary, secondary } = userIdentity ?? {};
    const user = [type, responseRequested, primary?.toString('hex'), secondary?.toString('hex')];
    const key = JSON.stringify([aeTitle, host, port, tls, callingAeTitle, ...user]);
    const line = lines.get(key) ?? { inUse: 0, waiting: [], idle: [] };
    lines.set(key, line);
    return line;
  }

  /** Whoever has a place may wait for somebody who waits for one: that has to end. */
  async function enter(line: Line, { aeTitle, maxAssociations }: CalledPeer): Promise<void> {
    if (line.inUse < maxAssociations) {
      line.inUse += 1;
      return;
    }
    await new Promise<void>((enter, fail) => {
      const timer = setTimeout(() => {
        line.waiting.splice(line.waiting.indexOf(waiting), 1);
        const message = `All associations that ${aeTitle} is to have (maxAssociations: ${maxAssociations}) have been in use for ${waitMs} ms.`;
        fail(new CausewayError('timed-out', message, { details: { limit: 'maxAssociations' } }));
      }, waitMs);
      const waiting = { enter, timer };
      line.waiting.push(waiting);
    });
  }

  function leave(line: Line): void {
    const next = line.waiting.shift();
    // The line moves: who is far behind is not to fail for that.
    for (const { timer } of line.waiting) timer.refresh();
    // Who waits takes over the place.
    if (next === undefined) line.inUse -= 1;
    else {
      clearTimeout(next.timer);
      next.enter();
    }
  }

  function takeIdle(line: Line, purpose: string): OpenedAssociation | undefined {
    for (;;) {
      const at = line.idle.findIndex((one) => one.purpose === purpose);
      if (at < 0) return undefined;
      const [{ association, timer }] = line.idle.splice(at, 1) as [Idle];
      clearTimeout(timer);
      if (association.isOpen) return association;
    }
  }

  /** Those that lie idle count as associations that the peer has. */
  async function makeRoom(line: Line, max: number): Promise<void> {
    while (line.idle.length > 0 && line.inUse + line.idle.length > max) {
      const { association, timer } = line.idle.shift()!;
      clearTimeout(timer);
      await association.release();
    }
  }

  function putAside(line: Line, association: OpenedAssociation, purpose: string): void {
    if (!association.isOpen) return;
    const timer = setTimeout(() => {
      line.idle.splice(line.idle.indexOf(idle), 1);
      void association.release();
    }, idleMs);
    timer.unref();
    const idle = { association, purpose, timer };
    line.idle.push(idle);
  }

  function lent(
    line: Line,
    association: OpenedAssociation,
    { isReused, key }: { readonly isReused: boolean; readonly key: string | undefined },
  ): LentAssociation {
    let given = false;
    return {
      isReused,
      peer: association.peer,
      acceptedContexts: association.acceptedContexts,
      extendedNegotiations: association.extendedNegotiations,
      userIdentityResponse: association.userIdentityResponse,
      get isOpen() {
        return association.isOpen;
      },
      get endedBy() {
        return association.endedBy;
      },
      release: association.release,
      async giveBack() {
        if (given) return;
        given = true;
        if (key === undefined) await association.release();
        else putAside(line, association, key);
        leave(line);
      },
    };
  }

  async function call(proposal: AssociationProposal): Promise<OpenedAssociation> {
    for (let calls = 1; ; calls++) {
      try {
        return await open(proposal);
      } catch (thrown) {
        const isTransient = thrown instanceof CausewayError && thrown.details['transient'] === true;
        if (!isTransient || calls >= maxCalls) throw thrown;
        // Not all who were turned away come back at once.
        await delay(retryMs * 2 ** (calls - 1) * (0.5 + Math.random()));
      }
    }
  }

  return {
    async borrow(peer, purpose, log) {
      const line = lineOf(peer);
      const key = JSON.stringify([purpose.contexts, purpose.extendedNegotiations, purpose.served?.sopClassUids]);
      // What serves a purpose belongs to whoever asked for it.
      const isReusable = purpose.served === undefined;
      await enter(line, peer);
      try {
        const idle = isReusable ? takeIdle(line, key) : undefined;
        if (idle === undefined) await makeRoom(line, peer.maxAssociations);
        const association = idle ?? (await call({ ...peer, ...purpose, log }));
        return lent(line, association, { isReused: idle !== undefined, key: isReusable ? key : undefined });
      } catch (thrown) {
        leave(line);
        throw thrown;
      }
    },
    async close() {
      const idle = [...lines.values()].flatMap((line) => line.idle.splice(0));
      for (const { timer } of idle) clearTimeout(timer);
      await Promise.all(idle.map(({ association }) => association.release()));
    },
  };
}
