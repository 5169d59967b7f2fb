import { randomUUID } from 'node:crypto';
import { implementationClassUid, implementationVersionName } from '../../dicom/file-meta.ts';
import { asCausewayError, CausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { PeerTls } from '../../peers/peers.ts';
import { contextResult, decodeAssociateAccept } from '../association/associate-accept.ts';
import {
  type ExtendedNegotiation,
  encodeAssociateRequest,
  type ProposedContext,
  type UserIdentity,
} from '../association/associate-request.ts';
import { createMessageWriter } from '../association/message-writer.ts';
import { createOperations, type Operations } from '../association/operations.ts';
import { createPartFlow } from '../association/part-flow.ts';
import { abortReasonOf, pduType } from '../association/pdu.ts';
import { createPduReader, type PduPart } from '../association/pdu-reader.ts';
import { encodeAbort, encodeReleaseReply, encodeReleaseRequest } from '../association/pdu-writer.ts';
import { createStallTimer } from '../association/stall-timer.ts';
import type { DimseLimits, TimeLimit } from '../limits.ts';
import type { DimseService, Peer, PresentationContext } from '../service.ts';
import { tlsFailureInWords } from '../tls/tls-failure.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';
import { identityType } from '../user-identity.ts';
import { callFailureInWords, isTlsAlert, tlsCallFailureInWords } from './call-failure.ts';
import { type Dialled, dial } from './dial.ts';
import { rejected } from './rejected.ts';

export interface AssociationProposal {
  readonly aeTitle: string;
  /** Host name or IP address. */
  readonly host: string;
  readonly port: number;
  /** As which we call, if not by the title of the house. */
  readonly callingAeTitle?: string | undefined;
  /** Calls by TLS. */
  readonly tls?: PeerTls | undefined;
  /** If it asks for a response, an acceptor that gives none is left again. */
  readonly userIdentity?: UserIdentity | undefined;
  readonly contexts: readonly ProposedContext[];
  /** SOP classes of which we are the SCP here, with what serves them: C-STORE of a C-GET. PS3.7 §D.3.3.4. */
  readonly served?: { readonly sopClassUids: readonly string[]; readonly services: readonly DimseService[] };
  readonly extendedNegotiations?: readonly ExtendedNegotiation[];
  readonly log: Log;
}

/** An association that we opened. */
export interface OpenedAssociation {
  readonly peer: Peer;
  /** Those that the peer took, whoever is SCP in them. */
  readonly acceptedContexts: readonly PresentationContext[];
  /** What the peer answered to our extended negotiation. */
  readonly extendedNegotiations: readonly ExtendedNegotiation[];
  readonly isOpen: boolean;
  /** Why it ended before it was released: `timed-out` where the peer kept us waiting. Undefined while it has not. */
  readonly endedBy: CausewayError | undefined;
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
  const warned = new Set<string>();
  return async (proposal) => {
    checkAeTitle(proposal.aeTitle);
    checkAeTitle(proposal.callingAeTitle ?? options.aeTitle);
    warnOfPasscode(proposal, warned);
    const dialled = await dial(proposal, options.tlsIdentity);
    return new Promise((resolve, reject) => openOne(options, proposal, dialled, resolve, reject));
  };
}

/** A longer one would lie over the fields behind it. PS3.5 §6.2, PS3.8 §9.3.2. @throws CausewayError `bad-request` */
function checkAeTitle(aeTitle: string): void {
  if (/^(?! *$)[ -[\]-~]{1,16}$/.test(aeTitle)) return;
  throw new CausewayError('bad-request', 'An AE title has 1 to 16 characters of ASCII, without a backslash.');
}

/** Once for each peer. */
function warnOfPasscode(
  { aeTitle, host, port, tls, userIdentity, log }: AssociationProposal,
  warned: Set<string>,
): void {
  const peer = `${aeTitle}@${host}:${port}`;
  if (tls !== undefined || userIdentity?.type !== identityType.userNameAndPasscode || warned.has(peer)) return;
  warned.add(peer);
  log.warn('A passcode goes to a peer in the clear, as it is called without TLS.', { peer });
}

function openOne(
  { aeTitle, limits }: OpenAssociationOptions,
  { host, port, contexts, ...proposal }: AssociationProposal,
  { socket, isReady }: Dialled,
  opened: (association: OpenedAssociation) => void,
  notOpened: (error: CausewayError) => void,
): void {
  const log = proposal.log.child({ peer: proposal.aeTitle, peerAddress: `${host}:${port}` });
  const id = randomUUID();
  const served = proposal.served?.sopClassUids ?? [];
  const reader = createPduReader(limits);
  const timer = createStallTimer((waitingFor, timeoutMs) => {
    if (state === 'ended') socket.destroy();
    else end(new CausewayError('timed-out', `Waited ${timeoutMs / 1000} s for ${waitingFor}.`));
  });
  const flow = createPartFlow({
    socket,
    reader,
    isOver: () => state === 'ended',
    handle,
    failed,
    onRest: updateTimer,
  });
  let operations: Operations | undefined;
  let state: 'requesting' | 'established' | 'releasing' | 'ended' = 'requesting';
  let endedBy: CausewayError | undefined;
  let sendBlocked = false;
  /** Connected and, where it calls by TLS, agreed on that. */
  let ready = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));

  waitForPeer('the association to be accepted', 'associateTimeoutMs');
  socket.once(isReady, () => {
    ready = true;
    socket.write(
      encodeAssociateRequest({
        calledAeTitle: proposal.aeTitle,
        callingAeTitle: proposal.callingAeTitle ?? aeTitle,
        presentationContexts: contexts,
        roleSelections: served.map((sopClassUid) => ({ sopClassUid, scu: false, scp: true })),
        extendedNegotiations: proposal.extendedNegotiations ?? [],
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
    const message = why === undefined ? callFailureInWords({ host, port }, error) : tlsCallFailureInWords(why);
    finish(new CausewayError('unavailable', message));
  });
  socket.on('close', () => {
    const hint = state === 'requesting' ? ' without an answer; it may want TLS, or not know us' : '';
    finish(new CausewayError('unavailable', `The peer closed the connection${hint}.`));
  });

  function received(chunk: Buffer): void {
    timer.progress(chunk.length);
    if (state === 'requesting' && proposal.tls === undefined && isTlsAlert(chunk)) {
      finish(new CausewayError('unavailable', 'The peer wants TLS at this port: call it by TLS, or at another port.'));
      socket.destroy();
      return;
    }
    reader.push(chunk);
    flow.readOn();
  }

  function failed(thrown: unknown): void {
    const error = asCausewayError(thrown);
    if (state !== 'ended') socket.end(encodeAbort(abortReasonOf(error)));
    finish(error);
  }

  function handle(part: PduPart): Promise<void> | undefined {
    if (part.kind === 'fragment') return operations?.receive(part);
    if (part.type === pduType.associateAc && state === 'requesting') {
      accepted(part.body);
    } else if (part.type === pduType.associateRj && state === 'requesting') {
      finish(rejected(part.body));
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
    return undefined;
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
      // It is the peer that requests what the services serve.
      association: { id, address: host, callingAeTitle: proposal.aeTitle, calledAeTitle: aeTitle },
      contexts: new Map(usable.map((context) => [context.id, context])),
      peerContexts: usable.filter(({ abstractSyntaxUid }) => !served.includes(abstractSyntaxUid)),
      services: proposal.served?.services ?? [],
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
      onPending: timer.restart,
      onBroken(error) {
        // Who ends a sending of ours (`aborted`) knows why.
        log[error.code === 'aborted' ? 'info' : 'error']('A message of ours could not be sent to its end.', { error });
        end(error);
      },
    });
    state = 'established';
    updateTimer();
    opened({
      peer: operations.peer,
      acceptedContexts: usable,
      extendedNegotiations: answer.extendedNegotiations,
      userIdentityResponse: answer.userIdentityResponse,
      get isOpen() {
        return state === 'established';
      },
      get endedBy() {
        return endedBy;
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
    // Who takes nothing any more does not take the abort either.
    const isDeaf = !ready || sendBlocked;
    finish(error);
    if (isDeaf) {
      socket.destroy();
      return;
    }
    socket.end(encodeAbort('service-user'));
    socket.destroySoon();
    updateTimer();
  }

  function finish(error: CausewayError): void {
    timer.wait(undefined, 0);
    if (state === 'ended') return;
    const before = state;
    state = 'ended';
    endedBy = error;
    operations?.abort(error.message);
    if (before === 'requesting') notOpened(asUnavailable(error));
    else log.warn('An association of ours ended early.', { reason: error.message });
  }

  /** The message of a time limit that is met names it. */
  function waitForPeer(to: string, limit: TimeLimit): void {
    timer.wait(`${to} (${limit})`, limits[limit]);
  }

  function updateTimer(): void {
    if (socket.destroyed) timer.wait(undefined, 0);
    else if (state === 'ended') waitForPeer('the peer to close the connection', 'closeTimeoutMs');
    else if (state === 'requesting') waitForPeer('the association to be accepted', 'associateTimeoutMs');
    else if (state === 'releasing') waitForPeer('the release to be answered', 'closeTimeoutMs');
    else if (sendBlocked) waitForPeer('the peer to take what is sent', 'sendTimeoutMs');
    // While a step is ours, the peer is not waited for.
    else if (flow.isWaiting || (operations?.running ?? 0) > 0) timer.wait(undefined, 0);
    else if ((operations?.awaiting ?? 0) > 0) waitForPeer('the response to our request', 'responseTimeoutMs');
    else timer.wait(undefined, 0);
  }
}

/** What answers with what is no association is no peer at the moment, whatever is wrong with it: a proxy before one, say. */
function asUnavailable(error: CausewayError): CausewayError {
  if (error.code === 'unavailable' || error.code === 'timed-out' || error.code === 'internal') return error;
  const message = `What answers there does not answer as a DICOM peer: ${error.message}`;
  return new CausewayError('unavailable', message, { cause: error });
}
