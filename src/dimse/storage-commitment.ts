import { transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';

/** Storage Commitment Push Model. PS3.4 §J.3. */
export const storageCommitment = {
  sopClassUid: '1.2.840.10008.1.20.1',
  /** The one instance that there is, well known. */
  sopInstanceUid: '1.2.840.10008.1.20.1.1',
  /** Action Type ID: request storage commitment. */
  requestAction: 1,
  /** Event Type IDs: all are committed; some are not. */
  successEvent: 1,
  failuresEvent: 2,
  /** In which requests and reports are proposed. */
  transferSyntaxUids: [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian],
} as const;
