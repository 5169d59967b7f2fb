import { ascii, counted, item, uint16 } from './associate-items.ts';
import { createFieldReader, type FieldReader, readItems, text, uid } from './field-reader.ts';
import { abortReason, pduType, pdvHeaderBytes, protocolViolation } from './pdu.ts';
import { encodePdu } from './pdu-writer.ts';

/** A presentation context as the caller proposed it. PS3.8 §9.3.2.2. */
export interface ProposedContext {
  readonly id: number;
  readonly abstractSyntaxUid: string;
  /** In the caller's order of preference. */
  readonly transferSyntaxUids: readonly string[];
}

/** SCP/SCU role selection of one SOP class. PS3.7 §D.3.3.4. */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** SOP class extended negotiation: bytes that mean what the service class says. PS3.7 §D.3.3.5. */
export interface ExtendedNegotiation {
  readonly sopClassUid: string;
  readonly applicationInfo: Buffer;
}

/** SOP class common extended negotiation: what kind a SOP class is of. PS3.7 §D.3.3.6. */
export interface CommonExtendedNegotiation {
  readonly sopClassUid: string;
  readonly serviceClassUid: string;
  readonly relatedGeneralSopClassUids: readonly string[];
}

/** PS3.7 §D.3.3.7. */
export interface UserIdentity {
  /** 1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JSON Web Token. */
  readonly type: number;
  readonly responseRequested: boolean;
  /** User name, ticket, assertion or token. */
  readonly primary: Buffer;
  /** The passcode; empty unless there is one. */
  readonly secondary: Buffer;
}

/** What an A-ASSOCIATE-RQ says. PS3.8 §9.3.2, PS3.7 §D.3.3. */
export interface AssociateRequest {
  readonly protocolVersion: number;
  /** Without padding. */
  readonly calledAeTitle: string;
  /** Without padding. */
  readonly callingAeTitle: string;
  /** Both titles and the reserved field after them as received: an acceptance repeats them. */
  readonly repeatedFields: Buffer;
  readonly applicationContextName: string;
  readonly presentationContexts: readonly ProposedContext[];
  /** Longest P-DATA-TF variable field that the caller takes, in bytes; 0 means any. */
  readonly maxPduBytes: number;
  readonly implementationClassUid: string;
  readonly implementationVersionName: string;
  readonly asynchronousOperations: { readonly invoked: number; readonly performed: number } | undefined;
  readonly roleSelections: readonly RoleSelection[];
  readonly extendedNegotiations: readonly ExtendedNegotiation[];
  readonly commonExtendedNegotiations: readonly CommonExtendedNegotiation[];
  readonly userIdentity: UserIdentity | undefined;
}

/** Types of the items and sub-items of an A-ASSOCIATE PDU. */
export const itemType = {
  applicationContext: 0x10,
  presentationContextRq: 0x20,
  presentationContextAc: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maximumLength: 0x51,
  implementationClassUid: 0x52,
  asynchronousOperations: 0x53,
  roleSelection: 0x54,
  implementationVersionName: 0x55,
  extendedNegotiation: 0x56,
  commonExtendedNegotiation: 0x57,
  userIdentityRq: 0x58,
  userIdentityAc: 0x59,
} as const;

export const dicomApplicationContext = '1.2.840.10008.3.1.1.1';

const fixedFieldsBytes = 68;

/** Shortest maximum length with which anything of a message fits into a PDU: fragments have an even number of bytes. */
const minMaxPduBytes = pdvHeaderBytes + 2;

/**
 * Reads the variable field of an A-ASSOCIATE-RQ. Items that are unknown are passed over, as PS3.8 §9.3.1 demands.
 * @throws CausewayError by `protocolViolation`
 */
