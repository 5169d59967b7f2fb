import { type AbortReason, abortSource, pduHeaderBytes, pduType, pdvHeaderBytes, type Rejection } from './pdu.ts';

/** One PDU: header and variable field. PS3.8 §9.3.1. */
export function encodePdu(type: number, ...body: readonly Uint8Array[]): Buffer {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const header = Buffer.alloc(pduHeaderBytes);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(length, 2);
  return Buffer.concat([header, ...body], pduHeaderBytes + length);
}

/** A-ASSOCIATE-RJ. PS3.8 §9.3.4. */
export function encodeAssociateReject({ result, source, reason }: Rejection): Buffer {
  return encodePdu(pduType.associateRj, Buffer.from([0, result, source, reason]));
}

/** A-RELEASE-RQ. PS3.8 §9.3.6. */
export function encodeReleaseRequest(): Buffer {
  return encodePdu(pduType.releaseRq, Buffer.alloc(4));
}

/** A-RELEASE-RP. PS3.8 §9.3.7. */
export function encodeReleaseReply(): Buffer {
  return encodePdu(pduType.releaseRp, Buffer.alloc(4));
}

/** A-ABORT by the service user, who gives no reason, or by the service provider, who does. PS3.8 §9.3.8. */
export function encodeAbort(by: 'service-user' | AbortReason): Buffer {
  const [source, reason] = by === 'service-user' ? [abortSource.serviceUser, 0] : [abortSource.serviceProvider, by];
  return encodePdu(pduType.abort, Buffer.from([0, 0, source, reason]));
}

/**
 * The header of a P-DATA-TF PDU that holds one presentation data value.
 * @param length bytes of the fragment that follows
 * @see PS3.8 §9.3.5, §E.2
 */
export function encodeFragmentHeader(contextId: number, isCommand: boolean, isLast: boolean, length: number): Buffer {
  const header = Buffer.allocUnsafe(pduHeaderBytes + pdvHeaderBytes);
  header.writeUInt8(pduType.pData, 0);
  header.writeUInt8(0, 1);
  header.writeUInt32BE(length + pdvHeaderBytes, 2);
  header.writeUInt32BE(length + 2, 6);
  header.writeUInt8(contextId, 10);
  header.writeUInt8((isCommand ? 1 : 0) | (isLast ? 2 : 0), 11);
  return header;
}
