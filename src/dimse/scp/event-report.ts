import { readCommitmentReport } from '../../dicom/commitment-data-set.ts';
import { isIdentifierSyntax } from '../../dicom/identifier.ts';
import { asCausewayError } from '../../kernel/errors.ts';
import { commandField } from '../command/command-field.ts';
import { status, statusText } from '../command/status.ts';
import type { CommitmentReports } from '../commitment-reports.ts';
import { gatherIdentifier } from '../gather-identifier.ts';
import { heldByNotices } from '../held-bytes.ts';
import type { DimseService } from '../service.ts';
import { storageCommitment } from '../storage-commitment.ts';
import { gathering } from './gathering.ts';

const maxReportBytes = 16_777_216;
/** Of one that comes while nobody waits for any: enough to tell of a late one in the log. */
const maxUnawaitedBytes = 65_536;

/** Archives report from titles and addresses of their own: what nobody waits for is of no consequence. */
const anybody = Promise.resolve(undefined);

/** Takes what peers tell of storage that we had them commit to: N-EVENT-REPORT. PS3.4 §J.3.3, PS3.7 §10.1.1. */
export function createEventReportService(reports: Pick<CommitmentReports, 'arrived' | 'isAnyExpected'>): DimseService {
  return {
    name: 'N-EVENT-REPORT',
    commandField: commandField.nEventReport,
    acceptsSopClass: (uid) => uid === storageCommitment.sopClassUid,
    acceptsTransferSyntax: isIdentifierSyntax,
    begin({ association, context, command, hasDataSet, log }, respond) {
      const awaited = reports.isAnyExpected();
      const maxBytes = awaited ? maxReportBytes : maxUnawaitedBytes;
      const dataSet = gatherIdentifier(maxBytes, heldByNotices.of(association.address));
      const answer = (code: number, errorComment?: string) =>
        respond({
          status: code,
          affectedSopInstanceUid: storageCommitment.sopInstanceUid,
          ...(command.eventTypeId === undefined ? {} : { eventTypeId: command.eventTypeId }),
          ...(errorComment === undefined ? {} : { errorComment }),
        });
      return gathering(dataSet, anybody, {
        async finish() {
          if (context.abstractSyntaxUid !== storageCommitment.sopClassUid) {
            return answer(status.sopClassNotSupported, 'The presentation context is not one for storage commitment.');
          }
          if (!hasDataSet) return answer(status.mistypedArgument, 'There is no data set.');
          try {
            const report = readCommitmentReport(dataSet.read(context.transferSyntaxUid));
            const { transactionUid, committed, failed } = report;
            const facts = { transactionUid, committed: committed.length, failed: failed.length };
            if (reports.arrived(report)) log.info('A peer reported on storage commitment.', facts);
            else log.warn('A peer reported on storage commitment that nobody waits for.', facts);
          } catch (thrown) {
            const { code, message } = asCausewayError(thrown);
            if (code === 'internal') throw thrown;
            if (code === 'limit-exceeded' && !awaited) {
              log.warn('A long report on storage commitment came while nobody waits for any.');
              return answer(status.success);
            }
            log.warn('A report was refused.', { status: statusText(status.processingFailure), reason: message });
            return answer(status.processingFailure, message);
          }
          return answer(status.success);
        },
      });
    },
  };
}
