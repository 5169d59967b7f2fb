import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import { CausewayError } from '../../kernel/errors.ts';
import type { ProposedContext } from '../association/associate-request.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import type { Peer } from '../service.ts';
import { remoteFailure } from './remote-status.ts';

const verificationSopClass = '1.2.840.10008.1.1';

export const echoContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: verificationSopClass, transferSyntaxUids: [transferSyntaxUids.implicitVrLittleEndian] },
];

/**
 * C-ECHO: is anybody there?
 * @throws CausewayError `sop-class-unsupported` if the peer does not offer Verification, `unavailable`, `aborted`
 * @see PS3.4 annex A, PS3.7 §9.1.5
 */
export async function echo(peer: Peer): Promise<void> {
  const context = peer.contexts.find(({ abstractSyntaxUid }) => abstractSyntaxUid === verificationSopClass);
  if (context === undefined) throw new CausewayError('sop-class-unsupported', 'The peer does not offer C-ECHO.');
  const command = { commandField: commandField.cEcho, affectedSopClassUid: verificationSopClass };
  const response = await peer.invoke(context.id, command);
  if (response.status !== status.success) throw remoteFailure('C-ECHO', response);
}
