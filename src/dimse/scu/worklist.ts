import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { modalityWorklistSopClass } from '../modality-worklist.ts';
import type { PresentationContext } from '../service.ts';

/** Explicit VR keeps the VR of private keys. */
const syntaxes = [transferSyntaxUids.explicitVrLittleEndian, transferSyntaxUids.implicitVrLittleEndian];

export const worklistContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: modalityWorklistSopClass, transferSyntaxUids: syntaxes },
];

/** @throws CausewayError `sop-class-unsupported` if the peer has no worklist */
export function worklistContext(accepted: readonly PresentationContext[]): PresentationContext {
  const context = accepted.find(({ abstractSyntaxUid }) => abstractSyntaxUid === modalityWorklistSopClass);
  if (context === undefined) throw new CausewayError('sop-class-unsupported', 'The peer does not offer a worklist.');
  return context;
}
