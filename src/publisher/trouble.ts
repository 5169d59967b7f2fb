import { asCausewayError, type CausewayError, type ErrorCode } from '../kernel/errors.ts';

/** What passes by itself: of the receiver, the network, or this house. All else would fail again. */
const passing = new Set<ErrorCode>(['unavailable', 'timed-out', 'storage-full', 'aborted', 'internal', 'conflict']);

/** Whether it is worth another try. */
export function isPassing(error: CausewayError): boolean {
  return passing.has(error.code);
}

/** For how long a receiver has said that it wants to be left alone, milliseconds: 0 where it has said nothing. */
export function restMs({ details }: CausewayError): number {
  const { retryAfterSeconds } = details;
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1000 : 0;
}

/** Of the place to which things are sent, so that whatever else is sent there fails as well. */
export function isOutage(thrown: unknown): boolean {
  const { code, details } = asCausewayError(thrown);
  // Who answers too much is there: what else is sent may well be answered.
  if (details.limit === 'maxAnswerBytes') return false;
  return code === 'unavailable' || code === 'timed-out';
}
