import { CausewayError } from '../../kernel/errors.ts';

/** Types of the protocol data units of the DICOM Upper Layer. PS3.8 §9.3. */
export const pduType = {
  associateRq: 0x01,
  associateAc: 0x02,
  associateRj: 0x03,
  pData: 0x04,
  releaseRq: 0x05,
  releaseRp: 0x06,
  abort: 0x07,
} as const;

/** Bytes before the variable field of a PDU: type, reserved, length. */
export const pduHeaderBytes = 6;

/** Bytes of a presentation data value before its fragment: length, context id, message control header. PS3.8 §9.3.5.1. */
export const pdvHeaderBytes = 6;

/** Source of an A-ABORT. PS3.8 table 9-26. */
export const abortSource = { serviceUser: 0, serviceProvider: 2 } as const;

/** Reason of an A-ABORT by the service provider. PS3.8 table 9-26. */
export const abortReason = {
  notSpecified: 0,
  unrecognizedPdu: 1,
  unexpectedPdu: 2,
  unrecognizedParameter: 4,
  unexpectedParameter: 5,
  invalidParameterValue: 6,
} as const;

export type AbortReason = (typeof abortReason)[keyof typeof abortReason];

/** Why an association is refused: result, source and reason of A-ASSOCIATE-RJ. PS3.8 table 9-21. */
export interface Rejection {
  readonly result: 1 | 2;
  readonly source: 1 | 2 | 3;
  readonly reason: number;
  /** For the log. */
  readonly message: string;
}

/** What a peer did against PS3.8; the association answers it with an A-ABORT that carries `reason`. */
export function protocolViolation(reason: AbortReason, message: string): CausewayError {
  return new CausewayError('malformed', message, { details: { abortReason: reason } });
}

/** @returns the reason that `protocolViolation` gave the error, else `notSpecified` */
export function abortReasonOf(error: CausewayError): AbortReason {
  const reason = error.details['abortReason'];
  return Object.values(abortReason).find((known) => known === reason) ?? abortReason.notSpecified;
}
