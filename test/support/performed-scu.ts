import { writeIdentifier } from '../../src/dicom/identifier.ts';
import { type Attributes, dataSetOf as attributesOf } from '../../src/dicom/keyword-attributes.ts';
import { transferSyntaxUids } from '../../src/dicom/transfer-syntaxes.ts';
import { commandField } from '../../src/dimse/command/command-field.ts';
import type { CommandSet } from '../../src/dimse/command/command-set.ts';
import { defaultDimseLimits } from '../../src/dimse/limits.ts';
import { createOpenAssociation, type OpenedAssociation } from '../../src/dimse/scu/open-association.ts';
import { silentLog } from '../../src/kernel/log.ts';

const sopClassUid = '1.2.840.10008.3.1.2.3.3';

/** A modality that tells of the steps that it performs. */
export interface PerformedStepScu {
  /** @param sopInstanceUid undefined: the SCP makes one */
  create(sopInstanceUid: string | undefined, attributes: Attributes): Promise<CommandSet>;
  set(sopInstanceUid: string, attributes: Attributes): Promise<CommandSet>;
  close(): Promise<void>;
}

export async function openPerformedStepScu(
  port: number,
  callingAeTitle: string,
  transferSyntaxUid: string = transferSyntaxUids.implicitVrLittleEndian,
): Promise<PerformedStepScu> {
  const open = createOpenAssociation({ aeTitle: callingAeTitle, limits: defaultDimseLimits });
  const association: OpenedAssociation = await open({
    aeTitle: 'CAUSEWAY',
    host: '127.0.0.1',
    port,
    contexts: [{ id: 1, abstractSyntaxUid: sopClassUid, transferSyntaxUids: [transferSyntaxUid] }],
    log: silentLog,
  });
  const invoke = (command: CommandSet, attributes: Attributes): Promise<CommandSet> =>
    association.peer.invoke(1, command, [writeIdentifier(attributesOf(attributes), transferSyntaxUid)]);
  return {
    create: (sopInstanceUid, attributes) =>
      invoke(
        {
          commandField: commandField.nCreate,
          affectedSopClassUid: sopClassUid,
          ...(sopInstanceUid === undefined ? {} : { affectedSopInstanceUid: sopInstanceUid }),
        },
        attributes,
      ),
    set: (sopInstanceUid, attributes) =>
      invoke(
        {
          commandField: commandField.nSet,
          requestedSopClassUid: sopClassUid,
          requestedSopInstanceUid: sopInstanceUid,
        },
        attributes,
      ),
    close: () => association.release(),
  };
}
