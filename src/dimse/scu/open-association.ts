import { implementationClassUid, implementationVersionName } from '../../dicom/file-meta.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { contextResult, decodeAssociateAccept } from '../association/associate-accept.ts';
import { encodeAssociateRequest, type ProposedContext, type UserIdentity } from '../association/associate-request.ts';
import { createMessageWriter } from '../association/message-writer.ts';
import { createOperations, type Operations } from '../association/operations.ts';
import { abortReasonOf, pduType } from '../association/pdu.ts';
import { createPduReader, type PduPart } from '../association/pdu-reader.ts';
import { encodeAbort, encodeReleaseReply, encodeReleaseRequest } from '../association/pdu-writer.ts';
import { createStallTimer } from '../association/stall-timer.ts';
import type { PeerTls } from '../known-peer.ts';
import type { DimseLimits, TimeLimit } from '../limits.ts';
import type { Peer, PresentationContext } from '../service.ts';
import { tlsFailureInWords } from '../tls/tls-failure.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';
import { type Dialled, dial } from './dial.ts';
import { rejectionInWords } from './rejection-in-words.ts';

export interface AssociationProposal {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** Calls by TLS. */
  readonly tls?: PeerTls | undefined;
  /** If it asks for a response, an acceptor that gives none is left again. */
  readonly userIdentity?: UserIdentity | undefined;
  readonly contexts: readonly ProposedContext[];
  readonly log: Log;
}

/** An association that we opened, and are SCU of. */
export interface OpenedAssociation {
  readonly peer: Peer;
  readonly isOpen: boolean;
  /** What the acceptor said to our user identity: empty but for Kerberos and SAML. */
  readonly userIdentityResponse: Buffer | undefined;
  /** Ends it in order; resolves when the connection is closed. Never rejects. */
  release(): Promise<void>;
}

/**
 * @throws CausewayError `unavailable` if the peer cannot be reached or refuses, in words; `timed-out` if it does not answer
 */
export type OpenAssociation = (proposal: AssociationProposal) => Promise<OpenedAssociation>;

export interface OpenAssociationOptions {
  /** Ours, as the calling one. */
  readonly aeTitle: string;
  readonly limits: DimseLimits;
  /** What we show and whom we believe where a peer is called by TLS. */
  readonly tlsIdentity?: TlsIdentity | undefined;
}

/** Opens associations: the requestor of PS3.8 §9.2. */
export function createOpenAssociation(options: OpenAssociationOptions): OpenAssociation {
  return async (proposal) => {
    const dialled = await dial(proposal, options.tlsIdentity);
    return new Promise((resolve, reject) => openOne(options, proposal, dialled, resolve, reject));
  };
}

