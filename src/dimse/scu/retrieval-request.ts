import { writeIdentifier } from '../../dicom/identifier.ts';
import { textValues } from '../../dicom/match-values.ts';
import { asCausewayError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { CommandSet } from '../command/command-set.ts';
import { retrieveStatus } from '../command/retrieve-status.ts';
import { isWarning, status } from '../command/status.ts';
import type { Answer, Peer } from '../service.ts';
import { queryContext } from './remote-query.ts';
import { remoteFailure } from './remote-status.ts';
import { type RemoteTarget, retrieveIdentifier } from './retrieve-identifier.ts';

/** How far a retrieval has come, as the peer tells. */
export interface RetrievalProgress {
  readonly remaining: number | undefined;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

export interface RetrievalResult extends RetrievalProgress {
  readonly cancelled: boolean;
  readonly failedSopInstanceUids: readonly string[];
}

export interface RetrievalOptions {
  onProgress?(progress: RetrievalProgress): void;
  /** Sends C-CANCEL. */
  readonly signal?: AbortSignal | undefined;
  /** As in `RequestOptions`. */
  prolong?(restart: () => void): () => void;
}

interface RequestedRetrieval {
  readonly target: RemoteTarget;
  readonly options: RetrievalOptions;
  readonly log: Log;
}

const names = { move: 'C-MOVE', get: 'C-GET' } as const;

/**
 * What C-MOVE and C-GET do alike as SCU. A retrieval in which some or all instances failed is a result, not an error.
 * @throws CausewayError `sop-class-unsupported`, `bad-request`, `unavailable` as the peer answers; `aborted`
 */
export async function requestRetrieval(
  peer: Peer,
  operation: 'move' | 'get',
  command: CommandSet,
  { target, options: { onProgress, prolong, signal }, log }: RequestedRetrieval,
): Promise<RetrievalResult> {
  const { root, context } = queryContext(operation, peer.contexts);
  const { response, readDataSet } = await peer.request(
    context.id,
    { affectedSopClassUid: context.abstractSyntaxUid, priority: 0, ...command },
    {
      dataSet: [writeIdentifier(retrieveIdentifier(target, root), context.transferSyntaxUid)],
      onPending(answer) {
        onProgress?.(progressOf(answer.response));
        return undefined;
      },
      ...(prolong === undefined ? {} : { prolong }),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const code = response.status ?? status.processingFailure;
  const isResult = code === status.success || code === retrieveStatus.cancelled || isWarning(code);
  if (!isResult && code !== retrieveStatus.unableToPerformSuboperations)
    throw remoteFailure(names[operation], response);
  return {
    ...progressOf(response),
    cancelled: code === retrieveStatus.cancelled,
    failedSopInstanceUids: failedUids(readDataSet, log),
  };
}

function progressOf(response: CommandSet): RetrievalProgress {
  return {
    remaining: response.numberOfRemainingSuboperations,
    completed: response.numberOfCompletedSuboperations ?? 0,
    failed: response.numberOfFailedSuboperations ?? 0,
    warning: response.numberOfWarningSuboperations ?? 0,
  };
}

/** Archives announce a list and send none, or one that nobody can read: what was sent has been sent for all that. */
function failedUids(readDataSet: Answer['readDataSet'], log: Log): string[] {
  try {
    return readDataSet === undefined ? [] : textValues(readDataSet()['00080058']);
  } catch (thrown) {
    log.warn('What a peer says it could not send cannot be read.', { reason: asCausewayError(thrown).message });
    return [];
  }
}
