import type { Activity } from '../../activity/activity.ts';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { commandField } from '../command/command-field.ts';
import { status } from '../command/status.ts';
import type { DimseService } from '../service.ts';

const verificationSopClass = '1.2.840.10008.1.1';

/** Verification as SCP: C-ECHO. PS3.4 annex A, PS3.7 §9.1.5. @param activity is told of each */
export function createEchoService(activity?: Pick<Activity, 'tell'>): DimseService {
  return {
    name: 'C-ECHO',
    commandField: commandField.cEcho,
    acceptsSopClass: (sopClassUid) => sopClassUid === verificationSopClass,
    // No data set is ever sent, so that any transfer syntax will do that is one.
    acceptsTransferSyntax: (uid) => transferSyntax(uid) !== undefined,
    begin: ({ association }, respond) => ({
      async finish() {
        const { id, callingAeTitle, calledAeTitle, address } = association;
        activity?.tell({ kind: 'echo', association: id, callingAeTitle, calledAeTitle, address });
        await respond({ status: status.success });
      },
    }),
  };
}