function openOne(
  { aeTitle, limits }: OpenAssociationOptions,
  { host, port, contexts, ...proposal }: AssociationProposal,
  { socket, isReady }: Dialled,
  opened: (association: OpenedAssociation) => void,
  failed: (error: CausewayError) => void,
): void {
  const log = proposal.log.child({ peer: proposal.aeTitle, peerAddress: `${host}:${port}` });
  const reader = createPduReader(limits);
  const timer = createStallTimer((waitingFor, timeoutMs) => {
    end(new CausewayError('timed-out', `Waited ${timeoutMs / 1000} s for ${waitingFor}.`));
  });
  let operations: Operations | undefined;
  let state: 'requesting' | 'established' | 'releasing' | 'ended' = 'requesting';
  let sendBlocked = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));

  waitForPeer('the association to be accepted', 'associateTimeoutMs');
  socket.once(isReady, () => {
    socket.write(
      encodeAssociateRequest({
        calledAeTitle: proposal.aeTitle,
        callingAeTitle: aeTitle,
        presentationContexts: contexts,
        maxPduBytes: limits.maxPduBytes,
        implementationClassUid,
        implementationVersionName,
        userIdentity: proposal.userIdentity,
      }),
    );
  });
  socket.on('data', received);
  socket.on('error', (error) => {
    const why = proposal.tls === undefined ? undefined : tlsFailureInWords(error);
    const message =
      why === undefined ? `The peer cannot be reached: ${error.message}` : `There is no TLS with the peer: ${why}.`;
    finish(new CausewayError('unavailable', message));
  });
  socket.on('close', () => finish(new CausewayError('unavailable', 'The peer closed the connection.')));

  function received(chunk: Buffer): void {
    timer.progress(chunk.length);
    reader.push(chunk);
    try {
      for (let part = reader.next(); part !== undefined && state !== 'ended'; part = reader.next()) handle(part);
    } catch (thrown) {
      const error = asCausewayError(thrown);
      socket.end(encodeAbort(abortReasonOf(error)));
      finish(error);
    }
    updateTimer();
  }

  function handle(part: PduPart): void {
    if (part.kind === 'fragment') {
      operations?.receive(part)?.catch((thrown: unknown) => end(asCausewayError(thrown)));
    } else if (part.type === pduType.associateAc && state === 'requesting') {
      accepted(part.body);
    } else if (part.type === pduType.associateRj && state === 'requesting') {
      finish(new CausewayError('unavailable', rejectionInWords(part.body)));
      socket.end();
    } else if (part.type === pduType.releaseRp && state === 'releasing') {
      state = 'ended';
      socket.end();
    } else if (part.type === pduType.releaseRq) {
      finish(new CausewayError('unavailable', 'The peer released the association.'));
      socket.end(encodeReleaseReply());
    } else {
      finish(new CausewayError('unavailable', 'The peer aborted the association.'));
      socket.destroy();
    }
  }

  function accepted(body: Buffer): void {
    const answer = decodeAssociateAccept(body);
    if (proposal.userIdentity?.responseRequested && answer.userIdentityResponse === undefined) {
      end(new CausewayError('unavailable', 'The peer does not say that it accepts our user identity.'));
      return;
    }
    const usable = contexts.flatMap((context): PresentationContext[] => {
      const answered = answer.contexts.find(({ id }) => id === context.id);
      if (answered?.result !== contextResult.acceptance) return [];
      const { transferSyntaxUid } = answered;
      // One that we did not propose would be taken for what we send.
      return context.transferSyntaxUids.includes(transferSyntaxUid)
        ? [{ id: context.id, abstractSyntaxUid: context.abstractSyntaxUid, transferSyntaxUid }]
        : [];
    });
    operations = createOperations({
      association: { id: '', address: host, callingAeTitle: aeTitle, calledAeTitle: proposal.aeTitle },
      contexts: new Map(usable.map((context) => [context.id, context])),
      peerContexts: usable,
      services: [],
      writer: createMessageWriter({
        socket,
        maxPduBytes: Math.min(answer.maxPduBytes || limits.maxPduBytes, limits.maxPduBytes),
        onBlocked(blocked) {
          sendBlocked = blocked;
          updateTimer();
        },
      }),
      maxOperations: 1,
      maxCommandBytes: limits.maxCommandBytes,
      log,
      onEnd: updateTimer,
      onAwaiting: updateTimer,
      onBroken(error) {
        log.error('An instance could not be sent to its end.', { error });
        end(error);
      },
    });
    state = 'established';
    updateTimer();
    opened({
      peer: operations.peer,
      userIdentityResponse: answer.userIdentityResponse,
      get isOpen() {
        return state === 'established';
      },
      async release() {
        if (state === 'established') {
          state = 'releasing';
          socket.write(encodeReleaseRequest());
          updateTimer();
        }
        await closed;
      },
    });
  }

  /** Ends it at once. */
  function end(error: CausewayError): void {
    if (state === 'ended') return;
    finish(error);
    if (socket.connecting) socket.destroy();
    else socket.end(encodeAbort('service-user'));
    // Who takes nothing any more does not take the abort either.
    socket.destroySoon();
  }

  function finish(error: CausewayError): void {
    timer.wait(undefined, 0);
    if (state === 'ended') return;
    const before = state;
    state = 'ended';
    operations?.abort();
    if (before === 'requesting') failed(error);
    else log.warn('An association of ours ended early.', { reason: error.message });
  }

  /** The message of a time limit that is met names it. */
  function waitForPeer(to: string, limit: TimeLimit): void {
    timer.wait(`${to} (${limit})`, limits[limit]);
  }

  function updateTimer(): void {
    if (state === 'ended') waitForPeer('the peer to close the connection', 'closeTimeoutMs');
    else if (state === 'requesting') waitForPeer('the association to be accepted', 'associateTimeoutMs');
    else if (state === 'releasing') waitForPeer('the release to be answered', 'closeTimeoutMs');
    else if (sendBlocked) waitForPeer('the peer to take what is sent', 'sendTimeoutMs');
    else if ((operations?.awaiting ?? 0) > 0) waitForPeer('the response to our request', 'responseTimeoutMs');
    else timer.wait(undefined, 0);
  }
}
