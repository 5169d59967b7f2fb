/**
 * What `import … from 'causeway/dimse'` brings: a DIMSE client and server that need neither a database nor HTTP. Use cases
 * with examples are in docs/library.md.
 */
export type { ReferencedInstance } from '../dicom/commitment-data-set.ts';
export type { DicomJson, DicomJsonElement, DicomJsonValue, PersonNameValue, Vr } from '../dicom/json-model.ts';
export { type Attributes, type AttributeValue, attributesOf, dataSetOf } from '../dicom/keyword-attributes.ts';
export type { DimseLimits } from '../dimse/limits.ts';
export type { RetrievalProgress, RetrievalResult } from '../dimse/scu/retrieval-request.ts';
export type { TlsFiles } from '../dimse/tls/tls-identity.ts';
export { CausewayError, type ErrorCode } from '../kernel/errors.ts';
export type { Log } from '../kernel/log.ts';
export type { AnswerQuery, IncomingQuery, IncomingWorklistQuery, QueryLevel } from './answer-queries.ts';
export {
  type ApplicationEntity,
  type ApplicationEntityOptions,
  type CommitmentResult,
  createApplicationEntity,
  type ListenOptions,
  type Match,
  type PeerOperation,
  type Refuse,
  type RetrieveKeys,
  type RetrieveOptions,
  type StoreOptions,
  type StoreResult,
} from './application-entity.ts';
export type { CallingUser, CheckUser } from './check-user.ts';
export type { CommitToInstances, IncomingCommitmentRequest } from './incoming-commitment.ts';
export type { Caller, IncomingInstance, ReceiveInstance } from './incoming-instance.ts';
export type { PeerAddress, PeerNode } from './peer-address.ts';
export { type DicomFile, readAttributes, readDataSet } from './read-attributes.ts';
export { type FileSetEntry, readDicomdir } from './read-dicomdir.ts';
export type { IncomingRetrieval, RetrievedInstance, RetrieveInstances } from './retrieved-instances.ts';
export { storeIn } from './store-in.ts';
export type { UncommittedInstance } from './uncommitted-instances.ts';
export { newUid, wrapPdf } from './wrap-pdf.ts';
export { writeFileSet } from './write-file-set.ts';
