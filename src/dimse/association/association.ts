import type { Socket } from 'node:net';
import { asCausewayError } from '../../kernel/errors.ts';
import type { TimeLimit } from '../limits.ts';
import type { PresentationContext } from '../service.ts';
import { contextResult, encodeAssociateAccept } from './associate-accept.ts';
import { type AssociateRequest, decodeAssociateRequest, type UserIdentity } from './associate-request.ts';
import type { AssociationEnd, AssociationOptions } from './association-options.ts';
import { createMessageWriter } from './message-writer.ts';
import {
  callerNotRecognized,
  findRejection,
  identityRefused,
  localLimitExceeded,
  type NegotiationPolicy,
  negotiate,
} from './negotiate.ts';
import { createOperations, type Operations } from './operations.ts';
import { createPartFlow } from './part-flow.ts';
import {
  type AbortReason,
  abortReason,
  abortReasonOf,
  abortSource,
  pduType,
  protocolViolation,
  type Rejection,
} from './pdu.ts';
import { createPduReader, type PduPart } from './pdu-reader.ts';
import { encodeAbort, encodeAssociateReject, encodeReleaseReply } from './pdu-writer.ts';
import { readInto } from './read-into.ts';
import { createStallTimer } from './stall-timer.ts';

/** One connection as acceptor: the state machine of PS3.8 §9.2 over the services' operations. */
export interface Association {
  /** Ends the association as soon as no operation is running. */
  shutdown(): void;
  /** Ends it now, whatever is running. */
  abort(end: 'shutdown' | 'crowded-out'): void;
  /** Network address of the peer. */
  readonly address: string;
  /** For how long nothing has been going on, in milliseconds; undefined while something is. */
  readonly idleMs: number | undefined;
  /** Nothing has been asked over it yet. */
  readonly isUnused: boolean;
}

/** Of Association Acceptance, PS3.8 §9.2.1: Sta2, Sta6, Sta8 and Sta13. */
type State = 'awaiting-request' | 'established' | 'releasing' | 'awaiting-close';

