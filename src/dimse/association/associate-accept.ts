import { ascii, item, uint16 } from './associate-items.ts';
import {
  type AssociateRequest,
  type ExtendedNegotiation,
  encodeExtendedNegotiation,
  encodeRoleSelection,
  itemType,
  type ProposedContext,
  type RoleSelection,
  readExtendedNegotiation,
  readMaximumLength,
} from './associate-request.ts';
import { createFieldReader, readItems, uid } from './field-reader.ts';
import { pduType } from './pdu.ts';
import { encodePdu } from './pdu-writer.ts';

/** Result of a presentation context. PS3.8 table 9-18. */
export const contextResult = {
  acceptance: 0,
  userRejection: 1,
  noReason: 2,
  abstractSyntaxNotSupported: 3,
  transferSyntaxesNotSupported: 4,
} as const;

type ContextResult = (typeof contextResult)[keyof typeof contextResult];

/** A presentation context with our answer. */
export interface AnsweredContext extends ProposedContext {
  readonly result: ContextResult;
  /** What was chosen; without meaning to the caller where the context is refused. */
  readonly transferSyntaxUid: string;
}

/** What an A-ASSOCIATE-AC says. PS3.8 §9.3.3, PS3.7 §D.3.3. */
export interface AssociateAccept {
  readonly contexts: readonly AnsweredContext[];
  /** Longest P-DATA-TF variable field that we take, in bytes. */
  readonly maxPduBytes: number;
  readonly implementationClassUid: string;
  readonly implementationVersionName: string;
  /** Only where the caller asked. */
  readonly asynchronousOperations: { readonly invoked: number; readonly performed: number } | undefined;
  readonly roleSelections: readonly RoleSelection[];
  readonly extendedNegotiations: readonly ExtendedNegotiation[];
  /** True where the user identity was checked, is right and the caller asked to be told so. */
  readonly acknowledgesUserIdentity: boolean;
}

const protocolVersion = 1;
/** Protocol version, a reserved field, what the request had in 64 bytes. */
const fixedFieldsBytes = 68;

/** A whole A-ASSOCIATE-AC PDU. */
export function encodeAssociateAccept(request: AssociateRequest, accept: AssociateAccept): Buffer {
  return encodePdu(
    pduType.associateAc,
    uint16(protocolVersion),
    uint16(0),
    request.repeatedFields,
    item(itemType.applicationContext, ascii(request.applicationContextName)),
    ...accept.contexts.map(encodeContext),
    item(itemType.userInformation, ...encodeUserInformation(accept)),
  );
}

function encodeContext({ id, result, transferSyntaxUid }: AnsweredContext): Buffer {
  return item(
    itemType.presentationContextAc,
    Buffer.from([id, 0, result, 0]),
    item(itemType.transferSyntax, ascii(transferSyntaxUid)),
  );
}

function encodeUserInformation(accept: AssociateAccept): Buffer[] {
  const maximumLength = Buffer.alloc(4);
  maximumLength.writeUInt32BE(accept.maxPduBytes);
  const subItems = [
    item(itemType.maximumLength, maximumLength),
    item(itemType.implementationClassUid, ascii(accept.implementationClassUid)),
  ];
  if (accept.asynchronousOperations !== undefined) {
    const { invoked, performed } = accept.asynchronousOperations;
    subItems.push(item(itemType.asynchronousOperations, uint16(invoked), uint16(performed)));
  }
  subItems.push(...accept.roleSelections.map(encodeRoleSelection));
  subItems.push(item(itemType.implementationVersionName, ascii(accept.implementationVersionName)));
  subItems.push(...accept.extendedNegotiations.map(encodeExtendedNegotiation));
  // The server response is empty but for Kerberos and SAML, PS3.7 §D.3.3.7.2.
  if (accept.acknowledgesUserIdentity) subItems.push(item(itemType.userIdentityAc, uint16(0)));
  return subItems;
}

/** What we learn of our proposals from an A-ASSOCIATE-AC. */
export interface AcceptedAssociation {
  readonly contexts: readonly { readonly id: number; readonly result: number; readonly transferSyntaxUid: string }[];
  /** Longest P-DATA-TF variable field that the acceptor takes, in bytes; 0 means any. */
  readonly maxPduBytes: number;
  readonly extendedNegotiations: readonly ExtendedNegotiation[];
  /** What the acceptor says to our user identity: empty but for Kerberos and SAML; undefined if it says nothing. */
  readonly userIdentityResponse: Buffer | undefined;
}

/**
 * Reads the variable field of an A-ASSOCIATE-AC.
 * @throws CausewayError by `protocolViolation`
 */
export function decodeAssociateAccept(body: Buffer): AcceptedAssociation {
  const fields = createFieldReader(body, 'A-ASSOCIATE-AC');
  fields.bytes(fixedFieldsBytes);
  const contexts: { id: number; result: number; transferSyntaxUid: string }[] = [];
  const extendedNegotiations: ExtendedNegotiation[] = [];
  let maxPduBytes = 0;
  let userIdentityResponse: Buffer | undefined;
  for (const { type, value } of readItems(fields)) {
    if (type === itemType.presentationContextAc) contexts.push(readContext(value));
    if (type !== itemType.userInformation) continue;
    for (const sub of readItems(createFieldReader(value, 'user information'))) {
      if (sub.type === itemType.maximumLength) maxPduBytes = readMaximumLength(sub.value);
      if (sub.type === itemType.extendedNegotiation) extendedNegotiations.push(readExtendedNegotiation(sub.value));
      if (sub.type === itemType.userIdentityAc) {
        userIdentityResponse = createFieldReader(sub.value, 'user identity response').counted();
      }
    }
  }
  return { contexts, maxPduBytes, extendedNegotiations, userIdentityResponse };
}

function readContext(value: Buffer): AcceptedAssociation['contexts'][number] {
  const fields = createFieldReader(value, 'presentation context');
  const id = fields.uint8();
  fields.bytes(1);
  const result = fields.uint8();
  fields.bytes(1);
  const syntax = [...readItems(fields)].find(({ type }) => type === itemType.transferSyntax);
  return { id, result, transferSyntaxUid: syntax === undefined ? '' : uid(syntax.value) };
}
