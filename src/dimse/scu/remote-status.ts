import { saysNotStored } from '../../dicom/not-stored.ts';
import { CausewayError, type ErrorCode } from '../../kernel/errors.ts';
import type { CommandSet } from '../command/command-set.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { status, statusText } from '../command/status.ts';

const known: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  [status.notAuthorized]: ['unavailable', 'does not allow it'],
  [status.sopClassNotSupported]: ['sop-class-unsupported', 'does not support it'],
  [status.unrecognizedOperation]: ['sop-class-unsupported', 'does not support it'],
  [retrieveStatus.identifierDoesNotMatch]: ['bad-request', 'cannot make sense of the Identifier'],
  [retrieveStatus.moveDestinationUnknown]: ['unavailable', 'does not know the move destination'],
};

/**
 * A failure that a peer answered, in words with its own.
 * @see PS3.7 annex C, PS3.4 tables C.4-1 to C.4-3
 */
export function remoteFailure(operation: string, response: CommandSet): CausewayError {
  const { status: code = status.processingFailure, errorComment, offendingElement } = response;
  const isShortOfResources = code >> 8 === 0xa7;
  const otherwise = isShortOfResources ? 'is short of resources' : 'failed';
  const [errorCode, words] = saysNotStored(code, errorComment)
    ? (['duplicate-differs', 'keeps what it has'] as const)
    : (known[code] ?? (['unavailable', otherwise] as const));
  const comment = errorComment === undefined || errorComment === '' ? '' : `: ${errorComment}`;
  const element = offendingElement?.[0] === undefined ? '' : ` at ${offendingElement[0]}`;
  const message = `The peer ${words}, it answered ${operation} with ${statusText(code)}${element}${comment}.`;
  return new CausewayError(errorCode, message.replace(/\.\.$/, '.'), {
    details: { status: statusText(code) },
  });
}
