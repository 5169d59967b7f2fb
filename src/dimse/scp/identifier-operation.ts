import type { QueryRetrieveRoot } from '../../dicom/find-query.ts';
import type { EncodedIdentifier } from '../../dicom/identifier.ts';
import type { DicomJson } from '../../dicom/json-model.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { Access } from '../../peers/create-access.ts';
import type { PeerOperation } from '../../peers/peers.ts';
import { statusOfQueryError } from '../command/retrieve-status.ts';
import { status, statusText } from '../command/status.ts';
import { gatherIdentifier } from '../gather-identifier.ts';
import { heldByRequests } from '../held-bytes.ts';
import type { DimseOperation, DimseRequest, Respond } from '../service.ts';
import { gathering } from './gathering.ts';

/** What a caller asks for, who may ask for it. */
export interface IdentifierRequest {
  readonly root: QueryRetrieveRoot;
  /** @throws CausewayError `limit-exceeded`, `malformed`, `truncated` */
  readIdentifier(): DicomJson;
  /** The same, with the character set that it was in. */
  readEncodedIdentifier(): EncodedIdentifier;
  /** C-CANCEL has come, or the association is gone. */
  readonly stop: AbortSignal;
  /** The association is gone. */
  readonly gone: AbortSignal;
  /** Answers that it will not be done, and why. */
  refuse(code: number, message: string): Promise<void>;
}

export interface IdentifierOperationOptions {
  /** For the log. */
  readonly what: 'query' | 'retrieval';
  readonly operation: PeerOperation;
  readonly access: Access;
  /** Undefined where the presentation context is for something else, which `wrongContext` says to the caller. */
  readonly root: QueryRetrieveRoot | undefined;
  readonly wrongContext: string;
  /** Sends the responses. An error that is the caller's, or passes, is answered as a refusal. */
  perform(request: IdentifierRequest): Promise<void>;
}

/** What C-FIND, C-MOVE and C-GET do alike: an Identifier comes, from somebody who may ask or may not. PS3.4 annexes C, K. */
export function beginIdentifierOperation(
  { association, context, hasDataSet, log }: DimseRequest,
  respond: Respond,
  { what, operation, access, root, wrongContext, perform }: IdentifierOperationOptions,
): DimseOperation {
  const identifier = gatherIdentifier(undefined, heldByRequests.of(association.address));
  const refused = access(operation, association);
  const stop = new AbortController();
  const gone = new AbortController();

  async function refuse(code: number, message: string, tag?: string): Promise<void> {
    log.warn(`A ${what} was refused.`, { status: statusText(code), reason: message });
    await respond({ status: code, errorComment: message, ...(tag === undefined ? {} : { offendingElement: [tag] }) });
  }

  return gathering(identifier, refused, {
    async finish() {
      if (root === undefined) return refuse(status.sopClassNotSupported, wrongContext);
      if (!hasDataSet) return refuse(status.mistypedArgument, 'There is no Identifier.');
      const refusal = await refused;
      if (refusal !== undefined) return refuse(status.notAuthorized, refusal);
      const readIdentifier = () => identifier.read(context.transferSyntaxUid);
      const readEncodedIdentifier = () => identifier.readEncoded(context.transferSyntaxUid);
      try {
        await perform({ root, readIdentifier, readEncodedIdentifier, stop: stop.signal, gone: gone.signal, refuse });
      } catch (thrown) {
        const code = thrown instanceof CausewayError ? statusOfQueryError[thrown.code] : undefined;
        if (code === undefined || gone.signal.aborted) throw thrown;
        const { message, details } = thrown as CausewayError;
        await refuse(code, message, typeof details.tag === 'string' ? details.tag : undefined);
      }
    },
    cancel: () => stop.abort(),
    async abort() {
      gone.abort();
      stop.abort();
    },
  });
}