/** @param accepted paused since it was accepted */
export function acceptAssociation(accepted: Socket, options: AssociationOptions): Association {
  const { id, limits } = options;
  const socket = readInto(options.readBuffer, accepted, received);
  const address = socket.remoteAddress ?? 'unknown';
  const startedAt = performance.now();
  const reader = createPduReader(limits);
  const timer = createStallTimer(stalled);
  const flow = createPartFlow({
    socket,
    reader,
    isOver: () => state === 'awaiting-close',
    handle,
    failed,
    onRest: updateTimer,
  });

  let log = options.log.child({ association: id, address, ...(options.tls && { tls: options.tls }) });
  let state: State = 'awaiting-request';
  let operations: Operations | undefined;
  let end: AssociationEnd = 'probe';
  let endReason: string | undefined;
  let bytesReceived = 0;
  let sendBlocked = false;
  let shuttingDown = false;
  /** When it became idle, undefined while it is not. */
  let idleSince: number | undefined;
  /** Undefined until a request has come. */
  let titles: ReturnType<typeof titlesOf> | undefined;

  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  waitForPeer('the association request', 'associateTimeoutMs');

  socket.on('error', (error) => {
    endReason ??= error.message;
  });
  socket.on('close', closed);

  function received(chunk: Buffer): void {
    if (state === 'awaiting-close') return;
    if (bytesReceived === 0) end = 'connection-lost';
    bytesReceived += chunk.length;
    reader.push(chunk);
    flow.readOn();
    if (flow.isWaiting) reader.keep();
    // The time for the request is fixed, however it trickles in.
    if (operations !== undefined) timer.progress(chunk.length);
  }

  function handle(part: PduPart): Promise<void> | undefined {
    if (part.kind === 'pdu') {
      return handlePdu(part.type, part.body);
    }
    if (state !== 'established' || operations === undefined) throw unexpectedPdu('P-DATA-TF');
    return operations.receive(part);
  }

  function handlePdu(type: number, body: Buffer): Promise<void> | undefined {
    if (type === pduType.abort) {
      const by = body.readUInt8(2) === abortSource.serviceUser ? 'its user' : 'its provider';
      finish('aborted-by-peer', `The peer aborted: ${by}, reason ${body.readUInt8(3)}.`);
      socket.destroy();
    } else if (type === pduType.associateRq && state === 'awaiting-request') {
      return establish(decodeAssociateRequest(body));
    } else if (type === pduType.releaseRq && state === 'established') {
      release();
    } else {
      throw unexpectedPdu(type.toString(16).padStart(2, '0'));
    }
    return undefined;
  }

  function establish(request: AssociateRequest): Promise<void> | undefined {
    titles = titlesOf(request);
    log = log.child(titles);
    const policy = { ...options.policy, maxPduBytes: limits.maxPduBytes, maxOperations: limits.maxOperations };
    const rejection = findRejection(request, policy);
    if (rejection !== undefined) reject(rejection);
    else if (options.associationAccess ?? options.checkUserIdentity) return recognize(request, policy);
    else admit(request, policy);
    return undefined;
  }

  async function recognize(request: AssociateRequest, policy: NegotiationPolicy): Promise<void> {
    const { callingAeTitle } = request;
    const caller = { callingAeTitle, address };
    const refusal = await options.associationAccess?.(caller);
    // Who is not let in need not learn whether a passcode is right.
    const verdict = refusal === undefined ? await options.checkUserIdentity?.(request.userIdentity, caller) : undefined;
    if (socket.destroyed || state !== 'awaiting-request') return;
    if (refusal !== undefined) return reject(callerNotRecognized(`${refusal} (associationAccess=peers)`));
    if (verdict !== undefined && 'refusal' in verdict) return reject(identityRefused(verdict.refusal));
    if (verdict?.user !== undefined) log = log.child({ user: verdict.user });
    admit(request, policy, verdict?.user);
  }

  function admit(request: AssociateRequest, policy: NegotiationPolicy, user?: string): void {
    if (options.admit(address)) accept(request, policy, user);
    else reject(localLimitExceeded(limits.maxAssociations));
  }

  function accept(request: AssociateRequest, policy: NegotiationPolicy, user: string | undefined): void {
    const answer = negotiate(request, policy, user !== undefined);
    const extended = new Map(answer.extendedNegotiations.map((each) => [each.sopClassUid, each.applicationInfo]));
    const contexts = answer.contexts
      .filter(({ result }) => result === contextResult.acceptance)
      .map((context): PresentationContext => {
        const applicationInfo = extended.get(context.abstractSyntaxUid);
        return applicationInfo === undefined ? context : { ...context, applicationInfo };
      });
    const writer = createMessageWriter({
      socket,
      maxPduBytes: Math.min(request.maxPduBytes || limits.maxPduBytes, limits.maxPduBytes),
      onBlocked(blocked) {
        sendBlocked = blocked;
        updateTimer();
      },
    });
    operations = createOperations({
      association: {
        id,
        address,
        tls: options.tls,
        user,
        userIdentity: withoutPasscode(request.userIdentity),
        ...titlesOf(request),
      },
      contexts: new Map(contexts.map((context) => [context.id, context])),
      peerContexts: contexts.filter(({ abstractSyntaxUid }) =>
        answer.roleSelections.some(({ sopClassUid, scp }) => scp && sopClassUid === abstractSyntaxUid),
      ),
      services: policy.services,
      writer,
      maxOperations: answer.asynchronousOperations?.invoked ?? 1,
      maxCommandBytes: limits.maxCommandBytes,
      log,
      onEnd: operationEnded,
      onAwaiting: updateTimer,
      onBroken: (error) => {
        // Who ends a sending of ours (`aborted`) knows why.
        log[error.code === 'aborted' ? 'info' : 'error']('A message of ours could not be sent to its end.', { error });
        abortFor('aborted', error.message, 'service-user');
      },
    });
    state = 'established';
    socket.write(encodeAssociateAccept(request, answer));
    tell({ kind: 'association-accepted' });
    log.debug('Association accepted.', { contexts: answer.contexts });
  }

  function reject(rejection: Rejection): void {
    const { result, source, reason, message } = rejection;
    finish('rejected', `${message} (A-ASSOCIATE-RJ ${result}/${source}/${reason})`);
    closeAfter(encodeAssociateReject(rejection));
  }

  function release(): void {
    if (operations?.midMessage) throw unexpectedPdu('A-RELEASE-RQ in the middle of a message');
    state = 'releasing';
    if (operations?.running === 0) completeRelease();
  }

  function completeRelease(): void {
    finish('released', undefined);
    closeAfter(encodeReleaseReply());
  }

  function operationEnded(): void {
    if (operations?.running === 0) {
      if (state === 'releasing') completeRelease();
      else if (shuttingDown && state === 'established' && !operations.midMessage) abort('shutdown');
    }
    updateTimer();
  }

  function failed(thrown: unknown): void {
    const error = asCausewayError(thrown);
    if (error.code === 'internal') log.error('An association failed.', { error });
    abortFor('aborted', error.message, abortReasonOf(error));
  }

  function stalled(waitingFor: string, timeoutMs: number): void {
    const message = `Waited ${timeoutMs / 1000} s for ${waitingFor}.`;
    if (state === 'awaiting-close' || sendBlocked) {
      finish('timed-out', message);
      socket.destroy();
    } else if (bytesReceived === 0) {
      // A peer that has said nothing is no DICOM peer yet: there is nobody to tell (PS3.8 §9.2.3, AA-2).
      finish('timed-out', message);
      socket.destroy();
    } else {
      abortFor('timed-out', message, abortReason.notSpecified);
    }
  }

  function abort(as: 'shutdown' | 'crowded-out'): void {
    if (state === 'awaiting-request') {
      const all = `It was the oldest of ${limits.maxPendingConnections} without an association (maxPendingConnections).`;
      socket.destroy();
      finish(as, as === 'crowded-out' ? all : undefined);
    } else {
      const all = `All ${limits.maxAssociations} associations (maxAssociations) were in use and this one was idle.`;
      abortFor(as, as === 'crowded-out' ? all : undefined, 'service-user');
    }
  }

  function abortFor(as: AssociationEnd, message: string | undefined, by: 'service-user' | AbortReason): void {
    if (state === 'awaiting-close') return;
    finish(as, message);
    closeAfter(encodeAbort(by));
  }

  /** Fixes how the association ended; what comes later does not change it. */
  function finish(as: AssociationEnd, message: string | undefined): void {
    if (state === 'awaiting-close') return;
    state = 'awaiting-close';
    end = as;
    endReason = message;
    operations?.abort(message);
    options.onEnd(!socket.destroyed);
  }

  /** Sends the last PDU; what the peer still sends is passed over, as closing on unread bytes would lose it. */
  function closeAfter(lastPdu: Buffer): void {
    socket.end(lastPdu);
    socket.resume();
    updateTimer();
  }

  function closed(): void {
    finish(end, endReason);
    timer.wait(undefined, 0);
    const facts = {
      end,
      ...(endReason === undefined ? {} : { reason: endReason }),
      ...Object.fromEntries(operations?.counts ?? []),
      bytesReceived,
      durationMs: Math.round(performance.now() - startedAt),
    };
    if (end === 'probe') log.debug('Connection closed.', facts);
    else if (end === 'released' || end === 'shutdown') log.info('Association ended.', facts);
    else log.warn('Association ended.', facts);
    const why = endReason === undefined ? {} : { reason: endReason };
    if (end === 'rejected') tell({ kind: 'association-rejected', reason: endReason ?? '' });
    else tell({ kind: 'association-ended', outcome: end, ...why });
    options.onClose(end);
  }

  /** Of what never was an association, nobody is told. */
  function tell(
    what:
      | { kind: 'association-accepted' }
      | { kind: 'association-rejected'; reason: string }
      | { kind: 'association-ended'; outcome: string; reason?: string },
  ): void {
    if (titles !== undefined) options.activity?.tell({ ...what, association: id, address, ...titles });
  }

  /** Says what the peer is waited for, if it is: never while the next step is ours. */
  function updateTimer(): void {
    if (socket.destroyed) timer.wait(undefined, 0);
    else if (state === 'awaiting-close') waitForPeer('the peer to close the connection', 'closeTimeoutMs');
    else if (sendBlocked) waitForPeer('the peer to take what is sent', 'sendTimeoutMs');
    else if (state === 'awaiting-request') waitForPeer('the association request', 'associateTimeoutMs');
    // A response that lies behind a request too many, or behind a release, never comes.
    else if (isStuck()) waitForPeer('the response to our request', 'responseTimeoutMs');
    else if (flow.isWaiting || state === 'releasing') timer.wait(undefined, 0);
    else if (reader.midPdu || operations?.midMessage) waitForPeer('the rest of a message', 'receiveTimeoutMs');
    else if ((operations?.awaiting ?? 0) > 0) waitForPeer('the response to our request', 'responseTimeoutMs');
    else if (operations === undefined || operations.running > 0) timer.wait(undefined, 0);
    else waitForPeer('the next message', 'idleTimeoutMs');
    idleSince = isIdle() ? (idleSince ?? performance.now()) : undefined;
  }

  function isStuck(): boolean {
    if (operations === undefined || operations.awaiting === 0) return false;
    return state === 'releasing' || operations.crowded;
  }

  /** The message of a time limit that is met names it. */
  function waitForPeer(to: string, limit: TimeLimit): void {
    timer.wait(`${to} (${limit})`, limits[limit]);
  }

  function isIdle(): boolean {
    if (socket.destroyed || state !== 'established' || operations === undefined) return false;
    const { running, awaiting, midMessage } = operations;
    return !sendBlocked && !flow.isWaiting && !reader.midPdu && !midMessage && running === 0 && awaiting === 0;
  }

  return {
    shutdown() {
      shuttingDown = true;
      const busy = state === 'releasing' || operations?.midMessage || (operations?.running ?? 0) > 0;
      if (!busy) abort('shutdown');
    },
    abort(as) {
      abort(as);
      socket.destroySoon();
    },
    address,
    get idleMs() {
      return idleSince === undefined ? undefined : performance.now() - idleSince;
    },
    get isUnused() {
      return (operations?.counts.size ?? 0) === 0;
    },
  };
}

function withoutPasscode(identity: UserIdentity | undefined) {
  return identity && { type: identity.type, primary: identity.primary };
}

function unexpectedPdu(name: string) {
  return protocolViolation(abortReason.unexpectedPdu, `An unexpected PDU came: ${name}.`);
}

/** AE titles are printed and stored: what could not be in one is replaced. PS3.5 §6.2, AE. */
function titlesOf({ callingAeTitle, calledAeTitle }: AssociateRequest) {
  const printable = (aeTitle: string): string => aeTitle.replace(/[^\x20-\x7e]|\\/g, '?');
  return { callingAeTitle: printable(callingAeTitle), calledAeTitle: printable(calledAeTitle) };
}
