import { implementationClassUid, implementationVersionName } from '../../dicom/file-meta.ts';
import { transferSyntax, transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { DimseService } from '../service.ts';
import { type AnsweredContext, type AssociateAccept, contextResult } from './associate-accept.ts';
import {
  type AssociateRequest,
  dicomApplicationContext,
  type ExtendedNegotiation,
  type ProposedContext,
} from './associate-request.ts';
import type { Rejection } from './pdu.ts';

/** What we bring to a negotiation. */
export interface NegotiationPolicy {
  readonly aeTitle: string;
  /** Refuses callers that call another AE title than ours, or that give none of their own. */
  readonly strictAeTitle: boolean;
  /** Announced whatever the peer announces: each side names what it takes itself. */
  readonly maxPduBytes: number;
  /** Most operations of one association that are performed at a time. */
  readonly maxOperations: number;
  readonly services: readonly DimseService[];
}

const permanent = 1;
const transient = 2;
const byServiceUser = 1;
const byAcseProvider = 2;
const byPresentationProvider = 3;

/** The association limit is reached: the caller may try again later. PS3.8 table 9-21. */
export function localLimitExceeded(maxAssociations: number): Rejection {
  return {
    result: transient,
    source: byPresentationProvider,
    reason: 2,
    message: `All ${maxAssociations} associations (maxAssociations) are in use.`,
  };
}

/** The user identity is not accepted. PS3.7 §D.3.3.7 */
export function identityRefused(message: string): Rejection {
  return { result: permanent, source: byAcseProvider, reason: 1, message };
}

/** The caller is nobody who may open associations. PS3.8 table 9-21 */
export function callerNotRecognized(message: string): Rejection {
  return { result: permanent, source: byServiceUser, reason: 3, message };
}

/** @returns why the association is refused, or undefined if it is not. PS3.8 table 9-21 */
export function findRejection(request: AssociateRequest, policy: NegotiationPolicy): Rejection | undefined {
  const refuse = (source: 1 | 2, reason: number, message: string): Rejection => ({
    result: permanent,
    source,
    reason,
    message,
  });
  if ((request.protocolVersion & 1) === 0) {
    return refuse(byAcseProvider, 2, `Protocol version ${request.protocolVersion} is not supported.`);
  }
  if (request.applicationContextName !== dicomApplicationContext) {
    return refuse(byServiceUser, 2, 'The application context is not the one of DICOM.');
  }
  if (policy.strictAeTitle && request.calledAeTitle !== policy.aeTitle) {
    return refuse(byServiceUser, 7, 'The called AE title is not ours, and strictAeTitle is set.');
  }
  if (policy.strictAeTitle && request.callingAeTitle === '') {
    return refuse(byServiceUser, 3, 'The calling AE title is empty, and strictAeTitle is set.');
  }
  if (request.presentationContexts.length === 0) {
    return refuse(byServiceUser, 1, 'No presentation context is proposed.');
  }
  return undefined;
}

/**
 * Answers each presentation context and each option of the caller. PS3.8 §7.1.1, PS3.7 §D.3.3.
 * @param isIdentified whether the caller's user identity was checked and is right
 */
export function negotiate(request: AssociateRequest, policy: NegotiationPolicy, isIdentified = false): AssociateAccept {
  const common = new Map(request.commonExtendedNegotiations.map((entry) => [entry.sopClassUid, entry]));
  const servicesOf = (sopClassUid: string): DimseService[] =>
    policy.services.filter((service) => service.acceptsSopClass(sopClassUid, common.get(sopClassUid)));

  const invokes = (sopClassUid: string): boolean =>
    policy.services.some((service) => service.invokes?.(sopClassUid) ?? false);
  const roles = firstPerSopClass(request.roleSelections).map(({ sopClassUid, scu, scp }) => ({
    sopClassUid,
    scu: scu && servicesOf(sopClassUid).length > 0,
    scp: scp && invokes(sopClassUid),
  }));
  const receives = new Set(roles.filter(({ scp }) => scp).map(({ sopClassUid }) => sopClassUid));

  const contexts = request.presentationContexts.map((context) =>
    answerContext(context, servicesOf(context.abstractSyntaxUid), receives.has(context.abstractSyntaxUid)),
  );
  const accepted = new Set(
    contexts.filter(({ result }) => result === contextResult.acceptance).map((context) => context.abstractSyntaxUid),
  );
  return {
    contexts,
    maxPduBytes: policy.maxPduBytes,
    implementationClassUid,
    implementationVersionName,
    asynchronousOperations: request.asynchronousOperations && {
      invoked: atMost(policy.maxOperations, request.asynchronousOperations.invoked),
      performed: atMost(1, request.asynchronousOperations.performed),
    },
    roleSelections: roles.filter(({ sopClassUid }) => accepted.has(sopClassUid)),
    extendedNegotiations: firstPerSopClass(request.extendedNegotiations)
      .filter(({ sopClassUid }) => accepted.has(sopClassUid))
      .flatMap((proposed) => answerExtended(proposed, servicesOf(proposed.sopClassUid))),
    acknowledgesUserIdentity: isIdentified && (request.userIdentity?.responseRequested ?? false),
  };
}

function answerContext(
  context: ProposedContext,
  services: readonly DimseService[],
  isReceiver: boolean,
): AnsweredContext {
  const anySyntax = context.transferSyntaxUids[0] ?? '';
  // What we only send, no service of ours has to take.
  if (services.length === 0 && !isReceiver) {
    return { ...context, result: contextResult.abstractSyntaxNotSupported, transferSyntaxUid: anySyntax };
  }
  const transferSyntaxUid = chooseTransferSyntax(
    context.transferSyntaxUids.filter((uid) =>
      services.length === 0
        ? transferSyntax(uid) !== undefined
        : services.some((service) => service.acceptsTransferSyntax(uid)),
    ),
    isReceiver,
  );
  if (transferSyntaxUid === undefined) {
    return { ...context, result: contextResult.transferSyntaxesNotSupported, transferSyntaxUid: anySyntax };
  }
  return { ...context, result: contextResult.acceptance, transferSyntaxUid };
}

/**
 * The first that the caller lists among compressed and explicit ones: implicit VR loses the VR of private attributes. To
 * a caller who receives, Explicit VR Little Endian is what nearly everything stored can be sent in, or else Implicit.
 */
function chooseTransferSyntax(acceptable: readonly string[], isReceiver: boolean): string | undefined {
  const { explicitVrLittleEndian, implicitVrLittleEndian } = transferSyntaxUids;
  const native = [explicitVrLittleEndian, implicitVrLittleEndian].find((uid) => isReceiver && acceptable.includes(uid));
  if (native !== undefined) return native;
  return acceptable.find((uid) => transferSyntax(uid)?.explicitVr) ?? acceptable[0];
}

/** 0 means without limit, PS3.7 §D.3.3.3. */
function atMost(ours: number, theirs: number): number {
  return theirs === 0 ? ours : Math.min(ours, theirs);
}

function answerExtended(proposed: ExtendedNegotiation, services: readonly DimseService[]): ExtendedNegotiation[] {
  for (const service of services) {
    const applicationInfo = service.answerExtendedNegotiation?.(proposed);
    if (applicationInfo !== undefined) return [{ sopClassUid: proposed.sopClassUid, applicationInfo }];
  }
  return [];
}

function firstPerSopClass<T extends { readonly sopClassUid: string }>(entries: readonly T[]): T[] {
  const seen = new Set<string>();
  return entries.filter(({ sopClassUid }) => !seen.has(sopClassUid) && seen.add(sopClassUid));
}