export function decodeAssociateRequest(body: Buffer): AssociateRequest {
  const fields = createFieldReader(body, 'A-ASSOCIATE-RQ');
  const protocolVersion = fields.uint16();
  fields.bytes(2);
  const repeatedFields = fields.bytes(fixedFieldsBytes - 4);

  let applicationContextName = '';
  const presentationContexts: ProposedContext[] = [];
  const contextIds = new Set<number>();
  let userInformation: UserInformation | undefined;
  for (const each of readItems(fields)) {
    if (each.type === itemType.applicationContext) applicationContextName = uid(each.value);
    else if (each.type === itemType.presentationContextRq)
      presentationContexts.push(readContext(each.value, contextIds));
    else if (each.type === itemType.userInformation) userInformation ??= readUserInformation(each.value);
  }

  return {
    protocolVersion,
    calledAeTitle: text(repeatedFields.subarray(0, 16)),
    callingAeTitle: text(repeatedFields.subarray(16, 32)),
    repeatedFields,
    applicationContextName,
    presentationContexts,
    ...(userInformation ?? readUserInformation(Buffer.alloc(0))),
  };
}

/** What we say when we open an association. */
export interface AssociateProposal {
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly presentationContexts: readonly ProposedContext[];
  readonly roleSelections: readonly RoleSelection[];
  readonly extendedNegotiations: readonly ExtendedNegotiation[];
  /** Longest P-DATA-TF variable field that we take, in bytes. */
  readonly maxPduBytes: number;
  readonly implementationClassUid: string;
  readonly implementationVersionName: string;
  readonly userIdentity?: UserIdentity | undefined;
}

/** A whole A-ASSOCIATE-RQ PDU. */
export function encodeAssociateRequest(proposal: AssociateProposal): Buffer {
  const fixed = Buffer.alloc(fixedFieldsBytes);
  fixed.writeUInt16BE(1);
  fixed.write(proposal.calledAeTitle.padEnd(16), 4, 'latin1');
  fixed.write(proposal.callingAeTitle.padEnd(16), 20, 'latin1');
  const maximumLength = Buffer.alloc(4);
  maximumLength.writeUInt32BE(proposal.maxPduBytes);
  return encodePdu(
    pduType.associateRq,
    fixed,
    item(itemType.applicationContext, ascii(dicomApplicationContext)),
    ...proposal.presentationContexts.map(({ id, abstractSyntaxUid, transferSyntaxUids }) =>
      item(
        itemType.presentationContextRq,
        Buffer.from([id, 0, 0, 0]),
        item(itemType.abstractSyntax, ascii(abstractSyntaxUid)),
        ...transferSyntaxUids.map((syntax) => item(itemType.transferSyntax, ascii(syntax))),
      ),
    ),
    item(
      itemType.userInformation,
      item(itemType.maximumLength, maximumLength),
      item(itemType.implementationClassUid, ascii(proposal.implementationClassUid)),
      ...proposal.roleSelections.map(encodeRoleSelection),
      item(itemType.implementationVersionName, ascii(proposal.implementationVersionName)),
      ...proposal.extendedNegotiations.map(encodeExtendedNegotiation),
      ...(proposal.userIdentity === undefined ? [] : [encodeUserIdentity(proposal.userIdentity)]),
    ),
  );
}

/** The sub-item, the same in a request and in its answer. PS3.7 §D.3.3.4. */
export function encodeRoleSelection({ sopClassUid, scu, scp }: RoleSelection): Buffer {
  return item(itemType.roleSelection, counted(sopClassUid), Buffer.from([scu ? 1 : 0, scp ? 1 : 0]));
}

/** The sub-item, the same in a request and in its answer. PS3.7 §D.3.3.5. */
export function encodeExtendedNegotiation({ sopClassUid, applicationInfo }: ExtendedNegotiation): Buffer {
  return item(itemType.extendedNegotiation, counted(sopClassUid), applicationInfo);
}

/** Reads the value of a sub-item. @throws CausewayError by `protocolViolation` */
export function readExtendedNegotiation(value: Buffer): ExtendedNegotiation {
  const fields = createFieldReader(value, 'extended negotiation');
  return { sopClassUid: uid(fields.counted()), applicationInfo: fields.rest() };
}

function encodeUserIdentity({ type, responseRequested, primary, secondary }: UserIdentity): Buffer {
  const start = Buffer.from([type, responseRequested ? 1 : 0]);
  return item(itemType.userIdentityRq, start, uint16(primary.length), primary, uint16(secondary.length), secondary);
}

/** There are 128 ids: one that comes again is refused before what it proposes is read. */
function checkContextId(id: number, seen: Set<number>): void {
  if (id % 2 === 0) throw invalid(`Presentation context id ${id} is not odd`);
  if (seen.has(id)) throw invalid(`Presentation context id ${id} is proposed twice`);
  seen.add(id);
}

