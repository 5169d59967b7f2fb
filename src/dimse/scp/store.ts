import { encodeFileHeader } from '../../dicom/file-meta.ts';
import { storageSopClass } from '../../dicom/storage-sop-classes.ts';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import type { Ingest, InstanceReceiver } from '../../ingest/ingest.ts';
import type { Access } from '../../peers/create-access.ts';
import type { CommonExtendedNegotiation } from '../association/associate-request.ts';
import { commandField } from '../command/command-field.ts';
import { isWarning, status, statusText } from '../command/status.ts';
import type { DimseOperation, DimseRequest, DimseResponse, DimseService, Respond } from '../service.ts';
import { gatherSmallChunks } from './gather-small-chunks.ts';
import { storeResponse } from './store-status.ts';

export interface StoreServiceOptions {
  readonly ingest: Ingest;
  readonly access: Access;
  /** UIDs of private SOP classes to accept besides those of the Standard. */
  readonly privateSopClassUids: readonly string[];
}

const storageServiceClass = '1.2.840.10008.4.2';

/**
 * Level of support 2 (full: nothing is left out), signature level 3 (signatures stay valid), no coercion, each followed by
 * a reserved byte: instances are kept as they are received. PS3.4 §B.3.1.
 */
const keepsAll = Buffer.from([2, 0, 3, 0, 0, 0]);

/** Storage as SCP: C-STORE. PS3.4 annex B, PS3.7 §9.1.1. */
export function createStoreService(options: StoreServiceOptions): DimseService {
  const known = (uid: string): boolean => isKnown(uid, options);
  return {
    name: 'C-STORE',
    commandField: commandField.cStore,
    acceptsSopClass: (uid, common) => known(uid) || specializes(common, known),
    acceptsTransferSyntax: (uid) => transferSyntax(uid) !== undefined,
    answerExtendedNegotiation: () => keepsAll,
    begin: (request, respond) => beginStore(request, respond, options),
  };
}

function isKnown(uid: string, { privateSopClassUids }: Pick<StoreServiceOptions, 'privateSopClassUids'>): boolean {
  return storageSopClass(uid) !== undefined || privateSopClassUids.includes(uid);
}

/** A caller may say that a SOP class, unknown to us, is a specialization of one that we know. PS3.4 §B.3.1.4. */
function specializes(common: CommonExtendedNegotiation | undefined, known: (uid: string) => boolean): boolean {
  return common?.serviceClassUid === storageServiceClass && common.relatedGeneralSopClassUids.some(known);
}

function beginStore(request: DimseRequest, respond: Respond, options: StoreServiceOptions): DimseOperation {
  const { association, command, context } = request;
  const { affectedSopClassUid: sopClassUid, affectedSopInstanceUid: sopInstanceUid } = command;
  const answer = (response: DimseResponse): Promise<void> => {
    logUnlessSuccess(request, response);
    return respond(sopInstanceUid === undefined ? response : { ...response, affectedSopInstanceUid: sopInstanceUid });
  };
  const refuse = (code: number, message: string, tag: string): DimseOperation => ({
    finish: () => answer({ status: code, errorComment: message, offendingElement: [tag] }),
  });

  if (sopInstanceUid === undefined) {
    return refuse(status.invalidSopInstance, 'Affected SOP Instance UID is missing.', '00001000');
  }
  if (sopClassUid === undefined) {
    return refuse(status.sopClassNotSupported, 'Affected SOP Class UID is missing.', '00000002');
  }
  if (sopClassUid !== context.abstractSyntaxUid) {
    return refuse(status.sopClassNotSupported, 'The presentation context is for another SOP class.', '00000002');
  }
  if (!request.hasDataSet) return refuse(status.mistypedArgument, 'There is no data set.', '00000800');

  const receiver = options.ingest.receive({
    door: 'dimse',
    id: association.id,
    callingAeTitle: association.callingAeTitle,
    address: association.address,
    affected: { sopClassUid, sopInstanceUid },
    // Its context would not have been accepted otherwise.
    ...(isKnown(sopClassUid, options) ? {} : { isSpecialized: true }),
    ...(command.moveOriginatorAeTitle === undefined ? {} : { moveOriginatorAeTitle: command.moveOriginatorAeTitle }),
  });
  return receiveInstance({
    receiver,
    header: fileHeader(request, sopClassUid, sopInstanceUid),
    refusal: options.access('store', association),
    answer,
  });
}

function logUnlessSuccess({ command, log }: DimseRequest, response: DimseResponse): void {
  if (response.status === status.success) return;
  log.warn(isWarning(response.status) ? 'An instance was answered with a warning.' : 'An instance was refused.', {
    messageId: command.messageId,
    sopInstanceUid: command.affectedSopInstanceUid,
    status: statusText(response.status),
    reason: response.errorComment,
    offendingElement: response.offendingElement?.[0],
  });
}

/** What makes the data set a Part 10 file. */
function fileHeader({ association, context }: DimseRequest, sopClassUid: string, sopInstanceUid: string): Buffer {
  return encodeFileHeader({
    sopClassUid,
    sopInstanceUid,
    transferSyntaxUid: context.transferSyntaxUid,
    sourceAeTitle: association.callingAeTitle,
  });
}

interface ReceivedInstance {
  readonly receiver: InstanceReceiver;
  /** What makes the data set a file. */
  readonly header: Buffer;
  /** Why the caller may not store, if it may not. */
  readonly refusal: Promise<string | undefined>;
  answer(response: DimseResponse): Promise<void>;
}

function receiveInstance({ receiver, header, refusal, answer }: ReceivedInstance): DimseOperation {
  const gathered = gatherSmallChunks(receiver);
  let headerTaken = receiver.write(header);
  let complete = false;
  let refused = false;
  // Told by `finish`; what still comes of an instance that is refused is passed over.
  const decided = refusal.then(async (why) => {
    refused = why !== undefined;
    if (refused) await receiver.abort();
    return why;
  });
  decided.catch(() => {});

  return {
    write(bytes) {
      if (refused) return undefined;
      if (headerTaken === undefined) return gathered.write(bytes);
      const copy = Buffer.from(bytes);
      const taken = headerTaken.then(() => gathered.write(copy));
      headerTaken = undefined;
      return taken;
    },
    async finish() {
      complete = true;
      const why = await decided.catch(async (thrown: unknown) => {
        await receiver.abort();
        throw thrown;
      });
      if (why !== undefined) return answer({ status: status.notAuthorized, errorComment: why });
      await headerTaken;
      await gathered.flush();
      await answer(storeResponse(await receiver.finish()));
    },
    async abort() {
      // What is complete is stored, whether or not the sender is still there to hear of it.
      if (!complete && !refused) await receiver.abort();
    },
  };
}