function readContext(value: Buffer, contextIds: Set<number>): ProposedContext {
  const fields = createFieldReader(value, 'presentation context');
  const id = fields.uint8();
  checkContextId(id, contextIds);
  fields.bytes(3);
  let abstractSyntaxUid = '';
  const transferSyntaxUids: string[] = [];
  for (const each of readItems(fields)) {
    if (each.type === itemType.abstractSyntax) abstractSyntaxUid = uid(each.value);
    else if (each.type === itemType.transferSyntax) transferSyntaxUids.push(uid(each.value));
  }
  return { id, abstractSyntaxUid, transferSyntaxUids };
}

type UserInformation = Pick<
  AssociateRequest,
  | 'maxPduBytes'
  | 'implementationClassUid'
  | 'implementationVersionName'
  | 'asynchronousOperations'
  | 'roleSelections'
  | 'extendedNegotiations'
  | 'commonExtendedNegotiations'
  | 'userIdentity'
>;

/**
 * Reads a maximum length sub-item, of a request or of its acceptance. PS3.8 §D.1.
 * @returns bytes; 0 means any
 * @throws CausewayError by `protocolViolation`
 */
export function readMaximumLength(value: Buffer): number {
  const maxPduBytes = createFieldReader(value, 'maximum length').uint32();
  if (maxPduBytes !== 0 && maxPduBytes < minMaxPduBytes) {
    throw invalid(`The maximum length of ${maxPduBytes} bytes has no room for data`);
  }
  return maxPduBytes;
}

function readUserInformation(value: Buffer): UserInformation {
  let maxPduBytes = 0;
  let implementationClassUid = '';
  let implementationVersionName = '';
  let asynchronousOperations: AssociateRequest['asynchronousOperations'];
  const roleSelections: RoleSelection[] = [];
  const extendedNegotiations: ExtendedNegotiation[] = [];
  const commonExtendedNegotiations: CommonExtendedNegotiation[] = [];
  let userIdentity: UserIdentity | undefined;

  for (const each of readItems(createFieldReader(value, 'user information'))) {
    const fields = createFieldReader(each.value, `user information sub-item ${each.type.toString(16)}H`);
    switch (each.type) {
      case itemType.maximumLength:
        maxPduBytes = readMaximumLength(each.value);
        break;
      case itemType.implementationClassUid:
        implementationClassUid = uid(each.value);
        break;
      case itemType.implementationVersionName:
        implementationVersionName = text(each.value);
        break;
      case itemType.asynchronousOperations:
        asynchronousOperations = { invoked: fields.uint16(), performed: fields.uint16() };
        break;
      case itemType.roleSelection:
        roleSelections.push({
          sopClassUid: uid(fields.counted()),
          scu: fields.uint8() === 1,
          scp: fields.uint8() === 1,
        });
        break;
      case itemType.extendedNegotiation:
        extendedNegotiations.push(readExtendedNegotiation(each.value));
        break;
      case itemType.commonExtendedNegotiation:
        commonExtendedNegotiations.push(readCommonExtendedNegotiation(fields));
        break;
      case itemType.userIdentityRq:
        userIdentity = {
          type: fields.uint8(),
          responseRequested: fields.uint8() === 1,
          primary: fields.counted(),
          secondary: fields.counted(),
        };
        break;
    }
  }
  return {
    maxPduBytes,
    implementationClassUid,
    implementationVersionName,
    asynchronousOperations,
    roleSelections,
    extendedNegotiations,
    commonExtendedNegotiations,
    userIdentity,
  };
}

function readCommonExtendedNegotiation(fields: FieldReader): CommonExtendedNegotiation {
  const sopClassUid = uid(fields.counted());
  const serviceClassUid = uid(fields.counted());
  const related = createFieldReader(fields.counted(), 'related general SOP classes');
  const relatedGeneralSopClassUids: string[] = [];
  while (related.remaining > 0) relatedGeneralSopClassUids.push(uid(related.counted()));
  return { sopClassUid, serviceClassUid, relatedGeneralSopClassUids };
}

function invalid(message: string) {
  return protocolViolation(abortReason.invalidParameterValue, `${message}.`);
}
